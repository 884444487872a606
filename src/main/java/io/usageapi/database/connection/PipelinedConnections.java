package io.usageapi.database.connection;

import io.netty.channel.EventLoop;
import io.usageapi.database.Outage;
import io.usageapi.sql.SqlQuery;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.impl.ContextInternal;
import io.vertx.pgclient.spi.PgDriver;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import io.vertx.sqlclient.impl.SqlConnectionBase;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * Connections to the database on which the statements of many requests follow each other without
 * waiting for each other's answers, one for each event loop. So a request stays on its event loop,
 * and a busy process of the database takes the next statement without being woken.
 *
 * <p>It is a fast way beside the pool, never the only one. It takes no statement while its
 * connection is being opened, while the next answer has been awaited for {@link #SLOW}, or while
 * {@link #MAX_UNANSWERED} answers are awaited. If a statement exceeds its deadline, the connection
 * is closed, so that those behind it fail at once and can be repeated on others.
 */
public final class PipelinedConnections {
  /** How many answers of a connection may be awaited. */
  public static final int MAX_UNANSWERED = 64;

  private static final Duration SLOW = Duration.ofMillis(25);
  private static final Duration RECONNECT = Duration.ofSeconds(1);
  private static final Logger LOG = Logger.getLogger(PipelinedConnections.class);

  private final Function<Context, Future<SqlConnection>> provider;
  private final int most;
  private final Duration life;
  private volatile boolean closed;
  private final Map<EventLoop, Lane> lanes = new ConcurrentHashMap<>();

  /**
   * @param provider opens watched connections
   * @param most how many event loops get one
   * @param life how long a connection is kept, as the database keeps plans and catalogs for it;
   *     zero: for ever
   */
  public PipelinedConnections(
      Function<Context, Future<SqlConnection>> provider, int most, Duration life) {
    this.provider = provider;
    this.most = most;
    this.life = life;
  }

  /**
   * Runs a query on the connection of the current event loop.
   *
   * @return its rows, on the caller's context; empty if another connection has to run it
   */
  public Optional<Future<RowSet<Row>>> read(SqlQuery query) {
    if (!(Vertx.currentContext() instanceof ContextInternal context)
        || !context.nettyEventLoop().inEventLoop()) {
      return Optional.empty();
    }
    Lane lane = lanes.get(context.nettyEventLoop());
    if (lane == null && lanes.size() < most) {
      lane = add(context.nettyEventLoop());
    }
    return lane == null ? Optional.empty() : lane.read(query, context);
  }

  /** Adds a lane; null if other event loops took the last one meanwhile. */
  private synchronized Lane add(EventLoop loop) {
    return lanes.size() < most ? lanes.computeIfAbsent(loop, added -> new Lane()) : null;
  }

  /** Closes all connections, each after the last answer that it waits for. */
  public void close() {
    closed = true;
    lanes.forEach((loop, lane) -> loop.execute(lane::close));
  }

  /** The connection of one event loop, and confined to it. */
  private final class Lane {
    private SqlConnectionBase<?> connection;
    private ConnectionWatchdog watched;
    private boolean opening;
    private long openAgain = System.nanoTime();
    private int unanswered;

    Optional<Future<RowSet<Row>>> read(SqlQuery query, ContextInternal context) {
      if (connection == null || !watched.isUsable()) {
        open(context);
        return Optional.empty();
      }
      if (unanswered >= MAX_UNANSWERED || watched.waitsFor(SLOW)) {
        return Optional.empty();
      }
      unanswered++;
      ConnectionWatchdog asked = watched;
      return Optional.of(
          PgDriver.INSTANCE
              // So that the rows arrive on the context of the request.
              .wrapConnection(context, connection.factory(), connection.unwrap())
              .preparedQuery(query.text())
              .execute(Tuple.from(query.arguments()))
              .onComplete(
                  answer -> {
                    unanswered--;
                    if (answer.failed() && Outage.isDeadline(answer.cause())) {
                      asked.abandon();
                    }
                  }));
    }

    private void open(ContextInternal context) {
      long now = System.nanoTime();
      if (opening || closed || now - openAgain < 0) {
        return;
      }
      opening = true;
      openAgain = now + RECONNECT.toNanos();
      ContextInternal own =
          context
              .owner()
              .createEventLoopContext(
                  context.nettyEventLoop(), null, Thread.currentThread().getContextClassLoader());
      own.runOnContext(
          begun -> provider.apply(own).onSuccess(this::opened).onFailure(this::notOpened));
    }

    private void opened(SqlConnection opened) {
      opening = false;
      opened.exceptionHandler(e -> LOG.debug("The connection of an event loop failed", e));
      ConnectionWatchdog.of(opened)
          .ifPresent(
              watchdog -> {
                connection = (SqlConnectionBase<?>) opened;
                watched = watchdog;
                if (!life.isZero()) {
                  watched.dropAfter(life);
                }
                if (closed) {
                  close();
                }
              });
    }

    private void notOpened(Throwable failure) {
      opening = false;
      LOG.debug("No connection was opened for an event loop", failure);
    }

    void close() {
      if (connection != null) {
        watched.drop();
      }
    }
  }
}
