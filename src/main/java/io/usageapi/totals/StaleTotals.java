package io.usageapi.totals;

import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Uni;
import io.usageapi.account.EveryOrganization;
import io.usageapi.aggregate.total.MonthTotalsRepository;
import io.usageapi.security.OrganizationId;
import jakarta.enterprise.context.ApplicationScoped;
import org.jboss.logging.Logger;

/**
 * Adds the totals of months up anew where they are stale: after the migration that made them, and
 * after a server of the release before it wrote. Until then totals are read from the aggregates.
 */
@ApplicationScoped
class StaleTotals {
  private static final Logger LOG = Logger.getLogger(StaleTotals.class);

  private final EveryOrganization organizations;
  private final MonthTotalsRepository totals;

  StaleTotals(EveryOrganization organizations, MonthTotalsRepository totals) {
    this.organizations = organizations;
    this.totals = totals;
  }

  /** Runs soon after the start and then regularly, on every replica. */
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
        .areCurrent(organization)
        .chain(current -> current ? Uni.createFrom().voidItem() : build(organization))
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
        .build(organization)
        .invoke(
            built ->
                LOG.infof(
                    "The totals of months of %s were added up%s",
                    organization.value(), built ? "" : ", but became stale meanwhile"))
        .replaceWithVoid();
  }
}
