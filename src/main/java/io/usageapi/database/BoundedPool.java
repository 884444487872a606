package io.usageapi.database;

import io.quarkus.reactive.pg.client.PgPoolCreator;
import io.usageapi.config.UsageApiConfig;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnectOptions;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Makes the pool with bounds on what waits for it, and with a deadline in every connection. */
@Singleton
public class BoundedPool implements PgPoolCreator {
  private final UsageApiConfig.Database config;

  BoundedPool(UsageApiConfig config) {
    this.config = config.database();
  }

  @Override
  public Pool create(Input input) {
    for (PgConnectOptions options : input.pgConnectOptionsList()) {
      options.addProperty("statement_timeout", Long.toString(config.readTimeout().toMillis()));
      options.setConnectTimeout((int) config.acquireTimeout().toMillis());
    }
    return PgBuilder.pool()
        .with(
            input
                .poolOptions()
                .setMaxWaitQueueSize(config.maxWaiting())
                .setConnectionTimeout((int) config.acquireTimeout().toMillis())
                .setConnectionTimeoutUnit(TimeUnit.MILLISECONDS))
        .connectingTo(List.<SqlConnectOptions>copyOf(input.pgConnectOptionsList()))
        .using(input.vertx())
        .build();
  }
}
