package io.usageapi.database;

import io.quarkus.arc.ClientProxy;
import io.quarkus.reactive.pg.client.PgPoolCreator;
import io.smallrye.common.annotation.Identifier;
import io.usageapi.database.connection.Connections;
import io.usageapi.database.connection.DatabaseTls;
import io.usageapi.database.connection.PipelinedConnections;
import io.usageapi.database.connection.SessionSettings;
import io.usageapi.sql.SqlQuery;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.SqlConnectOptions;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Creates the connection pool with a bounded queue, and another one to the same database for
 * exports, so that they take no connection from the pages. Metrics distinguish them by name.
 */
@Singleton
public class BoundedPool implements PgPoolCreator {
  /** How many statements a connection keeps prepared; the least recently used goes first. */
  private static final int MAX_PREPARED = 160;

  /** The longest statement kept prepared, in characters. */
  private static final int MAX_PREPARED_LENGTH = 4096;

  /** The deadline of a statement on a pipelined connection. */
  private static final Duration PIPELINED = Duration.ofSeconds(1);

  /** Qualifies the pool of exports. */
  static final String EXPORTS = "exports";

  private final DatabaseConfig config;
  private final ExportConfig export;
  private final Connections connections;
  private final DatabaseTls tls;
  private final SessionSettings session;
  private Input settings;

  BoundedPool(
      DatabaseConfig config,
      ExportConfig export,
      Connections connections,
      DatabaseTls tls,
      SessionSettings session) {
    this.config = config;
    this.export = export;
    this.connections = connections;
    this.tls = tls;
    this.session = session;
  }

  @Override
  public Pool create(Input input) {
    settings = input;
    return pool(
        input,
        input.poolOptions().setName("requests").setMaxWaitQueueSize(config.maxWaiting()),
        config.readTimeout());
  }

  /**
   * The pool for exports.
   *
   * @param pages the other pool: when the framework creates it, it passes the settings of both
   */
  @Produces
  @Singleton
  @Identifier(EXPORTS)
  Pool exports(Pool pages) {
    // Forces the creation of the proxied pool.
    ClientProxy.unwrap(pages);
    return pool(
        settings,
        new PoolOptions(settings.poolOptions())
            .setShared(false)
            .setName(EXPORTS)
            .setMaxSize(export.maxConcurrent())
            .setMaxWaitQueueSize(export.maxConcurrent()),
        export.batchTimeout());
  }

  /** The connections for statements that are pipelined. */
  @Produces
  @Singleton
  PipelinedConnections pipelined(Pool pages) {
    ClientProxy.unwrap(pages);
    List<PgConnectOptions> hosts = hosts(settings);
    Duration deadline =
        PIPELINED.compareTo(config.readTimeout()) < 0 ? PIPELINED : config.readTimeout();
    hosts.forEach(
        host ->
            host.setPipeliningLimit(PipelinedConnections.MAX_UNANSWERED)
                .addProperty("statement_timeout", Long.toString(deadline.toMillis())));
    PoolOptions options = settings.poolOptions();
    return new PipelinedConnections(
        connections.of(
            settings.vertx(), hosts, config.acquireTimeout(), deadline.plus(Database.GRACE)),
        config.pipelinedConnections(),
        Duration.of(options.getMaxLifetime(), options.getMaxLifetimeUnit().toChronoUnit()));
  }

  void close(@Disposes PipelinedConnections pipelined) {
    pipelined.close();
  }

  void close(@Disposes @Identifier(EXPORTS) Pool exports) {
    exports.close(closed -> {});
  }

  /** Other statements are prepared without a name: the next one replaces them. */
  private static boolean staysPrepared(String statement) {
    return statement.length() <= MAX_PREPARED_LENGTH && SqlQuery.isRepeated(statement);
  }

  private List<PgConnectOptions> hosts(Input input) {
    List<PgConnectOptions> hosts = new ArrayList<>();
    for (PgConnectOptions each : input.pgConnectOptionsList()) {
      hosts.add(
          session.begin(
              tls.secure(
                  new PgConnectOptions(each)
                      .setPreparedStatementCacheMaxSize(MAX_PREPARED)
                      .setPreparedStatementCacheSqlFilter(BoundedPool::staysPrepared)
                      .setConnectTimeout((int) config.acquireTimeout().toMillis()))));
    }
    return hosts;
  }

  private Pool pool(Input input, PoolOptions options, Duration deadline) {
    List<PgConnectOptions> hosts = hosts(input);
    Pool pool =
        PgBuilder.pool()
            .with(
                options
                    .setConnectionTimeout((int) config.acquireTimeout().toMillis())
                    .setConnectionTimeoutUnit(TimeUnit.MILLISECONDS))
            .connectingTo(List.<SqlConnectOptions>copyOf(hosts))
            .using(input.vertx())
            .build();
    return watched(pool, input, hosts, deadline);
  }

  /** Makes the pool use watched connections. The builder has no method for that. */
  @SuppressWarnings("deprecation")
  private Pool watched(Pool pool, Input input, List<PgConnectOptions> hosts, Duration deadline) {
    return pool.connectionProvider(
        connections.of(
            input.vertx(), hosts, config.acquireTimeout(), deadline.plus(Database.GRACE)));
  }
}
