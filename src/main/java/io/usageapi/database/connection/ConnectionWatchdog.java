package io.usageapi.database.connection;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.VertxException;
import io.vertx.core.impl.NoStackTraceThrowable;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.impl.Connection;
import io.vertx.sqlclient.impl.SocketConnectionBase;
import io.vertx.sqlclient.impl.SqlConnectionInternal;
import io.vertx.sqlclient.impl.command.CommandBase;
import io.vertx.sqlclient.impl.command.CommandResponse;
import io.vertx.sqlclient.impl.command.PrepareStatementCommand;
import io.vertx.sqlclient.impl.command.SimpleQueryCommand;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Watches one database connection from its Netty pipeline. It counts unanswered commands, and
 * closes the connection when an answer is overdue.
 *
 * <p>The client itself has no deadline for an answer (<a
 * href="https://github.com/eclipse-vertx/vertx-sql-client/issues/668">vertx-sql-client#668</a>). It
 * closes a connection, even after an idle timeout, by sending Terminate and waiting for the peer,
 * which a silent peer never answers. So the watchdog closes the socket. That fails the commands
 * that wait for an answer and frees the place in the pool.
 *
 * <p>Only this class knows how the client keeps its connections. Its state belongs to the event
 * loop of the connection, except the volatile fields.
 */
public final class ConnectionWatchdog extends ChannelDuplexHandler {
  private static final Logger LOG = Logger.getLogger(ConnectionWatchdog.class);

  /** The interval of checks, and so how late an overdue answer may be noticed. */
  private static final long TICK_MILLIS = 500;

  private static final long NONE = Long.MAX_VALUE;

  /** SQLSTATE of a write to a read-only database. */
  private static final String READ_ONLY = "25006";

  /** SQLSTATE class of missing prepared statements. */
  private static final String NO_SUCH_STATEMENT_CLASS = "26";

  /** SQLSTATE, among others, of a prepared statement whose result type changed with the schema. */
  private static final String OUTGROWN_PLAN = "0A000";

  private final Connections all;
  private final long usual;

  private volatile long each;
  private volatile long end = NONE;
  private volatile boolean readOnly;

  private ChannelHandlerContext context;
  private int unanswered;
  private long since;
  private long heard = System.nanoTime();
  private boolean ticking;
  private boolean transaction;
  private Object writing;
  private boolean doomed;

  private ConnectionWatchdog(Connections all, Duration usual) {
    this.all = all;
    this.usual = usual.toNanos();
    this.each = this.usual;
  }

  /**
   * Starts to watch a connection; on its event loop.
   *
   * @param connection one that is not in a pool yet
   * @param usual how long an answer may take by default
   */
  static ConnectionWatchdog begin(SqlConnection connection, Connections all, Duration usual) {
    ConnectionWatchdog watched = new ConnectionWatchdog(all, usual);
    ChannelHandlerContext client = client(connection);
    client.pipeline().addBefore(client.name(), "watched", watched);
    return watched;
  }

  /** The watchdog of a connection; empty if the connection is closed. */
  public static Optional<ConnectionWatchdog> of(SqlConnection connection) {
    return Optional.ofNullable(client(connection).pipeline().get(ConnectionWatchdog.class));
  }

  /** Closes a socket immediately, even with unsent data; on its event loop. */
  static void tearDown(Channel channel) {
    // Other ways go through the client or TLS, which send a closing message first.
    channel.unsafe().close(channel.unsafe().voidPromise());
  }

  private static ChannelHandlerContext client(SqlConnection connection) {
    Connection pooled = ((SqlConnectionInternal) connection).unwrap();
    return ((SocketConnectionBase) pooled.unwrap()).socket().channelHandlerContext();
  }

  /**
   * Sets deadlines until the end of the transaction.
   *
   * @param each for each answer
   * @param together for all answers from now on
   */
  public void allow(Duration each, Duration together) {
    this.each = each.toNanos();
    this.end = System.nanoTime() + together.toNanos();
  }

  /** Sets a deadline for the connection to become free, as nobody waits for its result. */
  public void hurry(Duration left) {
    this.end = System.nanoTime() + left.toNanos();
  }

  /**
   * Marks a connection to a read-only database; on its event loop.
   *
   * @param life how long to keep it
   */
  void readsOnly(Duration life) {
    readOnly = true;
    dropAfter(life);
  }

  /** Closes it as soon as it is idle after this time; on its event loop. */
  void dropAfter(Duration life) {
    ScheduledFuture<?> end =
        context.executor().schedule(this::doom, life.toMillis(), TimeUnit.MILLISECONDS);
    // The timer would keep a closed connection in memory.
    context.channel().closeFuture().addListener(closed -> end.cancel(false));
  }

  /** Whether it is open and should stay so; on its event loop. */
  boolean isUsable() {
    return !doomed && context.channel().isActive();
  }

  /** Whether the oldest unanswered command has waited longer than this; on its event loop. */
  boolean waitsFor(Duration time) {
    return unanswered > 0 && System.nanoTime() - since > time.toNanos();
  }

  /** Closes it at once, which fails the statements that wait for an answer; on its event loop. */
  void abandon() {
    tearDown(context.channel());
  }

  /** Whether the database was read-only when it was connected to. */
  boolean isReadOnly() {
    return readOnly;
  }

  /** Closes it as soon as it is idle. */
  void drop() {
    context.executor().execute(this::doom);
  }

  /** Closes it if it is idle and was not heard of since, as its peer may be gone. */
  void distrust(long since) {
    context
        .executor()
        .execute(
            () -> {
              if (isIdle() && heard - since < 0) {
                tearDown(context.channel());
              }
            });
  }

  private void doom() {
    doomed = true;
    if (isIdle()) {
      tearDown(context.channel());
    }
  }

  private boolean isIdle() {
    return unanswered == 0 && !transaction;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    this.context = context;
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    if (message instanceof CommandBase<?>) {
      asked();
      if (message instanceof SimpleQueryCommand<?> query && isBegin(query.sql())) {
        transaction = true;
      }
    }
    writing = message;
    try {
      Object unused = context.write(message, promise);
    } finally {
      writing = null;
    }
  }

  /** The client sends Terminate, which needs an answer too. */
  @Override
  public void close(ChannelHandlerContext context, ChannelPromise promise) {
    asked();
    Object unused = context.close(promise);
  }

  private void asked() {
    if (unanswered++ == 0) {
      since = System.nanoTime();
    }
    if (!ticking) {
      ticking = true;
      tickLater();
    }
  }

  /**
   * One timer for the connection: one per statement would be created and cancelled for every page.
   */
  private void tickLater() {
    Object unused = context.executor().schedule(this::tick, TICK_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void tick() {
    if (unanswered == 0 || !context.channel().isOpen()) {
      ticking = false;
      return;
    }
    long now = System.nanoTime();
    if (now - since > each) {
      LOG.warnf(
          "A connection to the database is closed: %s did not answer within %s",
          context.channel().remoteAddress(), Duration.ofNanos(each));
      all.silent(since);
      tearDown(context.channel());
    } else if (end != NONE && now - end > 0) {
      LOG.warnf(
          "A connection to the database is closed: a transaction exceeded its deadline, on %s",
          context.channel().remoteAddress());
      tearDown(context.channel());
    } else {
      tickLater();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof CommandResponse<?> response) {
      answered(response);
    } else {
      context.fireChannelRead(message);
    }
  }

  private <R> void answered(CommandResponse<R> response) {
    unanswered--;
    since = System.nanoTime();
    heard = since;
    CommandResponse<R> passed = response;
    Throwable failure = response.toAsyncResult().cause();
    if (response.cmd instanceof SimpleQueryCommand<?> query
        && (isEnd(query.sql()) || (failure != null && isBegin(query.sql())))) {
      transaction = false;
      each = usual;
      end = NONE;
    }
    if (failure instanceof PgException pg) {
      refused(String.valueOf(pg.getSqlState()));
    } else if (failure != null && response.cmd != writing && !isOfConnection(failure)) {
      passed =
          CommandResponse.failure(
              new VertxException("What the database answered could not be read", failure));
      passed.cmd = response.cmd;
      tearDown(context.channel());
    }
    // After a successful PREPARE comes the execution of the statement.
    boolean last = failure != null || !(response.cmd instanceof PrepareStatementCommand);
    if (doomed && isIdle() && last) {
      tearDown(context.channel());
      // Completed after the pool noticed the closing, so that it does not hand out this connection.
      context.executor().execute(passed::fire);
    } else {
      context.fireChannelRead(passed);
    }
  }

  private void refused(String state) {
    if (state.equals(READ_ONLY)) {
      all.turnedReadOnly();
    } else if (state.startsWith(NO_SUCH_STATEMENT_CLASS) || state.equals(OUTGROWN_PLAN)) {
      // The prepared statements are useless. The client would only notice that by the English error
      // message.
      doomed = true;
    }
  }

  private static boolean isBegin(String sql) {
    return sql.startsWith("BEGIN");
  }

  private static boolean isEnd(String sql) {
    return sql.equals("COMMIT") || sql.equals("ROLLBACK");
  }

  /** Whether the client reports that a connection ended or could not run a command. */
  static boolean isOfConnection(Throwable failure) {
    return failure instanceof VertxException
        || failure instanceof IOException
        || failure instanceof NoStackTraceThrowable;
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    all.closed(this);
    context.fireChannelInactive();
  }
}
