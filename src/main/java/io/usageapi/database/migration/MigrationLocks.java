package io.usageapi.database.migration;

import io.quarkus.flyway.FlywayConfigurationCustomizer;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.database.postgresql.PostgreSQLConfigurationExtension;

/**
 * Limits how long a migration blocks users of its tables. Everybody queues behind a migration that
 * waits for a lock, so it gives up soon and {@link Migrations} retries. Statements outside a
 * transaction, like {@code CREATE INDEX CONCURRENTLY}, block nobody and may wait for the longest
 * transaction.
 */
@Singleton
public class MigrationLocks implements FlywayConfigurationCustomizer, Callback {
  /** How long a migration waits for a lock, and how long others queue behind it. */
  public static final Duration TIMEOUT = Duration.ofSeconds(2);

  /** Waits for another replica that migrates, and then finds nothing to do. */
  private static final int UNLIMITED = -1;

  @Override
  public void customize(FluentConfiguration configuration) {
    // By default Flyway keeps a transaction open, which a concurrent index would wait for forever.
    configuration
        .getPluginRegister()
        .getExact(PostgreSQLConfigurationExtension.class)
        .setTransactionalLock(false);
    configuration.lockRetryCount(UNLIMITED).callbacks(this);
  }

  @Override
  public boolean supports(Event event, Context context) {
    return event == Event.BEFORE_EACH_MIGRATE;
  }

  @Override
  public boolean canHandleInTransaction(Event event, Context context) {
    return true;
  }

  /** Sets the timeout for the transaction of a migration only. */
  @Override
  public void handle(Event event, Context context) {
    try {
      if (context.getConnection().getAutoCommit()) {
        return;
      }
      try (Statement statement = context.getConnection().createStatement()) {
        boolean unused = statement.execute("SET LOCAL lock_timeout = " + TIMEOUT.toMillis());
      }
    } catch (SQLException e) {
      throw new FlywayException(e);
    }
  }

  @Override
  public String getCallbackName() {
    return "lock_timeout";
  }
}
