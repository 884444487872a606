package io.usageapi.database.connection;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
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
 * Watches one connection to the database, from within its pipeline: it counts the commands that are
 * not answered, and closes the connection when an answer is overdue. The client itself has no
 * deadline for an answer (<a
 * href="https://github.com/eclipse-vertx/vertx-sql-client/issues/668">vertx-sql-client#668</a>),
 * and its way to close a connection, also by an idle time-out, is to say good-bye and to wait until
 * the peer closes: a peer that is silent never does. So here the socket is closed, and with it goes
 * what waits for an answer, and the place in the pool.
 *
 * <p>This is the one class that knows how the client keeps its connections. All of its state is the
 * event loop's of the connection, but what is volatile.
 */
public final class Watched extends ChannelDuplexHandler {
  private static final Logger LOG = Logger.getLogger(Watched.class);

  /** How often an overdue answer is looked for, and so how late it may be noticed. */
  private static final long TICK_MILLIS = 500;

  private static final long NONE = Long.MAX_VALUE;

  /** SQLSTATE of a write to a database that only reads. */
  private static final String READ_ONLY = "25006";

  /** The class of statements that were prepared and are not there. */
  private static final String NO_SUCH_STATEMENT_CLASS = "26";

  /** SQLSTATE also of a prepared statement that the schema has outgrown. */
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
  private boolean writing;
  private boolean doomed;

  private Watched(Connections all, Duration usual) {
    this.all = all;
    this.usual = usual.toNanos();
    this.each = this.usual;
  }

  /**
   * Begins to watch a connection; on its event loop.
   *
   * @param connection one that is not in a pool yet
   * @param usual how long an answer may take where nothing else was said
   */
  static Watched begin(SqlConnection connection, Connections all, Duration usual) {
    Watched watched = new Watched(all, usual);
    ChannelHandlerContext client = client(connection);
    client.pipeline().addBefore(client.name(), "watched", watched);
    return watched;
  }

  /** What watches a connection; nothing where it is closed already. */
  public static Optional<Watched> of(SqlConnection connection) {
    return Optional.ofNullable(client(connection).pipeline().get(Watched.class));
  }

  /** Closes a socket at once, whatever waits to be written to it; on its event loop. */
  static void tearDown(Channel channel) {
    // Any other way goes through the client, which says good-bye, or through TLS, which does too.
    channel.unsafe().close(channel.unsafe().voidPromise());
  }

  private static ChannelHandlerContext client(SqlConnection connection) {
    Connection pooled = ((SqlConnectionInternal) connection).unwrap();
    return ((SocketConnectionBase) pooled.unwrap()).socket().channelHandlerContext();
  }

  /**
   * Says how long answers may take until the end of the transaction.
   *
   * @param each how long each of them
   * @param together how long all of them, from now on
   */
  public void allow(Duration each, Duration together) {
    this.each = each.toNanos();
    this.end = System.nanoTime() + together.toNanos();
  }

  /** Says that nobody waits for this any more: the connection has so long to become free. */
  public void hurry(Duration left) {
    this.end = System.nanoTime() + left.toNanos();
  }

  /**
   * Marks it as one to a database that only reads; on its event loop.
   *
   * @param life how long it is of use
   */
  void readsOnly(Duration life) {
    readOnly = true;
    Object unused = context.executor().schedule(this::doom, life.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Whether the database only read when it was connected to. */
  boolean isReadOnly() {
    return readOnly;
  }

  /** Closes it as soon as nobody uses it. */
  void drop() {
    context.executor().execute(this::doom);
  }

  /** Closes it if it is not used, and was not heard of since; its peer may be gone. */
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
    writing = true;
    try {
      Object unused = context.write(message, promise);
    } finally {
      writing = false;
    }
  }

  /** The client says good-bye: this too wants an answer. */
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

  /** One timer for all statements: one for each would be made and cancelled for every page. */
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
          "A connection to the database is closed: a transaction did not end in its time, on %s",
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
    } else if (failure != null && !writing && !isOfConnection(failure)) {
      passed =
          CommandResponse.failure(
              new VertxException("What the database answered could not be read", failure));
      passed.cmd = response.cmd;
      tearDown(context.channel());
    }
    // A statement that was prepared is run next.
    if (doomed && isIdle() && !(response.cmd instanceof PrepareStatementCommand)) {
      tearDown(context.channel());
      // Once the pool has heard of it, so that it gives this connection to nobody.
      context.executor().execute(passed::fire);
    } else {
      context.fireChannelRead(passed);
    }
  }

  private void refused(String state) {
    if (state.equals(READ_ONLY)) {
      all.turnedReadOnly();
    } else if (state.startsWith(NO_SUCH_STATEMENT_CLASS) || state.equals(OUTGROWN_PLAN)) {
      // What the client prepared is of no more use here, which it finds out in English only.
      doomed = true;
    }
  }

  private static boolean isBegin(String sql) {
    return sql.startsWith("BEGIN");
  }

  private static boolean isEnd(String sql) {
    return sql.equals("COMMIT") || sql.equals("ROLLBACK");
  }

  /** Whether the client tells by it that a connection ended, or was not fit for a command. */
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
