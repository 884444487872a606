package io.usageapi.totals;

import io.quarkus.test.junit.QuarkusIntegrationTest;

/** The same again, on the packaged server. */
@QuarkusIntegrationTest
class TotalsIT extends TotalsTest {}
