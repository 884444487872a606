package io.usageapi.operator;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.usageapi.database.BatchDelete.Deleted;
import io.usageapi.database.Outage;
import io.usageapi.database.Steps;
import io.usageapi.security.OrganizationId;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.PrintStream;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Removes an organization with everything it has, in bounded transactions, while others may write
 * for it. {@link TenantTable} explains the order.
 */
@ApplicationScoped
public class OrganizationRemoval {
  /**
   * Imports, records, identities and days come twice, because intake may add rows until the
   * accounts are gone.
   */
  private static final List<TenantTable> ORDER =
      List.of(
          TenantTable.ACCOUNT_MAP,
          TenantTable.STAGED,
          TenantTable.UPLOADS,
          TenantTable.IMPORTED,
          TenantTable.IMPORT_SUMS,
          TenantTable.IMPORTS,
          TenantTable.RECORDS,
          TenantTable.IDENTITIES,
          TenantTable.DAYS,
          TenantTable.AGGREGATES,
          TenantTable.ACCOUNTS,
          TenantTable.STAGED,
          TenantTable.UPLOADS,
          TenantTable.IMPORTED,
          TenantTable.IMPORT_SUMS,
          TenantTable.IMPORTS,
          TenantTable.RECORDS,
          TenantTable.IDENTITIES,
          TenantTable.DAYS,
          TenantTable.MONTH_TOTALS,
          TenantTable.CHANGES,
          TenantTable.MONTHS,
          TenantTable.DATA_VERSION,
          TenantTable.ORGANIZATION);

  private static final int MAX_RETRIES = 20;
  private static final Duration FIRST_RETRY = Duration.ofMillis(50);
  private static final Duration LAST_RETRY = Duration.ofSeconds(5);

  private final RemovalRepository repository;

  OrganizationRemoval(RemovalRepository repository) {
    this.repository = repository;
  }

  /** Reports the rows that would be removed. */
  public Uni<Integer> count(OrganizationId organization, PrintStream report) {
    return report(repository.counts(organization), "would be removed", organization, report);
  }

  /**
   * Removes the organization and reports the removed rows. Continues an interrupted removal.
   *
   * @return the exit code; fails if accounts of the organization are created again and again
   */
  public Uni<Integer> remove(OrganizationId organization, PrintStream report) {
    Map<TenantTable, Long> removed = new EnumMap<>(TenantTable.class);
    return report(
        removeAll(organization, removed)
            // Intake that began earlier, or a re-created account, refers to a row again.
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
        .transformToMultiAndConcatenate(
            table ->
                Steps.iterate(
                        List.<Object>of(),
                        after -> repository.deleteNext(organization, table, after),
                        Deleted::end)
                    .invoke(deleted -> removed.merge(table, (long) deleted.rows(), Long::sum)))
        .collect()
        .last()
        .replaceWith(removed);
  }

  private static Uni<Integer> report(
      Uni<Map<TenantTable, Long>> counts,
      String verb,
      OrganizationId organization,
      PrintStream report) {
    return counts
        .emitOn(Infrastructure.getDefaultWorkerPool())
        .map(
            rows -> {
              rows.forEach(
                  (table, count) ->
                      report.printf(
                          "%s\torganization=%s\ttable=%s\trows=%d%n",
                          verb, organization.value(), table.rows().table(), count));
              return Operator.DONE;
            });
  }
}
