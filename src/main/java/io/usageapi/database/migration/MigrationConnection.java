package io.usageapi.database.migration;

import io.quarkus.flyway.FlywayConfigurationCustomizer;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.usageapi.database.DatabaseConfig;
import io.usageapi.database.connection.DatabaseTls;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.Config;
import org.flywaydb.core.api.configuration.FluentConfiguration;

/**
 * Applies the database settings to migrations, also in a process that only migrates. On a Citus
 * cluster it enables the migration that distributes the tables. Its file is named after the
 * setting, so that the error of Flyway names the setting if somebody removes it later.
 */
@Singleton
public class MigrationConnection implements FlywayConfigurationCustomizer {
  public static final String DISTRIBUTED_PREFIX = "D";
  public static final String TRANSACTION_POOLER = "usage-api.database.transaction-pooler";
  private static final String REACTIVE = "quarkus.datasource.reactive.url";
  private static final String JDBC = "quarkus.datasource.jdbc.url";

  private final DatabaseConfig config;
  private final Config settings;

  /**
   * @param tls injected so that its settings are checked first
   */
  MigrationConnection(DatabaseConfig config, Config settings, DatabaseTls tls) {
    this.config = config;
    this.settings = settings;
  }

  @Override
  public void customize(FluentConfiguration configuration) {
    if (config.distributed()) {
      configuration.repeatableSqlMigrationPrefix(DISTRIBUTED_PREFIX);
    }
    // Flyway changes settings of its session; through a pooler another client would inherit them.
    if (config.transactionPooler()
        && config.migrateAtStart()
        && ("jdbc:" + value(REACTIVE)).equals(value(JDBC))) {
      throw new ConfigurationException(
          "%s is not set: with %s migrations need an address that leads to the database itself"
              .formatted(JDBC, TRANSACTION_POOLER));
    }
  }

  private String value(String setting) {
    return settings.getConfigValue(setting).getValue();
  }
}
