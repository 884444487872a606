package io.usageapi.intake;

import io.quarkus.test.junit.QuarkusIntegrationTest;

/** The same again, on the packaged server. */
@QuarkusIntegrationTest
class FocusIT extends FocusTest {}
