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

/** Counts and deletes what an organization has in the database. */
@ApplicationScoped
public class RemovalRepository {
  /** The rows deleted in one transaction; a few more when some land meanwhile. */
  static final int AT_A_TIME = 5_000;

  private final Database database;
  private final DataVersionRepository versions;
  private final Duration deadline;

  RemovalRepository(Database database, DataVersionRepository versions, OperatorConfig config) {
    this.database = database;
    this.versions = versions;
    this.deadline = config.statementTimeout();
  }

  /** How many rows an organization has, by table, in one snapshot. */
  public Uni<Map<TenantTable, Long>> counts(OrganizationId organization) {
    String counts =
        Arrays.stream(TenantTable.values())
            .map(
                holding ->
                    "(SELECT count(*) FROM %1$s WHERE %2$s = $1) AS %1$s"
                        .formatted(holding.table(), holding.owner()))
            .collect(Collectors.joining(", ", "SELECT ", ""));
    return database
        .transaction(
            deadline,
            connection ->
                database.run(
                    connection,
                    new SqlQuery(counts, List.of(organization.value())),
                    RemovalRepository::byHolding))
        .map(rows -> rows.get(0));
  }

  private static Map<TenantTable, Long> byHolding(Row row) {
    Map<TenantTable, Long> counts = new EnumMap<>(TenantTable.class);
    for (TenantTable holding : TenantTable.values()) {
      counts.put(holding, row.getLong(holding.table()));
    }
    return counts;
  }

  /**
   * What one transaction deleted.
   *
   * @param upTo the key up to which there is nothing more; empty when all was deleted
   */
  public record Deleted(int rows, Optional<List<Object>> upTo) {}

  /**
   * Deletes the next rows of an organization, by their keys and not by what is found first: each
   * search would pass over all that was deleted before.
   *
   * @param after the key after which to begin; empty for the first
   */
  public Uni<Deleted> deleteNext(
      OrganizationId organization, TenantTable holding, Optional<List<Object>> after) {
    return database.transaction(
        deadline,
        connection ->
            lastOfNext(connection, organization, holding, after)
                .chain(upTo -> delete(connection, organization, holding, after, upTo)));
  }

  private Uni<Optional<List<Object>>> lastOfNext(
      SqlConnection connection,
      OrganizationId organization,
      TenantTable holding,
      Optional<List<Object>> after) {
    SqlBuilder sql = new SqlBuilder().append("SELECT ").append(holding.key()).append(" FROM ");
    appendRange(sql, organization, holding, after, Optional.empty());
    sql.append(" ORDER BY ").append(holding.key());
    sql.append(" OFFSET ").bind(AT_A_TIME - 1).append(" LIMIT 1");
    return database
        .run(
            connection,
            sql.build(),
            row -> IntStream.range(0, holding.keyLength()).mapToObj(row::getValue).toList())
        .map(rows -> rows.stream().findFirst());
  }

  private Uni<Deleted> delete(
      SqlConnection connection,
      OrganizationId organization,
      TenantTable holding,
      Optional<List<Object>> after,
      Optional<List<Object>> upTo) {
    SqlBuilder sql = new SqlBuilder().append("DELETE FROM ");
    appendRange(sql, organization, holding, after, upTo);
    return database
        .run(connection, sql.build())
        .call(
            rows ->
                rows > 0 && (holding == TenantTable.AGGREGATES || holding == TenantTable.DAYS)
                    ? versions.bump(organization, connection)
                    : Uni.createFrom().voidItem())
        .map(rows -> new Deleted(rows, upTo));
  }

  private static void appendRange(
      SqlBuilder sql,
      OrganizationId organization,
      TenantTable holding,
      Optional<List<Object>> after,
      Optional<List<Object>> upTo) {
    sql.append(holding.table()).append(" WHERE ").append(holding.owner()).append(" = ");
    sql.bind(organization.value());
    after.ifPresent(key -> appendBound(sql, holding, " > ", key));
    upTo.ifPresent(key -> appendBound(sql, holding, " <= ", key));
  }

  private static void appendBound(
      SqlBuilder sql, TenantTable holding, String operator, List<Object> key) {
    sql.append(" AND (").append(holding.key()).append(")").append(operator);
    String separator = "(";
    for (Object value : key) {
      sql.append(separator).bind(value);
      separator = ", ";
    }
    sql.append(")");
  }
}
