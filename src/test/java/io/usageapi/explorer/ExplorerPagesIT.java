package io.usageapi.explorer;

import io.quarkus.test.junit.QuarkusIntegrationTest;

@QuarkusIntegrationTest
class ExplorerPagesIT extends ExplorerPagesTest {}
