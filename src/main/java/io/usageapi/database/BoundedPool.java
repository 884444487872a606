package io.usageapi.database;

import io.quarkus.reactive.pg.client.PgPoolCreator;
import io.usageapi.config.UsageApiConfig;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.SqlConnectOptions;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Makes the pool with bounds on what waits for it, and with a deadline in every connection; and
 * beside it another, to the same database, so that exports take no connection from the pages.
 */
@Singleton
public class BoundedPool implements PgPoolCreator {
  private final UsageApiConfig.Database config;
  private final UsageApiConfig.Export export;
  private Pool exports;

  BoundedPool(UsageApiConfig config) {
    this.config = config.database();
    this.export = config.export();
  }

  @Override
  public Pool create(Input input) {
    exports =
        pool(
            input,
            new PoolOptions(input.poolOptions())
                .setShared(false)
                .setMaxSize(export.maxConcurrent())
                .setMaxWaitQueueSize(export.maxConcurrent()),
            export.timeout());
    return pool(
        input, input.poolOptions().setMaxWaitQueueSize(config.maxWaiting()), config.readTimeout());
  }

  /** The pool for exports; made together with the other. */
  Pool exports() {
    return exports;
  }

  @PreDestroy
  void close() {
    if (exports != null) {
      exports.close(closed -> {});
    }
  }

  private Pool pool(Input input, PoolOptions options, Duration statementTimeout) {
    List<SqlConnectOptions> connecting = new ArrayList<>();
    for (PgConnectOptions each : input.pgConnectOptionsList()) {
      connecting.add(
          new PgConnectOptions(each)
              .addProperty("statement_timeout", Long.toString(statementTimeout.toMillis()))
              .setConnectTimeout((int) config.acquireTimeout().toMillis()));
    }
    return PgBuilder.pool()
        .with(
            options
                .setConnectionTimeout((int) config.acquireTimeout().toMillis())
                .setConnectionTimeoutUnit(TimeUnit.MILLISECONDS))
        .connectingTo(connecting)
        .using(input.vertx())
        .build();
  }
}
