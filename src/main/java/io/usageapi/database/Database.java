package io.usageapi.database;

import io.smallrye.mutiny.Uni;
import io.usageapi.database.connection.Watched;
import io.usageapi.sql.SqlQuery;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Runs statements on the pool of connections, each with a deadline. */
@ApplicationScoped
public class Database {
  private static final int MAX_RETRIES = 5;
  private static final Duration FIRST_RETRY = Duration.ofMillis(20);
  private static final Duration LAST_RETRY = Duration.ofSeconds(1);

  /** How much longer than the database's own deadline the server waits for its answer. */
  static final Duration GRACE = Duration.ofSeconds(2);

  /**
   * How long a transaction may lie idle in the database, where it holds locks that others wait for.
   * Its statements follow each other at once, unless the server or the way to it is gone.
   */
  private static final Duration IDLE = Duration.ofSeconds(10);

  private final Pool pool;
  private final DatabaseConfig config;

  Database(Pool pool, DatabaseConfig config) {
    this.pool = pool;
    this.config = config;
  }

  /**
   * Runs a reading statement that the database may plan by its values.
   *
   * @return its rows; fails as {@link Outage} tells when the deadline passes or the database is out
   *     of reach
   */
  public <T> Uni<List<T>> read(SqlQuery query, Function<Row, T> row) {
    return transaction(config.readTimeout(), connection -> run(connection, query, row));
  }

  /**
   * Runs a reading statement that has one best plan for all values, which each connection makes
   * once: to plan a page costs as much as to read it. It is one round trip, without a transaction.
   *
   * @return as {@link #read}
   */
  public <T> Uni<List<T>> readWithGenericPlan(SqlQuery query, Function<Row, T> row) {
    return onOneConnection(connection -> run(connection, query, row));
  }

  /**
   * Runs statements outside transactions, on one connection.
   *
   * @return what {@code work} returns; fails as {@link #read}
   */
  public <T> Uni<T> onOneConnection(Function<SqlConnection, Uni<T>> work) {
    // Not on the pool itself, whose wait has no deadline and keeps its place in the queue:
    // https://github.com/eclipse-vertx/vertx-sql-client/issues/1232.
    return pool.withConnection(work);
  }

  /** Runs a statement of a transaction. */
  public <T> Uni<List<T>> run(SqlConnection connection, SqlQuery query, Function<Row, T> row) {
    return connection
        .preparedQuery(query.text())
        .execute(Tuple.from(query.arguments()))
        .map(rows -> map(rows, row));
  }

  /** Runs a statement of a transaction for the number of rows it touched. */
  public Uni<Integer> run(SqlConnection connection, SqlQuery query) {
    return connection
        .preparedQuery(query.text())
        .execute(Tuple.from(query.arguments()))
        .map(RowSet::rowCount);
  }

  /**
   * Runs a transaction: commits when {@code work} succeeds, else rolls back. After a deadlock or a
   * serialization failure it runs again, a few times.
   *
   * @param work the statements, one after the other, each under the deadline for writing
   */
  public <T> Uni<T> transaction(Function<SqlConnection, Uni<T>> work) {
    return transaction(config.writeTimeout(), work);
  }

  /**
   * Runs a transaction with a deadline of its own: commits when {@code work} succeeds, else rolls
   * back. After a deadlock or a serialization failure it runs again, a few times.
   *
   * @param deadline how long each statement may run; all of them together may take twice that
   * @param work the statements, one after the other
   */
  public <T> Uni<T> transaction(Duration deadline, Function<SqlConnection, Uni<T>> work) {
    return pool.withTransaction(
            connection -> {
              Watched.of(connection.getDelegate())
                  .ifPresent(
                      watched ->
                          watched.allow(
                              deadline.plus(GRACE), deadline.multipliedBy(2).plus(GRACE)));
              return connection
                  .query(
                      "SET LOCAL plan_cache_mode = auto; SET LOCAL enable_bitmapscan = on;"
                          + " SET LOCAL idle_in_transaction_session_timeout = "
                          + IDLE.toMillis()
                          + "; SET LOCAL statement_timeout = "
                          + deadline.toMillis())
                  .execute()
                  .chain(() -> work.apply(connection));
            })
        .onFailure(Outage::isTransient)
        .retry()
        .withBackOff(FIRST_RETRY, LAST_RETRY)
        .atMost(MAX_RETRIES);
  }

  private static <T> List<T> map(RowSet<Row> rows, Function<Row, T> row) {
    List<T> mapped = new ArrayList<>(rows.size());
    rows.forEach(each -> mapped.add(row.apply(each)));
    return mapped;
  }
}
