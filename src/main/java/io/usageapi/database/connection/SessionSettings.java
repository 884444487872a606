package io.usageapi.database.connection;

import io.usageapi.database.DatabaseConfig;
import io.vertx.pgclient.PgConnectOptions;
import jakarta.inject.Singleton;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * The settings that statements outside transactions need: their deadline and how they are planned.
 * Each connection starts with them; behind a pooler, the database role has them. Transactions set
 * their own.
 */
@Singleton
public class SessionSettings {
  private final DatabaseConfig config;
  private Map<String, String> expected = Map.of();

  SessionSettings(DatabaseConfig config) {
    this.config = config;
  }

  /** The required settings by their Postgres names. */
  Map<String, String> expected() {
    return expected;
  }

  /** Adds the settings to connection options. */
  public PgConnectOptions begin(PgConnectOptions options) {
    Map<String, String> ours = new TreeMap<>(options.getProperties());
    ours.keySet().removeAll(PgConnectOptions.DEFAULT_PROPERTIES.keySet());
    ours.put("statement_timeout", Long.toString(config.readTimeout().toMillis()));
    if (config.distributed()) {
      // Citus has generic plans for plain statements on one table only, and passes SET LOCAL on to
      // other nodes only if told to.
      ours.put("plan_cache_mode", "auto");
      ours.put("enable_bitmapscan", "on");
      ours.put("citus.propagate_set_commands", "local");
    }
    expected = Map.copyOf(ours);
    Map<String, String> sent = new HashMap<>(options.getProperties());
    sent.putAll(ours);
    if (config.transactionPooler()) {
      sent.keySet().removeAll(ours.keySet());
      // It only affects binary fractions, which no column is.
      sent.remove("extra_float_digits");
      // Unnamed statements must not be found by the next user of the connection.
      options.setUseLayer7Proxy(true);
    }
    return options.setProperties(sent);
  }
}
