package io.usageapi.database.connection;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxException;
import io.vertx.core.impl.ContextInternal;
import io.vertx.core.impl.VertxInternal;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.SqlConnection;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * All connections to the database, of every pool: opens them, and drops those that can be of no
 * more use. Where one peer fell silent, those not heard of since are not tried one after the other;
 * where the database turned read-only, the next go to the one that took its place.
 */
@Singleton
public class Connections {
  private static final Logger LOG = Logger.getLogger(Connections.class);

  /** How long a connection to a database that only reads is kept before another is tried. */
  private static final Duration READ_ONLY_LIFE = Duration.ofSeconds(5);

  private final Set<Watched> open = ConcurrentHashMap.newKeySet();

  /**
   * What a pool gets its connections from.
   *
   * @param hosts where the database is; of several the first that writes is taken, or else one that
   *     reads
   * @param connecting how long it may take to connect to each
   * @param answer how long an answer may take where a transaction does not say otherwise
   */
  public Function<Context, Future<SqlConnection>> of(
      Vertx vertx, List<PgConnectOptions> hosts, Duration connecting, Duration answer) {
    Hosts all = new Hosts(hosts, new Connector((VertxInternal) vertx, connecting), answer);
    Names names = new Names(vertx);
    return context -> all.connect((ContextInternal) context, names);
  }

  /** A peer did not answer what it was asked at a time, by {@link System#nanoTime}. */
  void silent(long since) {
    open.forEach(each -> each.distrust(since));
  }

  /** A database said that it only reads: those that were connected to when it wrote are dropped. */
  public void turnedReadOnly() {
    for (Watched each : open) {
      if (!each.isReadOnly()) {
        each.drop();
      }
    }
  }

  void closed(Watched connection) {
    open.remove(connection);
  }

  private final class Hosts {
    private final List<PgConnectOptions> hosts;
    private final Connector connector;
    private final Duration answer;

    /** The one that was connected to last. */
    private final AtomicInteger current = new AtomicInteger();

    Hosts(List<PgConnectOptions> hosts, Connector connector, Duration answer) {
      this.hosts = hosts;
      this.connector = connector;
      this.answer = answer;
    }

    Future<SqlConnection> connect(ContextInternal context, Names names) {
      return connect(context, names, current.get(), 0, null);
    }

    /**
     * @param reading a connection to one of the hosts before that only reads, or null
     */
    private Future<SqlConnection> connect(
        ContextInternal context, Names names, int first, int tried, SqlConnection reading) {
      int index = (first + tried) % hosts.size();
      boolean last = tried == hosts.size() - 1;
      return open(context, names, hosts.get(index))
          .transform(
              opened -> {
                boolean reads = opened.succeeded() && isReadOnly(opened.result());
                if (opened.succeeded() && (!reads || (last && reading == null))) {
                  current.set(index);
                  if (reading != null) {
                    dispose(reading);
                  }
                  return Future.succeededFuture(opened.result());
                }
                SqlConnection kept = reading;
                if (reads) {
                  if (reading == null) {
                    kept = opened.result();
                  } else {
                    dispose(opened.result());
                  }
                }
                if (!last) {
                  return connect(context, names, first, tried + 1, kept);
                }
                return kept == null
                    ? context.failedFuture(opened.cause())
                    : context.succeededFuture(kept);
              });
    }

    private boolean isReadOnly(SqlConnection connection) {
      return Watched.of(connection).map(Watched::isReadOnly).orElse(false);
    }

    private Future<SqlConnection> open(
        ContextInternal context, Names names, PgConnectOptions options) {
      Promise<Void> found = context.promise();
      names.lookUp(options.getHost()).onComplete(found);
      return found
          .future()
          .compose(known -> connector.connect((Context) context, options))
          .recover(failure -> context.failedFuture(told(failure)))
          .compose(this::examine);
    }

    private Throwable told(Throwable failure) {
      return Watched.isOfConnection(failure)
          ? failure
          : new VertxException("The database could not be connected to", failure);
    }

    private Future<SqlConnection> examine(SqlConnection connection) {
      Watched watched = Watched.begin(connection, Connections.this, answer);
      open.add(watched);
      return connection
          .query("SHOW transaction_read_only")
          .execute()
          .map(
              rows -> {
                if ("on".equals(rows.iterator().next().getString(0))) {
                  watched.readsOnly(READ_ONLY_LIFE);
                }
                return connection;
              })
          .onFailure(
              failure -> {
                closed(watched);
                dispose(connection);
              });
    }

    private void dispose(SqlConnection connection) {
      connection.close().onFailure(e -> LOG.debug("A connection was closed already", e));
    }
  }
}
