package io.usageapi.imports;

import io.quarkus.test.junit.QuarkusIntegrationTest;
import org.junit.jupiter.api.Tag;

/** The same again, on the image ({@code .ci/image}). */
@Tag("image")
@QuarkusIntegrationTest
class ImportIT extends ImportTest {}
