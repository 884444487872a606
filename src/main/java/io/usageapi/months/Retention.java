package io.usageapi.months;

import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Uni;
import io.usageapi.database.Steps;
import io.usageapi.months.RetentionRepository.OfRecords;
import io.usageapi.security.OrganizationId;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jboss.logging.Logger;

/**
 * Drops the records of months that ended longer ago than records are kept, and makes the partitions
 * of the months to come.
 *
 * <p>What keeps intake from bringing a dropped month back is that its partition is gone. One
 * transaction drops the partitions and writes down from which month on records are kept. Intake
 * that had read what was kept before finds no partition to insert into: its transaction is undone,
 * the identities it claimed with it, and tried again, and then rejects these records. Intake that
 * had inserted before makes the drop wait for its commit. So, without a lock between the two, once
 * the drop is committed no identity of a dropped month is ever added, nor a day. Those there are
 * can then be deleted at leisure, a batch at a time; that they all are is written down last, and a
 * run that was interrupted before is made up for by the next.
 *
 * <p>Every replica runs this, and one that finds another at work leaves it the work.
 */
@ApplicationScoped
public class Retention {
  private static final Logger LOG = Logger.getLogger(Retention.class);

  /** How many months behind the last in which a record may occur there are partitions for. */
  private static final int MONTHS_AHEAD = 13;

  private final RetentionRepository repository;
  private final MonthsConfig config;
  private final Clock clock;

  Retention(RetentionRepository repository, MonthsConfig config, Clock clock) {
    this.repository = repository;
    this.config = config;
    this.clock = clock;
  }

  /** Runs soon after the start, when migrations are done, and regularly; a failure is no end. */
  @Scheduled(
      identity = "retention",
      every = "${usage-api.records.interval}",
      delayed = "10s",
      concurrentExecution = ConcurrentExecution.SKIP)
  Uni<Void> runRegularly() {
    return run()
        .onFailure(RetentionRepository.AnotherReplicaException.class)
        .recoverWithNull()
        .onFailure()
        .invoke(e -> LOG.warnf("Retention could not be seen to and is tried again later: %s", e))
        .onFailure()
        .recoverWithNull();
  }

  /** Makes partitions ahead, and drops what is no longer kept. Does nothing where that is done. */
  Uni<Void> run() {
    return makeAhead().chain(() -> dropRecords()).chain(() -> dropRest());
  }

  private Uni<Void> makeAhead() {
    YearMonth last = month(clock.instant().plus(config.intake().maxAhead()));
    return repository
        .makePartitions(last.plusMonths(MONTHS_AHEAD))
        .invoke(made -> made.ifPresent(it -> LOG.infof("Partitions made: %s", it)))
        .replaceWithVoid();
  }

  private Uni<Void> dropRecords() {
    if (config.records().retention().isEmpty()) {
      return Uni.createFrom().voidItem();
    }
    // A month that ended longer ago than that is before the month that is that long ago.
    YearMonth kept = month(clock.instant()).minusMonths(config.records().retention().get());
    return repository
        .drop(kept.atDay(1), clock.instant())
        .invoke(done -> done.ifPresent(from -> LOG.infof("Records before %s were dropped", from)))
        .replaceWithVoid();
  }

  private static YearMonth month(Instant time) {
    return YearMonth.from(time.atOffset(ZoneOffset.UTC));
  }

  private Uni<Void> dropRest() {
    return repository
        .identitiesToDrop()
        .chain(before -> before.isPresent() ? dropRest(before.get()) : Uni.createFrom().voidItem());
  }

  private Uni<Void> dropRest(LocalDate before) {
    return Steps.of(
            () -> new AtomicReference<>(Optional.<OrganizationId>empty()),
            at -> repository.organizationAfter(at.get()).invoke(at::set))
        .until(Optional::isEmpty)
        .map(Optional::orElseThrow)
        .onItem()
        .transformToUniAndConcatenate(
            next ->
                repository
                    .hideDays(next, before)
                    .chain(() -> drop(next, OfRecords.DAYS, before))
                    .chain(() -> drop(next, OfRecords.IDENTITIES, before)))
        .collect()
        .last()
        .chain(() -> repository.identitiesDropped(before, clock.instant()))
        .invoke(() -> LOG.infof("Days and identities of records before %s were dropped", before));
  }

  private Uni<Void> drop(OrganizationId organization, OfRecords what, LocalDate before) {
    return Steps.of(
            () -> new AtomicReference<>(Optional.<List<Object>>empty()),
            at -> repository.dropNext(organization, what, at.get(), before).invoke(at::set))
        .until(Optional::isEmpty)
        .collect()
        .last()
        .replaceWithVoid();
  }
}
