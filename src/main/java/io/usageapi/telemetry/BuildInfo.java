package io.usageapi.telemetry;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ImageMode;
import io.quarkus.runtime.Startup;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Tells in the metrics which build runs, and on what. */
@Startup
@Singleton
public class BuildInfo {
  BuildInfo(
      MeterRegistry registry,
      @ConfigProperty(name = "quarkus.application.version") String version) {
    Gauge.builder("usage_api.build.info", () -> 1)
        .description("Always 1; the labels tell which build runs")
        .tag("version", version)
        .tag("runtime", ImageMode.current() == ImageMode.JVM ? "jvm" : "native")
        .tag("java", Runtime.version().toString())
        .register(registry);
  }
}
