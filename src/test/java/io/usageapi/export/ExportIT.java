package io.usageapi.export;

import io.quarkus.test.junit.QuarkusIntegrationTest;

/** The same again, on the packaged server. */
@QuarkusIntegrationTest
class ExportIT extends ExportTest {}
