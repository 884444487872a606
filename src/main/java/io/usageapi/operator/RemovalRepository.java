package io.usageapi.operator;

import io.smallrye.mutiny.Uni;
import io.usageapi.aggregate.DataVersionRepository;
import io.usageapi.database.BatchDelete.Deleted;
import io.usageapi.database.Database;
import io.usageapi.security.OrganizationId;
import io.usageapi.sql.SqlQuery;
import io.vertx.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Counts and deletes the rows of an organization. */
@ApplicationScoped
public class RemovalRepository {
  private final Database database;
  private final DataVersionRepository versions;
  private final Duration deadline;

  RemovalRepository(Database database, DataVersionRepository versions, OperatorConfig config) {
    this.database = database;
    this.versions = versions;
    this.deadline = config.statementTimeout();
  }

  /** The number of rows of an organization by table, in one snapshot. */
  public Uni<Map<TenantTable, Long>> counts(OrganizationId organization) {
    String counts =
        Arrays.stream(TenantTable.values())
            .map(TenantTable::rows)
            .map(
                rows ->
                    "(SELECT count(*) FROM %1$s WHERE %2$s = $1) AS %1$s"
                        .formatted(rows.table(), rows.owner()))
            .collect(Collectors.joining(", ", "SELECT ", ""));
    SqlQuery query = new SqlQuery(counts, List.of(organization.value()));
    return database
        .transaction(
            deadline, connection -> database.run(connection, query, RemovalRepository::byTable))
        .map(rows -> rows.get(0));
  }

  private static Map<TenantTable, Long> byTable(Row row) {
    Map<TenantTable, Long> counts = new EnumMap<>(TenantTable.class);
    for (TenantTable table : TenantTable.values()) {
      counts.put(table, row.getLong(table.rows().table()));
    }
    return counts;
  }

  /**
   * Deletes the next rows of an organization.
   *
   * @param after the key to start after; empty to start at the first row
   */
  public Uni<Deleted> deleteNext(
      OrganizationId organization, TenantTable table, List<Object> after) {
    return database.transaction(
        deadline,
        connection ->
            table
                .rows()
                .next(organization, database, connection, after, all -> {}, all -> {})
                .call(
                    deleted ->
                        deleted.rows() > 0
                                && (table == TenantTable.AGGREGATES || table == TenantTable.DAYS)
                            ? versions.bumpForRemoval(organization, connection)
                            : Uni.createFrom().voidItem()));
  }
}
