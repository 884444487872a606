package io.usageapi.database;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.smallrye.mutiny.subscription.Cancellable;
import io.usageapi.config.UsageApiConfig;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import java.sql.SQLException;
import java.time.Duration;
import org.flywaydb.core.Flyway;
import org.jboss.logging.Logger;

/**
 * Brings the schema up to date when the server starts, where that is asked for. A database that is
 * out of reach delays it: the server starts, is not ready, and migrates when the database is back.
 */
@ApplicationScoped
public class Migrations {
  /** Before what reads or writes the database at the start. */
  static final int PRIORITY = 100;

  private static final Logger LOG = Logger.getLogger(Migrations.class);
  private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
  private static final Duration LAST_RETRY = Duration.ofSeconds(10);

  private final Instance<Flyway> flyway;
  private final UsageApiConfig config;
  private Cancellable retrying = () -> {};

  Migrations(Instance<Flyway> flyway, UsageApiConfig config) {
    this.flyway = flyway;
    this.config = config;
  }

  void migrate(@Observes @Priority(PRIORITY) StartupEvent start) {
    if (!config.database().migrateAtStart()) {
      return;
    }
    try {
      flyway.get().migrate();
    } catch (RuntimeException e) {
      if (!isOutOfReach(e)) {
        throw e;
      }
      LOG.warnf(
          "The database is out of reach (%s); it is migrated when it is back", e.getMessage());
      migrateLater();
    }
  }

  @PreDestroy
  void stop() {
    retrying.cancel();
  }

  private void migrateLater() {
    retrying =
        Uni.createFrom()
            .item(() -> flyway.get().migrate())
            .runSubscriptionOn(Infrastructure.getDefaultWorkerPool())
            .onFailure(Migrations::isOutOfReach)
            .retry()
            .withBackOff(FIRST_RETRY, LAST_RETRY)
            .indefinitely()
            .subscribe()
            .with(
                result ->
                    LOG.infof(
                        "The database is back; migrations run: %d", result.migrationsExecuted),
                failure -> {
                  LOG.error("The database is back, but its migration failed", failure);
                  Quarkus.asyncExit(1);
                });
  }

  private static boolean isOutOfReach(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql) {
        String state = sql.getSQLState();
        // Connection exceptions, none left, one that only reads, is starting or shutting down.
        return state == null
            || state.startsWith("08")
            || state.startsWith("53")
            || state.equals("25006")
            || state.startsWith("57P");
      }
    }
    return false;
  }
}
