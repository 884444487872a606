package io.usageapi.telemetry;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ImageMode;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/** Tells in the metrics and in the log which build runs, and on what. */
@Singleton
public class BuildInfo {
  private static final Logger LOG = Logger.getLogger(BuildInfo.class);

  private final MeterRegistry registry;
  private final String version;
  private final String commit;

  /**
   * @param commit 12 digits of its id, {@code -dirty} behind them if files had changed; {@code
   *     unknown} if the build had no repository
   */
  BuildInfo(
      MeterRegistry registry,
      @ConfigProperty(name = "quarkus.application.version") String version,
      @ConfigProperty(name = "git.commit", defaultValue = "unknown") String commit) {
    this.registry = registry;
    this.version = version;
    this.commit = commit;
  }

  void tell(@Observes StartupEvent start) {
    String runtime = ImageMode.current() == ImageMode.JVM ? "jvm" : "native";
    String java = Runtime.version().toString();
    Gauge.builder("usage_api.build.info", () -> 1)
        .description("Always 1; the labels tell which build runs")
        .tag("version", version)
        .tag("commit", commit)
        .tag("runtime", runtime)
        .tag("java", java)
        .register(registry);
    LOG.infof("usage-api %s, commit %s, %s, Java %s", version, commit, runtime, java);
  }
}
