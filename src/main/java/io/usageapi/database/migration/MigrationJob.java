package io.usageapi.database.migration;

import io.quarkus.flyway.FlywayConfigurationCustomizer;
import io.usageapi.database.DatabaseConfig;
import jakarta.annotation.Priority;
import jakarta.inject.Singleton;
import java.time.Duration;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.core.api.output.MigrateResult;

/**
 * Migrates in a process that only initializes and exits, and retries while others lock the tables.
 * There the framework migrates once, and no code of ours runs afterwards. So this runs when the
 * framework asks for its configuration, and leaves it nothing to do.
 */
@Singleton
@Priority(MigrationJob.AFTER_ALL_OTHERS)
public class MigrationJob implements FlywayConfigurationCustomizer {
  static final int AFTER_ALL_OTHERS = Integer.MIN_VALUE;

  private final boolean initAndExit;
  private final DatabaseConfig config;

  MigrationJob(
      @ConfigProperty(name = MigrateAtStart.INIT_AND_EXIT, defaultValue = "false")
          boolean initAndExit,
      DatabaseConfig config) {
    this.initAndExit = initAndExit;
    this.config = config;
  }

  @Override
  public void customize(FluentConfiguration configuration) {
    if (!initAndExit || !config.migrateAtStart()) {
      return;
    }
    Flyway flyway = configuration.load();
    Duration pause = Migrations.FIRST_RETRY;
    while (!isDone(flyway)) {
      sleep(pause);
      pause = pause.multipliedBy(2);
      if (pause.compareTo(Migrations.LAST_RETRY) > 0) {
        pause = Migrations.LAST_RETRY;
      }
    }
  }

  private static boolean isDone(Flyway flyway) {
    try {
      MigrateResult unused = Migrations.attempt(flyway);
      return true;
    } catch (FlywayException e) {
      if (Migrations.isLockFailure(e)) {
        return false;
      }
      throw e;
    }
  }

  private static void sleep(Duration pause) {
    try {
      Thread.sleep(pause.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FlywayException("asked to end", e);
    }
  }
}
