package io.usageapi.intake;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;
import io.quarkus.runtime.Startup;
import io.smallrye.mutiny.Uni;
import io.usageapi.error.ErrorCode;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Counts the outcomes of records and of their batches on this replica, and keeps the time of the
 * newest record. All of it is in memory, because the database would have to read all its records.
 * For the whole server, add up the counts of all replicas and take the maximum of their times.
 */
@Startup
@Singleton
public class RecordMeters {
  private static final String RECORDS = "usage_api.records";
  private static final String BATCH = "usage_api.records.batch";
  private static final String LAST_ACCEPTED = "usage_api.records.last.accepted.timestamp";
  private static final String NEWEST = "usage_api.records.newest.timestamp";

  private static final Set<ErrorCode> CODES =
      Set.of(
          ErrorCode.INVALID_RECORD,
          ErrorCode.CONFLICT,
          ErrorCode.ACCOUNT_NOT_IN_ORGANIZATION,
          ErrorCode.RECORD_TOO_OLD,
          ErrorCode.MONTH_CLOSED);

  private final Clock clock;
  private final Counter accepted;
  private final Counter duplicates;
  private final Map<ErrorCode, Counter> rejected = new EnumMap<>(ErrorCode.class);
  private final Timer committed;
  private final Timer failed;
  private final AtomicReference<Instant> lastAccepted;
  private final AtomicReference<Instant> newest = new AtomicReference<>();

  RecordMeters(MeterRegistry registry, Clock clock) {
    this.clock = clock;
    // At first the time of the start, so that a lack of records shows too.
    this.lastAccepted = new AtomicReference<>(clock.instant());
    this.accepted = counter(registry, "accepted", "");
    this.duplicates = counter(registry, "duplicate", "");
    CODES.forEach(code -> rejected.put(code, counter(registry, "rejected", code.wireName())));
    this.committed = timer(registry, "committed");
    this.failed = timer(registry, "failed");
    TimeGauge.builder(LAST_ACCEPTED, lastAccepted, TimeUnit.SECONDS, RecordMeters::seconds)
        .description("When this replica last accepted a record, or started")
        .register(registry);
    TimeGauge.builder(NEWEST, newest, TimeUnit.SECONDS, RecordMeters::seconds)
        .description("When the latest record occurred that this replica accepted since its start")
        .register(registry);
  }

  private static Counter counter(MeterRegistry registry, String outcome, String code) {
    return Counter.builder(RECORDS)
        .description("Records sent to this replica, by outcome")
        .tag("outcome", outcome)
        .tag("code", code)
        .register(registry);
  }

  private static Timer timer(MeterRegistry registry, String outcome) {
    return Timer.builder(BATCH)
        .description("Batches of records of one organization, each a transaction with its retries")
        .tag("outcome", outcome)
        .register(registry);
  }

  private static double seconds(AtomicReference<Instant> time) {
    Instant known = time.get();
    return known == null ? Double.NaN : known.toEpochMilli() / 1000.0;
  }

  /** Counts and times a batch of one organization: a transaction, with its retries. */
  <T> Uni<T> timed(Uni<T> batch) {
    return Uni.createFrom()
        .deferred(
            () -> {
              Timer.Sample begun = Timer.start();
              return batch
                  .onItem()
                  .invoke(() -> begun.stop(committed))
                  .onFailure()
                  .invoke(() -> begun.stop(failed));
            });
  }

  /** A record is committed and counts. */
  public void accept(Instant occurredAt) {
    accepted.increment();
    Instant now = clock.instant();
    lastAccepted.set(now);
    // A record dated ahead must not hide for weeks that no others come.
    Instant occurred = occurredAt.isAfter(now) ? now : occurredAt;
    newest.accumulateAndGet(
        occurred, (known, other) -> known == null || known.isBefore(other) ? other : known);
  }

  /** A record was counted before. */
  public void duplicate() {
    duplicates.increment();
  }

  /** A record was rejected, with one of the codes of records. */
  public void reject(ErrorCode code) {
    rejected.get(code).increment();
  }
}
