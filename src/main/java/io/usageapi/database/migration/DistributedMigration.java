package io.usageapi.database.migration;

import io.quarkus.flyway.FlywayConfigurationCustomizer;
import io.usageapi.database.DatabaseConfig;
import jakarta.inject.Singleton;
import org.flywaydb.core.api.configuration.FluentConfiguration;

/**
 * Lets Flyway see the migration that spreads the tables over a cluster, where the database is one.
 * It is a repeatable migration, with a prefix of its own, and is called as the setting: so Flyway
 * names that when the migration was run before and is left out now.
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
