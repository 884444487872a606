package io.usageapi.operator;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.usageapi.database.Outage;
import io.usageapi.database.Steps;
import io.usageapi.operator.RemovalRepository.Deleted;
import io.usageapi.security.OrganizationId;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.PrintStream;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Removes an organization with all it has, in bounded transactions and while others write for it.
 * {@link TenantTable} says in which order, and why.
 */
@ApplicationScoped
public class Removal {
  /** What lands behind the deletions is swept up, once no batch can commit any more. */
  private static final List<TenantTable> ORDER =
      List.of(
          TenantTable.ACCOUNT_MAP,
          TenantTable.RECORDS,
          TenantTable.IDENTITIES,
          TenantTable.DAYS,
          TenantTable.AGGREGATES,
          TenantTable.ACCOUNTS,
          TenantTable.RECORDS,
          TenantTable.IDENTITIES,
          TenantTable.DAYS,
          TenantTable.MONTHS,
          TenantTable.DATA_VERSION,
          TenantTable.ORGANIZATION);

  private static final int MAX_RETRIES = 20;
  private static final Duration FIRST_RETRY = Duration.ofMillis(50);
  private static final Duration LAST_RETRY = Duration.ofSeconds(5);

  private final RemovalRepository holdings;

  Removal(RemovalRepository holdings) {
    this.holdings = holdings;
  }

  /** Reports what there is to remove, and touches nothing. */
  public Uni<Integer> count(OrganizationId organization, PrintStream report) {
    return report(holdings.counts(organization), "would be removed", organization, report);
  }

  /**
   * Removes the organization, and reports how much that was. Where it breaks off it can be run
   * again: it goes on where it was.
   *
   * @return the exit code; fails when accounts of the organization are made again and again
   */
  public Uni<Integer> remove(OrganizationId organization, PrintStream report) {
    Map<TenantTable, Long> removed = new EnumMap<>(TenantTable.class);
    return report(
        removeAll(organization, removed)
            // A batch that began before, or an account made anew, stands in the way: from the top.
            .onFailure(Outage::isReference)
            .retry()
            .withBackOff(FIRST_RETRY, LAST_RETRY)
            .atMost(MAX_RETRIES),
        "removed",
        organization,
        report);
  }

  private Uni<Map<TenantTable, Long>> removeAll(
      OrganizationId organization, Map<TenantTable, Long> removed) {
    return Multi.createFrom()
        .iterable(ORDER)
        .onItem()
        .transformToUniAndConcatenate(
            holding ->
                empty(organization, holding)
                    .onItem()
                    .invoke(deleted -> removed.merge(holding, (long) deleted.rows(), Long::sum))
                    .collect()
                    .last())
        .collect()
        .last()
        .replaceWith(removed);
  }

  private Multi<Deleted> empty(OrganizationId organization, TenantTable holding) {
    return Steps.of(
            () -> new AtomicReference<>(Optional.<List<Object>>empty()),
            after ->
                holdings
                    .deleteNext(organization, holding, after.get())
                    .invoke(deleted -> after.set(deleted.upTo())))
        .upTo(deleted -> deleted.upTo().isEmpty());
  }

  private static Uni<Integer> report(
      Uni<Map<TenantTable, Long>> counts,
      String what,
      OrganizationId organization,
      PrintStream report) {
    return counts
        .emitOn(Infrastructure.getDefaultWorkerPool())
        .map(
            rows -> {
              rows.forEach(
                  (holding, count) ->
                      report.printf(
                          "%s\torganization=%s\ttable=%s\trows=%d%n",
                          what, organization.value(), holding.table(), count));
              return Operator.DONE;
            });
  }
}
