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
 * Migrates the schema when the server starts, if configured. If the database is unreachable, or a
 * table is locked for too long ({@link MigrationLocks}), the server starts, is not ready, and
 * retries.
 */
@ApplicationScoped
public class Migrations {
  /** Before everything that uses the database at the start. */
  public static final int PRIORITY = 100;

  private static final Logger LOG = Logger.getLogger(Migrations.class);

  /** Lock not available, deadlock, serialization failure. */
  private static final Set<String> LOCK_FAILURES = Set.of("55P03", "40P01", "40001");

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
      if (!isRetried(e)) {
        throw e;
      }
      pending = true;
      migrateLater();
    }
  }

  /** Whether this server still has to migrate the database. */
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
            .onFailure(Migrations::isRetried)
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

  /** Migrates; on a failure that is retried, logs why. */
  static MigrateResult attempt(Flyway flyway) {
    try {
      return flyway.migrate();
    } catch (RuntimeException e) {
      if (isLockFailure(e)) {
        LOG.warnf("A migration could not lock its tables and is tried again: %s", e);
        forgetFailure(flyway);
      } else if (isUnreachable(e)) {
        LOG.warnf("The database is unreachable (%s); the migration is tried again", e.getMessage());
      }
      throw e;
    }
  }

  /** A failed migration outside a transaction leaves an entry that would block all others. */
  private static void forgetFailure(Flyway flyway) {
    if (Stream.of(flyway.info().all()).anyMatch(each -> each.getState().isFailed())) {
      RepairResult unused = flyway.repair();
    }
  }

  private static boolean isRetried(Throwable failure) {
    return isLockFailure(failure) || isUnreachable(failure);
  }

  static boolean isLockFailure(Throwable failure) {
    return sqlState(failure).filter(LOCK_FAILURES::contains).isPresent();
  }

  /**
   * Whether the connection failed, or the database has no connection left, is read-only, starts or
   * stops.
   */
  private static boolean isUnreachable(Throwable failure) {
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

  /** The SQLSTATE of a database failure; blank if it has none. Empty for other failures. */
  private static Optional<String> sqlState(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql) {
        return Optional.of(Objects.requireNonNullElse(sql.getSQLState(), ""));
      }
    }
    return Optional.empty();
  }
}
