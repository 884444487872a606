package io.usageapi.database.connection;

import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.usageapi.database.Database;
import io.usageapi.database.DatabaseConfig;
import io.usageapi.database.migration.MigrationConnection;
import io.usageapi.database.migration.Migrations;
import io.vertx.mutiny.pgclient.PgConnection;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Checks that the database applies the {@link SessionSettings}. A connection pooler in between
 * drops them silently, and statements then run without a deadline. The log says what to do; no
 * restart is needed afterwards.
 */
@ApplicationScoped
public class SessionCheck {
  private static final Logger LOG = Logger.getLogger(SessionCheck.class);

  /**
   * The current settings and the expected ones. Setting an expected value for this statement brings
   * both into the same format. The regclass checks fail if the schema is missing. Nothing is
   * prepared, as an unconfigured pooler may lose prepared statements.
   */
  private static final String ASK =
      """
      SELECT name, current_setting(name, true), set_config(name, value, true),
        format('ALTER ROLE %%I IN DATABASE %%I SET %%s = %%L;',
          current_user, current_database(), name, value),
        pg_backend_pid(), current_setting('transaction_read_only')
      FROM (VALUES %s) AS expected (name, value)
      WHERE 'monthly_usage'::regclass IS NOT NULL
        AND 'record_identity'::regclass IS NOT NULL
        AND 'data_version'::regclass IS NOT NULL
      """;

  private final Database database;
  private final SessionSettings session;
  private final boolean pooler;
  private final AtomicReference<String> complaint = new AtomicReference<>("");

  SessionCheck(Database database, SessionSettings session, DatabaseConfig config) {
    this.database = database;
    this.session = session;
    this.pooler = config.transactionPooler();
  }

  /** Logs problems at the start, if the database can be reached. */
  @SuppressWarnings("CheckReturnValue")
  void atStart(@Observes @Priority(Migrations.PRIORITY + 1) StartupEvent start) {
    now()
        .subscribe()
        .with(state -> {}, failure -> LOG.warnf("Not ready. The database: %s", failure));
  }

  /**
   * The state of the database.
   *
   * @param holds whether it applies the required settings
   * @param readOnly whether it is read-only
   */
  public record State(boolean holds, boolean readOnly) {}

  /**
   * Checks the database now.
   *
   * @return fails as {@link Outage} describes if the database cannot be reached or has no schema
   */
  public Uni<State> now() {
    String expected =
        session.expected().entrySet().stream()
            .map(each -> "(%s, %s)".formatted(literal(each.getKey()), literal(each.getValue())))
            .collect(Collectors.joining(", "));
    return database
        .onOneConnection(
            connection ->
                connection
                    .query(ASK.formatted(expected))
                    .mapping(row -> Setting.of(row, connection))
                    .execute()
                    .map(SessionCheck::list))
        .map(all -> new State(judge(all), all.stream().anyMatch(Setting::readOnly)));
  }

  private static String literal(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  private static List<Setting> list(RowSet<Setting> rows) {
    List<Setting> all = new ArrayList<>(rows.size());
    rows.forEach(all::add);
    return all;
  }

  private boolean judge(List<Setting> all) {
    List<Setting> missing = all.stream().filter(each -> !each.isAsExpected()).toList();
    String found = "";
    if (!pooler && all.stream().anyMatch(Setting::throughPooler)) {
      found =
          "A pooler is between the server and the database: set %s=true."
              .formatted(MigrationConnection.TRANSACTION_POOLER);
    }
    if (!missing.isEmpty()) {
      found +=
          " The database does not hold to what statements outside transactions need: "
              + String.join(", ", missing.stream().map(Setting::description).toList())
              + ". Run this in the database, and RECONNECT in the pooler: "
              + String.join(" ", missing.stream().map(Setting::command).toList());
    }
    String now = found.strip();
    String before = complaint.getAndSet(now);
    if (!now.isEmpty() && !now.equals(before)) {
      LOG.errorf("Not ready. %s", now);
    }
    return now.isEmpty();
  }

  /**
   * One setting.
   *
   * @param actual its value for statements outside transactions; null if unknown
   * @param expected its expected value
   * @param command the statement that sets it
   * @param throughPooler whether the backend that answered is not the one connected to
   * @param readOnly whether the database is read-only
   */
  private record Setting(
      String name,
      String actual,
      String expected,
      String command,
      boolean throughPooler,
      boolean readOnly) {
    static Setting of(Row row, SqlConnection connection) {
      return new Setting(
          row.getString(0),
          row.getString(1),
          row.getString(2),
          row.getString(3),
          PgConnection.cast(connection).processId() != row.getInteger(4),
          "on".equals(row.getString(5)));
    }

    boolean isAsExpected() {
      return expected.equals(actual);
    }

    String description() {
      return "%s is %s, not %s".formatted(name, actual, expected);
    }
  }
}
