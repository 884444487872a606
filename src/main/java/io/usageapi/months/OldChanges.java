package io.usageapi.months;

import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Uni;
import io.usageapi.account.EveryOrganization;
import io.usageapi.aggregate.change.ChangeLogRepository;
import io.usageapi.database.Steps;
import io.usageapi.security.OrganizationId;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;
import org.jboss.logging.Logger;

/** Deletes what is in the log of changes for longer than it is kept. */
@ApplicationScoped
class OldChanges {
  private static final Logger LOG = Logger.getLogger(OldChanges.class);

  private final EveryOrganization organizations;
  private final ChangeLogRepository changes;
  private final MonthsConfig config;
  private final Clock clock;

  OldChanges(
      EveryOrganization organizations,
      ChangeLogRepository changes,
      MonthsConfig config,
      Clock clock) {
    this.organizations = organizations;
    this.changes = changes;
    this.config = config;
    this.clock = clock;
  }

  /** Runs regularly, on every replica. A failure is logged and retried next time. */
  @Scheduled(
      identity = "old-changes",
      every = "1h",
      delayed = "45s",
      concurrentExecution = ConcurrentExecution.SKIP)
  Uni<Void> runRegularly() {
    return run()
        .onFailure()
        .invoke(e -> LOG.warnf("Old changes are deleted later: %s", e))
        .onFailure()
        .recoverWithNull();
  }

  Uni<Void> run() {
    Instant before = clock.instant().minus(config.changes().kept());
    return organizations
        .all()
        .onItem()
        .transformToUniAndConcatenate(organization -> delete(organization, before))
        .collect()
        .last()
        .replaceWithVoid();
  }

  /** An organization whose changes cannot be deleted does not keep the others waiting. */
  private Uni<Optional<Long>> delete(OrganizationId organization, Instant before) {
    return Steps.iterate(
            0L, after -> changes.deleteOld(organization, before, after), Function.identity())
        .collect()
        .last()
        .onFailure()
        .invoke(e -> LOG.warnf("Old changes of %s are deleted later: %s", organization.value(), e))
        .onFailure()
        .recoverWithNull();
  }
}
