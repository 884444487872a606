package io.usageapi.usage;

import io.quarkus.test.junit.QuarkusIntegrationTest;

/** The same again, on the packaged server. */
@QuarkusIntegrationTest
class ConditionalUsageIT extends ConditionalUsageTest {}
