package io.usageapi.database;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import io.usageapi.database.connection.ConnectionWatchdog;
import io.usageapi.database.connection.PipelinedConnections;
import io.usageapi.sql.SqlQuery;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import io.vertx.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Runs statements on pooled connections, each with a deadline. */
@ApplicationScoped
public class Database {
  private static final int MAX_RETRIES = 5;
  private static final Duration FIRST_RETRY = Duration.ofMillis(20);
  private static final Duration LAST_RETRY = Duration.ofSeconds(1);

  /** How much longer than the database's own deadline the server waits for an answer. */
  static final Duration GRACE = Duration.ofSeconds(2);

  /**
   * How long a transaction may be idle, as it holds locks that others wait for. Its statements
   * follow each other at once unless the server or the network is gone.
   */
  private static final Duration IDLE = Duration.ofSeconds(10);

  private final Pool pool;
  private final Optional<PipelinedConnections> pipelined;
  private final DatabaseConfig config;
  private final Counter retries;

  Database(
      Pool pool, PipelinedConnections pipelined, DatabaseConfig config, MeterRegistry registry) {
    this.pool = pool;
    this.pipelined =
        config.pipelinedConnections() == 0 || config.transactionPooler() || config.distributed()
            ? Optional.empty()
            : Optional.of(pipelined);
    this.config = config;
    this.retries =
        Counter.builder("usage_api.database.retries")
            .description("Transactions rolled back because of another one, and tried again")
            .register(registry);
  }

  /**
   * Runs a query in a transaction. The database may plan it for its values.
   *
   * @return its rows; fails as {@link Outage} describes when the deadline passes or the database is
   *     unreachable
   */
  public <T> Uni<List<T>> read(SqlQuery query, Function<Row, T> row) {
    return transaction(config.readTimeout(), connection -> run(connection, query, row));
  }

  /**
   * Runs a query whose best plan does not depend on its values, so that a connection plans it once.
   * Planning a page costs the database as much as reading it. This also saves the round trips of a
   * transaction.
   *
   * @return as {@link #read}
   */
  public <T> Uni<List<T>> readWithGenericPlan(SqlQuery query, Function<Row, T> row) {
    return onOneConnection(connection -> run(connection, query, row));
  }

  /**
   * Runs a query as {@link #readWithGenericPlan} does, and one that an index answers within
   * milliseconds: it may be sent behind the statements of other requests. If the statement runs for
   * longer than a second, or its connection ends, it is run again on a connection of the pool.
   *
   * @return as {@link #read}
   */
  public <T> Uni<List<T>> readByIndex(SqlQuery query, Function<Row, T> row) {
    Uni<List<T>> alone = readWithGenericPlan(query, row);
    return pipelined.isEmpty()
        ? alone
        : Uni.createFrom()
            .deferred(
                () ->
                    pipelined
                        .get()
                        .read(query)
                        .map(
                            rows ->
                                Uni.createFrom()
                                    .completionStage(rows.toCompletionStage())
                                    .map(read -> map(read, row))
                                    .onFailure(Outage::is)
                                    .recoverWithUni(alone))
                        .orElse(alone));
  }

  /**
   * Runs statements outside transactions, on one connection.
   *
   * @return the result of {@code work}; fails as {@link #read} does
   */
  public <T> Uni<T> onOneConnection(Function<SqlConnection, Uni<T>> work) {
    // Not pool.query: a wait for a connection that timed out would keep its place in the queue.
    return pool.withConnection(work);
  }

  /** Runs a query in a transaction. */
  public <T> Uni<List<T>> run(SqlConnection connection, SqlQuery query, Function<Row, T> row) {
    return connection
        .preparedQuery(query.text())
        .execute(Tuple.from(query.arguments()))
        .map(rows -> map(bare(rows), row));
  }

  /** Runs a statement in a transaction, for the number of rows it affected. */
  public Uni<Integer> run(SqlConnection connection, SqlQuery query) {
    return connection
        .preparedQuery(query.text())
        .execute(Tuple.from(query.arguments()))
        .map(RowSet::rowCount);
  }

  /**
   * Runs a transaction with the deadline for writes. It commits if the result of {@code work}
   * succeeds, and rolls back otherwise. Serialization failures and deadlocks are retried a few
   * times.
   *
   * @param work runs the statements, one after the other
   */
  public <T> Uni<T> transaction(Function<SqlConnection, Uni<T>> work) {
    return transaction(config.writeTimeout(), work);
  }

  /**
   * Runs a transaction with its own deadline, as {@link #transaction(Function)}.
   *
   * @param deadline for each statement; all of them together may take twice that
   */
  public <T> Uni<T> transaction(Duration deadline, Function<SqlConnection, Uni<T>> work) {
    return pool.withTransaction(
            connection -> {
              ConnectionWatchdog.of(connection.getDelegate())
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
        .invoke(() -> retries.increment())
        .onFailure(Outage::isTransient)
        .retry()
        .withBackOff(FIRST_RETRY, LAST_RETRY)
        .atMost(MAX_RETRIES);
  }

  /** The rows without the binding's wrapper around each. */
  @SuppressWarnings("unchecked")
  static io.vertx.sqlclient.RowSet<Row> bare(RowSet<?> rows) {
    return rows.getDelegate();
  }

  private static <T> List<T> map(io.vertx.sqlclient.RowSet<Row> rows, Function<Row, T> row) {
    List<T> mapped = new ArrayList<>(rows.size());
    rows.forEach(each -> mapped.add(row.apply(each)));
    return mapped;
  }
}
