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
 * Opens all connections to the database, for every pool, and drops those that are no longer useful.
 * If a peer fell silent, idle connections not heard of since are dropped at once instead of being
 * tried one by one. If the database turned read-only, new connections go to the host that replaced
 * it.
 */
@Singleton
public class Connections {
  private static final Logger LOG = Logger.getLogger(Connections.class);

  /** How long a connection to a read-only database is kept before another host is tried. */
  private static final Duration READ_ONLY_LIFE = Duration.ofSeconds(5);

  private final Set<ConnectionWatchdog> open = ConcurrentHashMap.newKeySet();

  /**
   * The connection provider of a pool.
   *
   * @param hosts the database hosts; the first writable one is used, otherwise a read-only one
   * @param connecting how long connecting to each host may take
   * @param answer how long an answer may take unless a transaction sets its own deadline
   */
  public Function<Context, Future<SqlConnection>> of(
      Vertx vertx, List<PgConnectOptions> hosts, Duration connecting, Duration answer) {
    Hosts all = new Hosts(hosts, new PgConnector((VertxInternal) vertx, connecting), answer);
    HostResolver resolver = new HostResolver(vertx);
    return context -> all.connect((ContextInternal) context, resolver);
  }

  /**
   * Drops idle connections not heard of since a time of {@link System#nanoTime}, because a peer has
   * not answered since.
   */
  void silent(long since) {
    open.forEach(each -> each.distrust(since));
  }

  /**
   * Drops all connections opened while the database was writable, because it reported that it is
   * read-only.
   */
  public void turnedReadOnly() {
    for (ConnectionWatchdog each : open) {
      if (!each.isReadOnly()) {
        each.drop();
      }
    }
  }

  void closed(ConnectionWatchdog connection) {
    open.remove(connection);
  }

  private final class Hosts {
    private final List<PgConnectOptions> hosts;
    private final PgConnector connector;
    private final Duration answer;

    /** The host connected to last. */
    private final AtomicInteger current = new AtomicInteger();

    Hosts(List<PgConnectOptions> hosts, PgConnector connector, Duration answer) {
      this.hosts = hosts;
      this.connector = connector;
      this.answer = answer;
    }

    Future<SqlConnection> connect(ContextInternal context, HostResolver resolver) {
      return connect(context, resolver, current.get(), 0, null);
    }

    /**
     * @param readOnly a connection to an earlier host that is read-only, or null
     */
    private Future<SqlConnection> connect(
        ContextInternal context,
        HostResolver resolver,
        int first,
        int tried,
        SqlConnection readOnly) {
      int index = (first + tried) % hosts.size();
      boolean last = tried == hosts.size() - 1;
      return open(context, resolver, hosts.get(index))
          .transform(
              opened -> {
                boolean isReadOnly = opened.succeeded() && isReadOnly(opened.result());
                if (opened.succeeded() && (!isReadOnly || (last && readOnly == null))) {
                  current.set(index);
                  if (readOnly != null) {
                    dispose(readOnly);
                  }
                  return Future.succeededFuture(opened.result());
                }
                SqlConnection kept = readOnly;
                if (isReadOnly) {
                  if (readOnly == null) {
                    kept = opened.result();
                  } else {
                    dispose(opened.result());
                  }
                }
                if (!last) {
                  return connect(context, resolver, first, tried + 1, kept);
                }
                return kept == null
                    ? context.failedFuture(opened.cause())
                    : context.succeededFuture(kept);
              });
    }

    private boolean isReadOnly(SqlConnection connection) {
      return ConnectionWatchdog.of(connection).map(ConnectionWatchdog::isReadOnly).orElse(false);
    }

    private Future<SqlConnection> open(
        ContextInternal context, HostResolver resolver, PgConnectOptions options) {
      Promise<Void> found = context.promise();
      resolver.resolve(options.getHost()).onComplete(found);
      return found
          .future()
          .compose(known -> connector.connect((Context) context, options))
          .recover(failure -> context.failedFuture(asConnectionFailure(failure)))
          .compose(this::examine);
    }

    private Throwable asConnectionFailure(Throwable failure) {
      return ConnectionWatchdog.isOfConnection(failure)
          ? failure
          : new VertxException("The database could not be connected to", failure);
    }

    private Future<SqlConnection> examine(SqlConnection connection) {
      ConnectionWatchdog watched = ConnectionWatchdog.begin(connection, Connections.this, answer);
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
