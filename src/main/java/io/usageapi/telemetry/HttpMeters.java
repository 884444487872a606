package io.usageapi.telemetry;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.config.MeterFilterReply;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Bounds the metrics of requests, which count by route, method and status. The setting {@code
 * quarkus.micrometer.binder.http-server.match-patterns} lists the routes.
 */
public class HttpMeters {
  private static final String REQUESTS = "http.server.requests";

  /**
   * Callers may invent others; each would be a series of its own for as long as the server runs.
   */
  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT");

  /** From a 304 to the longest deadline; the same on all replicas, so that they add up. */
  private static final List<Duration> BUCKETS =
      Stream.of(2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000)
          .map(Duration::ofMillis)
          .toList();

  /** Which requests are counted, and into which durations. */
  @Produces
  @Singleton
  MeterFilter requests() {
    return new MeterFilter() {
      @Override
      public MeterFilterReply accept(Meter.Id id) {
        String method = id.getName().equals(REQUESTS) ? id.getTag("method") : null;
        return method == null || METHODS.contains(method)
            ? MeterFilterReply.NEUTRAL
            : MeterFilterReply.DENY;
      }

      @Override
      public DistributionStatisticConfig configure(
          Meter.Id id, DistributionStatisticConfig config) {
        return id.getName().equals(REQUESTS)
            ? DistributionStatisticConfig.builder()
                .serviceLevelObjectives(BUCKETS.stream().mapToDouble(Duration::toNanos).toArray())
                .build()
                .merge(config)
            : config;
      }
    };
  }
}
