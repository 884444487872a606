package io.usageapi.database.migration;

import io.quarkus.flyway.FlywayConfigurationCustomizer;
import io.usageapi.database.DatabaseConfig;
import jakarta.inject.Singleton;
import org.flywaydb.core.api.configuration.FluentConfiguration;

/**
 * Enables the migration that distributes the tables over a Citus cluster, if configured. It is a
 * repeatable migration with its own prefix, named like the setting. So if the setting is removed
 * later, the error of Flyway names it.
 */
@Singleton
public class DistributedMigration implements FlywayConfigurationCustomizer {
  public static final String PREFIX = "D";

  private final DatabaseConfig config;

  DistributedMigration(DatabaseConfig config) {
    this.config = config;
  }

  @Override
  public void customize(FluentConfiguration configuration) {
    if (config.distributed()) {
      configuration.repeatableSqlMigrationPrefix(PREFIX);
    }
  }
}
