package io.usageapi.database;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.usageapi.database.connection.Watched;
import io.usageapi.sql.SqlQuery;
import io.vertx.mutiny.pgclient.PgConnection;
import io.vertx.mutiny.sqlclient.Cursor;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.PreparedStatement;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * Reads results of any length, each in one snapshot and in bounded memory, on connections apart
 * from those of the pages.
 */
@ApplicationScoped
public class Snapshots {
  /** How many rows are read at a time; of one result no more than twice as many are in memory. */
  private static final int BATCH = 500;

  private static final Logger LOG = Logger.getLogger(Snapshots.class);

  /** How long the database may take to give a statement up that nobody waits for. */
  private static final Duration GIVE_UP = Duration.ofSeconds(5);

  private final Pool pool;
  private final String begin;

  Snapshots(@ForExports io.vertx.sqlclient.Pool pool, ExportConfig config) {
    this.pool = Pool.newInstance(pool);
    // Planned by values, as the database does by itself. A client may read slowly; that the server
    // is
    // gone the database would notice after hours.
    this.begin =
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;"
            + " SET LOCAL plan_cache_mode = auto; SET LOCAL enable_bitmapscan = on;"
            + " SET LOCAL statement_timeout = "
            + config.batchTimeout().toMillis()
            + "; SET LOCAL idle_in_transaction_session_timeout = "
            + config.timeout().toMillis();
  }

  /**
   * Reads the rows of a statement. The next are read when they are asked for, and the first item
   * comes even without rows.
   *
   * @param first what is read before them, in the same snapshot
   * @param rows the statement
   * @param batch makes an item of what was read first and the next rows
   * @param closed called once when all is freed, however the stream ended
   * @return the items; fails as {@link Outage} tells. Cancelled, it ends the statement in the
   *     database too
   */
  public <F, T> Multi<T> read(
      Function<SqlConnection, Uni<F>> first,
      SqlQuery rows,
      BiFunction<F, RowSet<Row>, T> batch,
      Runnable closed) {
    // Kept, and not cancelled with the stream, so that a connection is never lost on its way.
    Uni<Snapshot<F>> opened = open(first, rows).memoize().indefinitely();
    Uni<Void> closing =
        opened
            .chain(Snapshot::close)
            .onFailure()
            .recoverWithNull()
            .eventually(closed)
            .memoize()
            .indefinitely();
    return opened
        .onItem()
        .transformToMulti(
            snapshot -> snapshot.batches().map(set -> batch.apply(snapshot.first, set)))
        .onFailure()
        .call(() -> closing)
        .onCompletion()
        .call(() -> closing)
        .onCancellation()
        .invoke(() -> inTheBackground(closing));
  }

  /** Nobody waits for it any more. */
  @SuppressWarnings("CheckReturnValue")
  private static void inTheBackground(Uni<Void> closing) {
    closing.subscribe().with(done -> {}, e -> LOG.warn("A connection could not be freed", e));
  }

  private <F> Uni<Snapshot<F>> open(Function<SqlConnection, Uni<F>> first, SqlQuery rows) {
    return pool.getConnection()
        .chain(
            connection ->
                connection
                    .query(begin)
                    .execute()
                    .chain(() -> first.apply(connection))
                    .chain(
                        read ->
                            connection
                                .prepare(rows.text())
                                .map(
                                    statement ->
                                        new Snapshot<>(
                                            connection,
                                            read,
                                            statement,
                                            statement.cursor(Tuple.from(rows.arguments())))))
                    .onFailure()
                    .call(() -> release(connection)));
  }

  private static Uni<Void> release(SqlConnection connection) {
    return connection
        .query("ROLLBACK")
        .execute()
        .replaceWithVoid()
        // The cancellation of a statement may come late and hit this one, and whoever had the
        // connection next would find it within a transaction that failed.
        .onFailure()
        .retry()
        .atMost(1)
        .onFailure()
        .recoverWithNull()
        .chain(connection::close);
  }

  /** A transaction that reads. */
  private static final class Snapshot<F> {
    private final SqlConnection connection;
    private final F first;
    private final PreparedStatement statement;
    private final Cursor cursor;
    private volatile boolean reading;
    private volatile Uni<RowSet<Row>> ahead;

    Snapshot(SqlConnection connection, F first, PreparedStatement statement, Cursor cursor) {
      this.connection = connection;
      this.first = first;
      this.statement = statement;
      this.cursor = cursor;
    }

    Multi<RowSet<Row>> batches() {
      return Steps.of(() -> this, Snapshot::next).upTo(set -> ahead == null);
    }

    /** While one batch goes out the database makes the next: one ahead, and no more. */
    private Uni<RowSet<Row>> next() {
      return (ahead == null ? fetch() : ahead)
          .invoke(set -> ahead = cursor.hasMore() ? fetch() : null);
    }

    /** Begins to read, now. */
    @SuppressWarnings("CheckReturnValue")
    private Uni<RowSet<Row>> fetch() {
      reading = true;
      Uni<RowSet<Row>> batch =
          cursor
              .read(BATCH)
              .onItemOrFailure()
              .invoke((set, failure) -> reading = false)
              .memoize()
              .indefinitely();
      batch.subscribe().with(set -> {}, failure -> LOG.debug("To be seen by who asks", failure));
      return batch;
    }

    /**
     * A statement that runs is cancelled first: the connection would be busy until it ends. What
     * was prepared is freed, as the connection is used again and its text is not.
     */
    Uni<Void> close() {
      return idle()
          .onFailure()
          .recoverWithNull()
          .chain(statement::close)
          .onFailure()
          .recoverWithNull()
          .chain(() -> release(connection));
    }

    private Uni<Void> idle() {
      if (!reading) {
        return Uni.createFrom().voidItem();
      }
      // Where the database is silent it takes the request, or not, and the connection is closed.
      Watched.of(connection.getDelegate()).ifPresent(watched -> watched.hurry(GIVE_UP));
      return PgConnection.cast(connection).cancelRequest();
    }
  }
}
