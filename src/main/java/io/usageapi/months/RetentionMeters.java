package io.usageapi.months;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.quarkus.runtime.Startup;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Keeps when {@link Retention} last completed on this replica, or was last seen to have nothing to
 * do, and until when partitions exist. For the whole server, take the maximum over all replicas.
 */
@Startup
@Singleton
public class RetentionMeters {
  private final Clock clock;
  private final AtomicReference<Instant> completed;
  private final AtomicReference<Instant> end = new AtomicReference<>();

  RetentionMeters(MeterRegistry registry, Clock clock) {
    this.clock = clock;
    // At first the time of the start, so that a job that never completes shows too.
    this.completed = new AtomicReference<>(clock.instant());
    gauge(
        registry,
        "usage_api.retention.completed.timestamp",
        "When the job of retention last completed on this replica, or the replica started",
        completed);
    gauge(
        registry,
        "usage_api.partitions.end.timestamp",
        "When the last partition of records ends",
        end);
  }

  private static void gauge(
      MeterRegistry registry, String name, String description, AtomicReference<Instant> time) {
    TimeGauge.builder(name, time, TimeUnit.SECONDS, RetentionMeters::seconds)
        .description(description)
        .register(registry);
  }

  private static double seconds(AtomicReference<Instant> time) {
    Instant known = time.get();
    return known == null ? Double.NaN : (double) known.getEpochSecond();
  }

  /** The job completed. */
  void complete() {
    completed.set(clock.instant());
  }

  /**
   * The partitions are known.
   *
   * @param day the first day after the last one
   */
  void partitionsEnd(LocalDate day) {
    end.set(day.atStartOfDay(ZoneOffset.UTC).toInstant());
  }
}
