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
 * Keeps a migration from being in the way of those who use its tables. One that waits for a lock
 * has everybody wait who comes after it, so it gives up soon and {@link Migrations} tries again.
 * What is not in a transaction, an index that is made {@code CONCURRENTLY}, is in nobody's way: it
 * waits as long as the longest transaction takes.
 */
@Singleton
public class MigrationLocks implements FlywayConfigurationCustomizer, Callback {
  /** How long a change of tables waits for a lock, and with it whoever comes meanwhile. */
  public static final Duration TIMEOUT = Duration.ofSeconds(2);

  /** Another replica migrates already, for however long: this one then finds nothing to do. */
  private static final int UNLIMITED = -1;

  @Override
  public void customize(FluentConfiguration configuration) {
    // By default a transaction stays open meanwhile, for which an index would wait for ever.
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

  /** Tells the transaction of a migration, and it alone. */
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
