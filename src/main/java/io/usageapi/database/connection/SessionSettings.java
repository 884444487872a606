package io.usageapi.database.connection;

import io.usageapi.database.DatabaseConfig;
import io.vertx.pgclient.PgConnectOptions;
import jakarta.inject.Singleton;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the database has to hold to for statements outside transactions: their deadline, and how
 * they are planned. Each connection begins with it, or, where a pooler stands between, the
 * database's role has it. Transactions say their own.
 */
@Singleton
public class SessionSettings {
  private final DatabaseConfig config;
  private Map<String, String> expected = Map.of();

  SessionSettings(DatabaseConfig config) {
    this.config = config;
  }

  /** What has to hold, by the database's names, with the values as they are set there. */
  Map<String, String> expected() {
    return expected;
  }

  /** Has connections by these options begin as they should. */
  public PgConnectOptions begin(PgConnectOptions options) {
    Map<String, String> ours = new TreeMap<>(options.getProperties());
    ours.keySet().removeAll(PgConnectOptions.DEFAULT_PROPERTIES.keySet());
    ours.put("statement_timeout", Long.toString(config.readTimeout().toMillis()));
    if (config.distributed()) {
      // Citus plans by values alone, and tells other nodes of SET LOCAL only when asked to.
      ours.put("plan_cache_mode", "auto");
      ours.put("enable_bitmapscan", "on");
      ours.put("citus.propagate_set_commands", "local");
    }
    expected = Map.copyOf(ours);
    Map<String, String> sent = new HashMap<>(options.getProperties());
    sent.putAll(ours);
    if (config.transactionPooler()) {
      sent.keySet().removeAll(ours.keySet());
      // Only for numbers that the columns are not.
      sent.remove("extra_float_digits");
      // A statement without a name must not be left to be found by whom the connection is next.
      options.setUseLayer7Proxy(true);
    }
    return options.setProperties(sent);
  }
}
