package io.usageapi.database.connection;

import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.usageapi.database.DatabaseConfig;
import io.usageapi.database.Database;
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
 * Asks the database whether it holds to {@link SessionSettings}: a pooler in between drops them
 * without a word, and statements then run without a deadline. The log says what to do about it; no
 * restart is needed once it is done.
 */
@ApplicationScoped
public class SessionCheck {
  private static final Logger LOG = Logger.getLogger(SessionCheck.class);

  /**
   * What holds, and what would if it were set: by that the database brings both into one form. It
   * is set for this statement alone. The tables are asked for because without them nothing works.
   * Nothing is prepared: behind a pooler that nobody told the server of, what is prepared may be
   * gone when it is asked for.
   */
  private static final String ASK =
      "SELECT name, current_setting(name, true), set_config(name, value, true), format('ALTER ROLE"
          + " %%I IN DATABASE %%I SET %%s = %%L;', current_user, current_database(), name, value),"
          + " pg_backend_pid(), current_setting('transaction_read_only')"
          + " FROM (VALUES %s) AS expected (name, value)"
          + " WHERE 'monthly_usage'::regclass IS NOT NULL"
          + " AND 'record_identity'::regclass IS NOT NULL"
          + " AND 'data_version'::regclass IS NOT NULL";

  private final Database database;
  private final SessionSettings session;
  private final boolean pooler;
  private final AtomicReference<String> complaint = new AtomicReference<>("");

  SessionCheck(Database database, SessionSettings session, DatabaseConfig config) {
    this.database = database;
    this.session = session;
    this.pooler = config.transactionPooler();
  }

  /** Whoever starts the server is told at once, where the database can be asked. */
  @SuppressWarnings("CheckReturnValue")
  void atStart(@Observes @Priority(Migrations.PRIORITY + 1) StartupEvent start) {
    now()
        .subscribe()
        .with(state -> {}, failure -> LOG.warnf("Not ready. The database: %s", failure));
  }

  /**
   * What the database said.
   *
   * @param holds whether it holds to what each connection asks of it
   * @param readOnly whether it only reads
   */
  public record State(boolean holds, boolean readOnly) {}

  /**
   * How the database is now.
   *
   * @return fails as {@link io.usageapi.error.Outage} tells when it cannot be asked, or has not the
   *     schema
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
                    .mapping(row -> Held.of(row, connection))
                    .execute()
                    .map(SessionCheck::list))
        .map(all -> new State(judge(all), all.stream().anyMatch(Held::readOnly)));
  }

  private static String literal(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  private static List<Held> list(RowSet<Held> rows) {
    List<Held> all = new ArrayList<>(rows.size());
    rows.forEach(all::add);
    return all;
  }

  private boolean judge(List<Held> all) {
    List<Held> missing = all.stream().filter(each -> !each.asItShould()).toList();
    String found = "";
    if (!pooler && all.stream().anyMatch(Held::throughPooler)) {
      found =
          "A pooler is between the server and the database: set %s=true."
              .formatted(MigrationConnection.TRANSACTION_POOLER);
    }
    if (!missing.isEmpty()) {
      found +=
          " The database does not hold to what statements outside transactions need: "
              + String.join(", ", missing.stream().map(Held::said).toList())
              + ". Run this in the database, and RECONNECT in the pooler: "
              + String.join(" ", missing.stream().map(Held::command).toList());
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
   * @param is its value for statements outside transactions; null where it is not known
   * @param shouldBe the value it is to have
   * @param command what gives it that
   * @param throughPooler whether the process that answered is not the one that was connected to
   * @param readOnly whether the database only reads
   */
  private record Held(
      String name,
      String is,
      String shouldBe,
      String command,
      boolean throughPooler,
      boolean readOnly) {
    static Held of(Row row, SqlConnection connection) {
      return new Held(
          row.getString(0),
          row.getString(1),
          row.getString(2),
          row.getString(3),
          PgConnection.cast(connection).processId() != row.getInteger(4),
          "on".equals(row.getString(5)));
    }

    boolean asItShould() {
      return shouldBe.equals(is);
    }

    String said() {
      return "%s is %s, not %s".formatted(name, is, shouldBe);
    }
  }
}
