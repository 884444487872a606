package io.usageapi.database;

import com.google.errorprone.annotations.Immutable;
import io.smallrye.mutiny.Uni;
import io.usageapi.security.OrganizationId;
import io.usageapi.sql.SqlBuilder;
import io.vertx.mutiny.sqlclient.SqlConnection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Deletes rows of an organization batch by batch, in the order of a key. A batch starts where the
 * one before ended: a search from the start would pass over all rows deleted before.
 *
 * @param table the table
 * @param owner the column that holds the organization
 * @param key the columns that, after the owner, identify and order the rows: {@code "a, b"}
 */
@Immutable
public record BatchDelete(String table, String owner, String key) {
  /** The rows examined for one batch, plus any that are inserted meanwhile. */
  public static final int SIZE = 5_000;

  /**
   * A deleted batch.
   *
   * @param rows how many rows were deleted
   * @param end the last key of the batch; empty if no rows follow
   */
  public record Deleted(int rows, Optional<List<Object>> end) {}

  /**
   * Deletes the next batch.
   *
   * @param after the key to start after; empty to start at the first row
   * @param examined appends a condition on the rows examined
   * @param deleted appends a condition on the rows deleted
   */
  public Uni<Deleted> next(
      OrganizationId organization,
      Database database,
      SqlConnection connection,
      List<Object> after,
      Consumer<SqlBuilder> examined,
      Consumer<SqlBuilder> deleted) {
    SqlBuilder last = range("SELECT " + key, organization, after, Optional.empty());
    examined.accept(last);
    last.append(" ORDER BY " + key + " LIMIT 1 OFFSET ").bind(SIZE - 1);
    return database
        .run(
            connection,
            last.build(),
            row -> IntStream.range(0, row.size()).mapToObj(row::getValue).toList())
        .map(rows -> rows.stream().findFirst())
        .chain(
            end -> {
              SqlBuilder delete = range("DELETE", organization, after, end);
              deleted.accept(delete);
              return database.run(connection, delete.build()).map(rows -> new Deleted(rows, end));
            });
  }

  private SqlBuilder range(
      String verb, OrganizationId organization, List<Object> after, Optional<List<Object>> upTo) {
    SqlBuilder sql =
        new SqlBuilder()
            .append(verb + " FROM " + table + " WHERE " + owner + " = ")
            .bind(organization.value());
    List<String> columns = List.of(key.split(", ", -1));
    if (!after.isEmpty()) {
      sql.append(" AND ").compare(columns, ">", after);
    }
    upTo.ifPresent(values -> sql.append(" AND ").compare(columns, "<=", values));
    return sql;
  }
}
