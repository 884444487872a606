package io.usageapi.operator;

import io.smallrye.mutiny.Uni;
import io.usageapi.aggregate.DataVersionRepository;
import io.usageapi.database.Database;
import io.usageapi.security.OrganizationId;
import io.usageapi.sql.SqlBuilder;
import io.usageapi.sql.SqlQuery;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Counts and deletes the rows of an organization. */
@ApplicationScoped
public class RemovalRepository {
  /** The rows deleted in one transaction, plus any that are inserted meanwhile. */
  static final int AT_A_TIME = 5_000;

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
            .map(
                table ->
                    "(SELECT count(*) FROM %1$s WHERE %2$s = $1) AS %1$s"
                        .formatted(table.table(), table.owner()))
            .collect(Collectors.joining(", ", "SELECT ", ""));
    return database
        .transaction(
            deadline,
            connection ->
                database.run(
                    connection,
                    new SqlQuery(counts, List.of(organization.value())),
                    RemovalRepository::byTable))
        .map(rows -> rows.get(0));
  }

  private static Map<TenantTable, Long> byTable(Row row) {
    Map<TenantTable, Long> counts = new EnumMap<>(TenantTable.class);
    for (TenantTable table : TenantTable.values()) {
      counts.put(table, row.getLong(table.table()));
    }
    return counts;
  }

  /**
   * The result of one transaction.
   *
   * @param upTo the last key of the deleted range; empty if all was deleted
   */
  public record Deleted(int rows, Optional<List<Object>> upTo) {}

  /**
   * Deletes the next rows of an organization. Ranges of keys are used because each search from the
   * start would pass over all rows deleted before.
   *
   * @param after the key to start after; empty to start at the first row
   */
  public Uni<Deleted> deleteNext(
      OrganizationId organization, TenantTable table, Optional<List<Object>> after) {
    return database.transaction(
        deadline,
        connection ->
            lastOfNext(connection, organization, table, after)
                .chain(upTo -> delete(connection, organization, table, after, upTo)));
  }

  private Uni<Optional<List<Object>>> lastOfNext(
      SqlConnection connection,
      OrganizationId organization,
      TenantTable table,
      Optional<List<Object>> after) {
    SqlBuilder sql =
        new SqlBuilder().append("SELECT ").append(String.join(", ", table.key())).append(" FROM ");
    appendRange(sql, organization, table, after, Optional.empty());
    sql.append(" ORDER BY ").append(String.join(", ", table.key()));
    sql.append(" OFFSET ").bind(AT_A_TIME - 1).append(" LIMIT 1");
    return database
        .run(
            connection,
            sql.build(),
            row -> IntStream.range(0, table.key().size()).mapToObj(row::getValue).toList())
        .map(rows -> rows.stream().findFirst());
  }

  private Uni<Deleted> delete(
      SqlConnection connection,
      OrganizationId organization,
      TenantTable table,
      Optional<List<Object>> after,
      Optional<List<Object>> upTo) {
    SqlBuilder sql = new SqlBuilder().append("DELETE FROM ");
    appendRange(sql, organization, table, after, upTo);
    return database
        .run(connection, sql.build())
        .call(
            rows ->
                rows > 0 && (table == TenantTable.AGGREGATES || table == TenantTable.DAYS)
                    ? versions.bump(organization, connection)
                    : Uni.createFrom().voidItem())
        .map(rows -> new Deleted(rows, upTo));
  }

  private static void appendRange(
      SqlBuilder sql,
      OrganizationId organization,
      TenantTable table,
      Optional<List<Object>> after,
      Optional<List<Object>> upTo) {
    sql.append(table.table()).append(" WHERE ").append(table.owner()).append(" = ");
    sql.bind(organization.value());
    after.ifPresent(key -> sql.append(" AND ").compare(table.key(), ">", key));
    upTo.ifPresent(key -> sql.append(" AND ").compare(table.key(), "<=", key));
  }
}
