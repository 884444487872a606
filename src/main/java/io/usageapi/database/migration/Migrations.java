package io.usageapi.database.migration;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.smallrye.mutiny.subscription.Cancellable;
import io.usageapi.database.DatabaseConfig;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.output.MigrateResult;
import org.flywaydb.core.api.output.RepairResult;
import org.jboss.logging.Logger;

/**
 * Brings the schema up to date when the server starts, where that is asked for. A database that is
 * out of reach delays it, and so does a table that others use for longer than a migration waits for
 * it ({@link MigrationLocks}): the server starts, is not ready, and tries again until it is done.
 */
@ApplicationScoped
public class Migrations {
  /** Before what reads or writes the database at the start. */
  public static final int PRIORITY = 100;

  private static final Logger LOG = Logger.getLogger(Migrations.class);

  /** A lock not available in time, a deadlock, a serialization failure. */
  private static final Set<String> HINDERED = Set.of("55P03", "40P01", "40001");

  static final Duration FIRST_RETRY = Duration.ofSeconds(1);
  static final Duration LAST_RETRY = Duration.ofSeconds(10);

  private final Instance<Flyway> flyway;
  private final DatabaseConfig config;
  private Cancellable retrying = () -> {};
  private volatile boolean pending;

  Migrations(Instance<Flyway> flyway, DatabaseConfig config) {
    this.flyway = flyway;
    this.config = config;
  }

  void migrate(@Observes @Priority(PRIORITY) StartupEvent start) {
    if (!config.migrateAtStart()) {
      return;
    }
    try {
      MigrateResult unused = attempt(flyway.get());
    } catch (RuntimeException e) {
      if (!isTriedAgain(e)) {
        throw e;
      }
      pending = true;
      migrateLater();
    }
  }

  /** Whether this server is to migrate the database and has not done so yet. */
  public boolean arePending() {
    return pending;
  }

  @PreDestroy
  void stop() {
    retrying.cancel();
  }

  private void migrateLater() {
    retrying =
        Uni.createFrom()
            .item(() -> attempt(flyway.get()))
            .runSubscriptionOn(Infrastructure.getDefaultWorkerPool())
            .onFailure(Migrations::isTriedAgain)
            .retry()
            .withBackOff(FIRST_RETRY, LAST_RETRY)
            .indefinitely()
            .subscribe()
            .with(
                result -> {
                  pending = false;
                  LOG.infof(
                      "The database is migrated; migrations run: %d", result.migrationsExecuted);
                },
                failure -> {
                  LOG.error("The migration of the database failed", failure);
                  Quarkus.asyncExit(1);
                });
  }

  /** Migrates, or fails and says in the log why it is to be tried again. */
  static MigrateResult attempt(Flyway flyway) {
    try {
      return flyway.migrate();
    } catch (RuntimeException e) {
      if (isHindered(e)) {
        LOG.warnf("A migration could not lock its tables, and is tried again: %s", e);
        forgetFailure(flyway);
      } else if (isOutOfReach(e)) {
        LOG.warnf(
            "The database is out of reach (%s); it is migrated when it is back", e.getMessage());
      }
      throw e;
    }
  }

  /** What is not in a transaction leaves a note that it failed, with which none would run again. */
  private static void forgetFailure(Flyway flyway) {
    if (Stream.of(flyway.info().all()).anyMatch(each -> each.getState().isFailed())) {
      RepairResult unused = flyway.repair();
    }
  }

  private static boolean isTriedAgain(Throwable failure) {
    return isHindered(failure) || isOutOfReach(failure);
  }

  /** Whether a lock was not to be had in time, or two waited for each other. */
  static boolean isHindered(Throwable failure) {
    return sqlState(failure).filter(HINDERED::contains).isPresent();
  }

  /** Whether the connection failed, or the database has none left, only reads, starts or stops. */
  private static boolean isOutOfReach(Throwable failure) {
    return sqlState(failure)
        .filter(
            state ->
                state.isEmpty()
                    || state.startsWith("08")
                    || state.startsWith("53")
                    || state.equals("25006")
                    || state.startsWith("57P"))
        .isPresent();
  }

  /** That of the database's own failure, if it is one; of none that it says, the empty one. */
  private static Optional<String> sqlState(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql) {
        return Optional.of(Objects.requireNonNullElse(sql.getSQLState(), ""));
      }
    }
    return Optional.empty();
  }
}
