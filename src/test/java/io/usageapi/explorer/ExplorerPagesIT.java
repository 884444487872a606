package io.usageapi.explorer;

import io.quarkus.test.junit.QuarkusIntegrationTest;
import org.junit.jupiter.api.Tag;

@Tag("image")
@QuarkusIntegrationTest
class ExplorerPagesIT extends ExplorerPagesTest {}
