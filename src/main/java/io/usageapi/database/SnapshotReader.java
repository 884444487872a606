package io.usageapi.database;

import io.smallrye.common.annotation.Identifier;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.usageapi.database.connection.ConnectionWatchdog;
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
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * Reads results of any length, each in one snapshot, in bounded memory, and on a pool of its own.
 */
@ApplicationScoped
public class SnapshotReader {
  /** The rows read at a time. At most twice as many rows of one result are in memory. */
  private static final int BATCH = 500;

  private static final Logger LOG = Logger.getLogger(SnapshotReader.class);

  /** How long the database may take to cancel a statement. */
  private static final Duration GIVE_UP = Duration.ofSeconds(5);

  private final Pool pool;
  private final String begin;

  SnapshotReader(
      @Identifier(BoundedPool.EXPORTS) io.vertx.sqlclient.Pool pool, ExportConfig config) {
    this.pool = Pool.newInstance(pool);
    // Unlike pages, exports are planned for their values. A client may read slowly, and without an
    // idle timeout the database would take hours to notice that the server is gone.
    this.begin =
        """
        BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
        SET LOCAL plan_cache_mode = auto;
        SET LOCAL enable_bitmapscan = on;
        SET LOCAL statement_timeout = %d;
        SET LOCAL idle_in_transaction_session_timeout = %d
        """
            .formatted(config.batchTimeout().toMillis(), config.timeout().toMillis());
  }

  /**
   * Reads the rows of a statement on demand. There is always a first item, even without rows.
   *
   * @param first reads something before the rows, in the same snapshot
   * @param batch makes an item of the first result and the next rows
   * @param closed called once when everything is freed, however the stream ended
   * @return the items; fails as {@link Outage} describes. Cancelling it also cancels the statement
   *     in the database.
   */
  public <F, T> Multi<T> read(
      Function<SqlConnection, Uni<F>> first,
      SqlQuery rows,
      BiFunction<F, io.vertx.sqlclient.RowSet<io.vertx.sqlclient.Row>, T> batch,
      Runnable closed) {
    AtomicReference<SqlConnection> opening = new AtomicReference<>();
    // Memoized instead of cancelled with the stream, so that no connection is lost.
    Uni<Snapshot<F>> opened = open(first, rows, opening).memoize().indefinitely();
    // Preparing the statement may wait for a lock.
    Uni<Void> closing =
        Uni.createFrom()
            .deferred(() -> cancelStatement(opening.get()))
            .onFailure()
            .recoverWithNull()
            .chain(() -> opened)
            .chain(Snapshot::close)
            .onFailure()
            .recoverWithNull()
            .eventually(closed)
            .memoize()
            .indefinitely();
    return opened
        .onItem()
        .transformToMulti(
            snapshot ->
                snapshot.batches().map(set -> batch.apply(snapshot.first, Database.bare(set))))
        .onFailure()
        .call(() -> closing)
        .onCompletion()
        .call(() -> closing)
        .onCancellation()
        .invoke(() -> inTheBackground(closing));
  }

  @SuppressWarnings("CheckReturnValue")
  private static void inTheBackground(Uni<Void> closing) {
    closing.subscribe().with(done -> {}, e -> LOG.warn("A connection could not be freed", e));
  }

  /**
   * Opens a snapshot.
   *
   * @param opening holds the connection while its statements run
   */
  private <F> Uni<Snapshot<F>> open(
      Function<SqlConnection, Uni<F>> first,
      SqlQuery rows,
      AtomicReference<SqlConnection> opening) {
    return pool.getConnection()
        .invoke(opening::set)
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
                    .eventually(() -> opening.set(null))
                    .onFailure()
                    .call(() -> release(connection)));
  }

  /** Cancels the statement that runs on a connection, or none if it is null. */
  private static Uni<Void> cancelStatement(SqlConnection connection) {
    if (connection == null) {
      return Uni.createFrom().voidItem();
    }
    // If the database does not respond, the watchdog closes the connection.
    ConnectionWatchdog.of(connection.getDelegate()).ifPresent(watched -> watched.hurry(GIVE_UP));
    return PgConnection.cast(connection).cancelRequest();
  }

  private static Uni<Void> release(SqlConnection connection) {
    return connection
        .query("ROLLBACK")
        .execute()
        .replaceWithVoid()
        // A late cancellation may hit this ROLLBACK. Without a retry the next user of the
        // connection would find a failed transaction.
        .onFailure()
        .retry()
        .atMost(1)
        .onFailure()
        .recoverWithNull()
        .chain(connection::close);
  }

  /** A read-only transaction with its cursor. */
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
      return Steps.iterate(
          this, Snapshot::next, set -> Optional.ofNullable(ahead).map(next -> this));
    }

    /** Prefetches one batch, and no more, while the previous one is sent. */
    private Uni<RowSet<Row>> next() {
      return (ahead == null ? fetch() : ahead)
          .invoke(set -> ahead = cursor.hasMore() ? fetch() : null);
    }

    /** Starts to read at once. */
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
      batch.subscribe().with(set -> {}, failure -> LOG.debug("Reading ahead failed", failure));
      return batch;
    }

    /**
     * Cancels a running statement first, as the connection would be busy until it ends. The
     * prepared statement is freed because its text is not used again.
     */
    Uni<Void> close() {
      return cancelStatement(reading ? connection : null)
          .onFailure()
          .recoverWithNull()
          .chain(statement::close)
          .onFailure()
          .recoverWithNull()
          .chain(() -> release(connection));
    }
  }
}
