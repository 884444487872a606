package io.usageapi.totals;

import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Uni;
import io.usageapi.account.EveryOrganization;
import io.usageapi.aggregate.total.MonthTotalsRepository;
import io.usageapi.security.OrganizationId;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import org.jboss.logging.Logger;

/**
 * Adds the totals of months up anew where they are stale: after the migration that made them, and
 * after a server of the release before it wrote. Until then totals are read from the aggregates.
 */
@ApplicationScoped
class StaleTotals {
  private static final Logger LOG = Logger.getLogger(StaleTotals.class);

  /** For a statement, which adds up at least a whole month; that of commands by default. */
  private static final Duration DEADLINE = Duration.ofMinutes(5);

  private final EveryOrganization organizations;
  private final MonthTotalsRepository totals;

  StaleTotals(EveryOrganization organizations, MonthTotalsRepository totals) {
    this.organizations = organizations;
    this.totals = totals;
  }

  /**
   * Runs soon after the start and then regularly, on every replica. What one of them adds up the
   * others leave to it.
   */
  @Scheduled(
      identity = "stale-totals",
      every = "1h",
      delayed = "30s",
      concurrentExecution = ConcurrentExecution.SKIP)
  Uni<Void> runRegularly() {
    return run()
        .onFailure()
        .invoke(e -> LOG.warnf("Stale totals of months are added up later: %s", e))
        .onFailure()
        .recoverWithNull();
  }

  Uni<Void> run() {
    return organizations
        .all()
        .onItem()
        .transformToUniAndConcatenate(this::refresh)
        .collect()
        .last()
        .replaceWithVoid();
  }

  /** An organization whose totals cannot be added up does not keep the others waiting. */
  private Uni<Void> refresh(OrganizationId organization) {
    return totals
        .areDue(organization)
        .chain(due -> due ? build(organization) : Uni.createFrom().voidItem())
        .onFailure()
        .invoke(
            e ->
                LOG.warnf(
                    "The totals of months of %s are added up later: %s", organization.value(), e))
        .onFailure()
        .recoverWithNull();
  }

  private Uni<Void> build(OrganizationId organization) {
    return totals
        .buildIfDue(organization, DEADLINE)
        .invoke(
            built ->
                LOG.infof(
                    "The totals of months of %s were %s",
                    organization.value(),
                    built ? "added up" : "left to another server, or to later"))
        .replaceWithVoid();
  }
}
