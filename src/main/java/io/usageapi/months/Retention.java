package io.usageapi.months;

import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Uni;
import io.usageapi.account.EveryOrganization;
import io.usageapi.database.BatchDelete.Deleted;
import io.usageapi.database.Steps;
import io.usageapi.months.RetentionRepository.DependentTable;
import io.usageapi.security.OrganizationId;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Drops the records of months older than the retention period, and creates partitions ahead.
 *
 * <p>One transaction drops the partitions and stores the first month that is kept. Intake cannot
 * bring a dropped month back, and needs no lock for that. An intake transaction that read the old
 * limit finds no partition: it rolls back, with the identities it claimed, is retried, and then
 * rejects these records. An intake transaction that inserted before makes the drop wait for its
 * commit. So after the drop no identity and no day of a dropped month is added. The existing ones
 * are then deleted in batches. Their end is stored last, so that the next run completes an
 * interrupted one.
 *
 * <p>Every replica runs this; if another one is at work, it skips its turn. Where the server's
 * database user does not own the tables, the command {@code retention} is run as their owner, and
 * the replicas only look whether it has left anything to do.
 */
@ApplicationScoped
public class Retention {
  private static final Logger LOG = Logger.getLogger(Retention.class);

  /** How many months of partitions to keep ready after the last month that records may occur in. */
  private static final int MONTHS_AHEAD = 13;

  private final RetentionRepository repository;
  private final EveryOrganization organizations;
  private final MonthsConfig config;
  private final RetentionMeters meters;
  private final Clock clock;

  Retention(
      RetentionRepository repository,
      EveryOrganization organizations,
      MonthsConfig config,
      RetentionMeters meters,
      Clock clock) {
    this.repository = repository;
    this.organizations = organizations;
    this.config = config;
    this.meters = meters;
    this.clock = clock;
  }

  /** Runs soon after the start, and then regularly. A failure is logged and retried next time. */
  @Scheduled(
      identity = "retention",
      every = "${usage-api.records.interval}",
      delayed = "10s",
      concurrentExecution = ConcurrentExecution.SKIP)
  Uni<Void> runRegularly() {
    return (config.records().scheduled() ? run().replaceWith(true) : isDone())
        .invoke(
            done -> {
              if (done) {
                meters.complete();
              }
            })
        .replaceWithVoid()
        .onFailure(RetentionRepository.AnotherReplicaException.class)
        .recoverWithNull()
        .onFailure()
        .invoke(e -> LOG.warnf("Retention failed and is tried again later: %s", e))
        .onFailure()
        .recoverWithNull();
  }

  /**
   * Creates partitions ahead and drops what is no longer kept. Safe to repeat. Fails if another
   * process is at work, or if the database user does not own the tables.
   */
  public Uni<Void> run() {
    return createPartitions().chain(() -> dropRecords()).chain(() -> dropDependentRows());
  }

  /**
   * Whether there is nothing to create or drop. It only reads, so the database user need not own
   * the tables.
   */
  Uni<Boolean> isDone() {
    return repository
        .partitionEnds()
        .invoke(ends -> meters.partitionsEnd(ends.last()))
        .chain(
            ends ->
                repository
                    .firstKeptWithRowsToDrop()
                    .map(
                        rowsToDrop ->
                            rowsToDrop.isEmpty()
                                && ends.last().isAfter(lastMonth().atDay(1))
                                && firstKept()
                                    .filter(day -> !ends.first().isAfter(day))
                                    .isEmpty()));
  }

  /** The last month that needs a partition now. */
  private YearMonth lastMonth() {
    return month(clock.instant().plus(config.intake().maxAhead())).plusMonths(MONTHS_AHEAD);
  }

  /**
   * The first day whose records are kept; empty for all. A month has passed the retention period
   * exactly if it is before the month that long ago.
   */
  private Optional<LocalDate> firstKept() {
    return config
        .records()
        .retention()
        .map(months -> month(clock.instant()).minusMonths(months).atDay(1));
  }

  private Uni<Void> createPartitions() {
    return repository
        .createPartitions(lastMonth())
        .invoke(
            ahead -> {
              meters.partitionsEnd(ahead.end());
              ahead.created().ifPresent(names -> LOG.infof("Partitions created: %s", names));
            })
        .replaceWithVoid();
  }

  private Uni<Void> dropRecords() {
    Optional<LocalDate> kept = firstKept();
    if (kept.isEmpty()) {
      return Uni.createFrom().voidItem();
    }
    return repository
        .drop(kept.get(), clock.instant())
        .invoke(done -> done.ifPresent(from -> LOG.infof("Records before %s were dropped", from)))
        .replaceWithVoid();
  }

  private static YearMonth month(Instant time) {
    return YearMonth.from(time.atOffset(ZoneOffset.UTC));
  }

  private Uni<Void> dropDependentRows() {
    return repository
        .firstKeptWithRowsToDrop()
        .chain(
            before ->
                before.isPresent() ? dropDependentRows(before.get()) : Uni.createFrom().voidItem());
  }

  private Uni<Void> dropDependentRows(LocalDate before) {
    return organizations
        .all()
        .onItem()
        .transformToUniAndConcatenate(
            next ->
                repository
                    .hideDays(next, before)
                    .chain(() -> drop(next, DependentTable.DAYS, before))
                    .chain(() -> drop(next, DependentTable.IDENTITIES, before)))
        .collect()
        .last()
        .chain(() -> repository.markDependentRowsDropped(before, clock.instant()))
        .invoke(() -> LOG.infof("Days and identities of records before %s were dropped", before));
  }

  private Uni<Void> drop(OrganizationId organization, DependentTable what, LocalDate before) {
    return Steps.iterate(
            List.<Object>of(),
            after -> repository.deleteNext(organization, what, after, before),
            Deleted::end)
        .collect()
        .last()
        .replaceWithVoid();
  }
}
