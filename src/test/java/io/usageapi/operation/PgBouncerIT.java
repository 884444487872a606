package io.usageapi.operation;

import static io.usageapi.fixture.Eventually.eventually;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.usageapi.fixture.Api;
import io.usageapi.fixture.Command;
import io.usageapi.fixture.PackagedServer;
import io.usageapi.fixture.PgBouncer;
import io.usageapi.fixture.RawRequest;
import io.usageapi.fixture.SlowClient;
import io.usageapi.fixture.TestPostgres;
import io.usageapi.fixture.Tokens;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The server behind a real PgBouncer in transaction mode. The whole contract: .ci/pgbouncer. */
@Tag("drill")
class PgBouncerIT {
  private static final Pattern COMMAND = Pattern.compile("ALTER ROLE [^;]*;");

  /** Fewer than the server has, so that they are shared. */
  private static final int SHARED = 3;

  /** What makes an older PgBouncer take what it does not know, and forget it. */
  private static final String IGNORING =
      "ignore_startup_parameters ="
          + " extra_float_digits,statement_timeout,plan_cache_mode,enable_bitmapscan";

  private static final int CLIENTS = 12;
  private static final int REQUESTS = 300;

  private static final List<String> ORGANIZATIONS = List.of("pooled-1", "pooled-2", "pooled-3");

  private static EmbeddedPostgres postgres;
  private static Connection admin;

  @BeforeAll
  static void start() throws Exception {
    assumeThat(PgBouncer.executable()).as("PgBouncer is installed").isPresent();
    postgres = TestPostgres.start(0);
    admin = DriverManager.getConnection(postgres.getJdbcUrl("postgres", "postgres"));
    Command.Ended migration =
        Command.migration(
                "-Dquarkus.datasource.reactive.url=postgresql://localhost:"
                    + postgres.getPort()
                    + "/postgres",
                "-Dquarkus.datasource.username=postgres")
            .end();
    assertThat(migration.exitCode()).as(migration.output()).isZero();
  }

  @AfterAll
  static void stop() throws Exception {
    if (postgres != null) {
      admin.close();
      postgres.close();
    }
  }

  @Test
  void a_pooler_that_drops_the_deadlines_is_noticed_and_the_log_says_what_to_set(
      @TempDir Path files) throws Exception {
    user("unaware");
    Path log = files.resolve("server.log");
    try (PgBouncer pooler =
            PgBouncer.start(files, postgres.getPort(), "unaware", SHARED, IGNORING);
        PackagedServer server =
            PackagedServer.startNotReadyLogging(pooler.port(), log, options("unaware"))) {
      eventually(
          "it says why",
          () -> {
            assertThat(ready(server)).isEqualTo(503);
            return Files.readString(log).contains("ALTER ROLE");
          });

      assertThat(Files.readString(log))
          .contains("set usage-api.database.transaction-pooler=true")
          .contains("statement_timeout is 0, not 5s")
          .contains("ALTER ROLE unaware IN DATABASE postgres SET statement_timeout = '5000';");
    }
  }

  @Test
  void it_is_ready_once_the_role_has_the_deadlines_and_answers_as_without_a_pooler(
      @TempDir Path files) throws Exception {
    user("pooled");
    Path log = files.resolve("server.log");
    try (PgBouncer pooler = PgBouncer.start(files, postgres.getPort(), "pooled", SHARED);
        PackagedServer server =
            PackagedServer.startNotReadyLogging(
                pooler.port(),
                log,
                options("pooled", "-Dusage-api.database.transaction-pooler=true"))) {
      eventually("it says what to run", () -> Files.readString(log).contains("ALTER ROLE"));
      assertThat(ready(server)).isEqualTo(503);

      Matcher command = COMMAND.matcher(Files.readString(log));
      List<String> run = new ArrayList<>();
      while (command.find()) {
        if (!run.contains(command.group())) {
          run.add(command.group());
          // In the log it stands in a text of JSON.
          run(command.group().replace("\\\"", "\""));
        }
      }
      assertThat(run).hasSize(3);
      run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'pooled'");
      eventually("it is ready", () -> ready(server) == 200);

      many_organizations_through_few_connections(server);
      an_export_that_nobody_reads_is_cancelled(server);
      a_page_ends_in_its_deadline(server);
    }
  }

  /** Statements with a name and without, in turns, of more clients than there are connections. */
  private static void many_organizations_through_few_connections(PackagedServer server)
      throws Exception {
    for (String organization : ORGANIZATIONS) {
      send(
          server,
          "PUT",
          Api.ACCOUNTS + "/" + organization,
          "{\"organization_id\":\"" + organization + "\"}");
      send(server, "POST", Api.RECORDS, record(organization, "first"));
    }
    AtomicInteger next = new AtomicInteger();
    ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
    try {
      List<Future<String>> answers = new ArrayList<>();
      for (int i = 0; i < REQUESTS; i++) {
        answers.add(clients.submit(() -> ask(server, next.incrementAndGet())));
      }
      for (int i = 0; i < 20; i++) {
        send(server, "POST", Api.RECORDS, record(ORGANIZATIONS.get(i % 3), "more-" + i));
      }
      for (Future<String> answer : answers) {
        assertThat(answer.get()).isEqualTo("its own alone");
      }
    } finally {
      clients.shutdownNow();
    }
    assertThat(
            Integer.parseInt(
                text("SELECT count(*) FROM pg_stat_activity WHERE usename = 'pooled'")))
        .isBetween(1, SHARED);
  }

  private static String ask(PackagedServer server, int turn) {
    String organization = ORGANIZATIONS.get(turn % ORGANIZATIONS.size());
    RawRequest.Response answer =
        RawRequest.get(Api.USAGE + query(turn))
            .token(Tokens.reader(organization))
            .header("Accept", turn % 10 == 5 ? "text/csv" : "application/json")
            .send(server.uri("/"));
    String body = new String(answer.body(), UTF_8);
    boolean own =
        body.contains(organization)
            && ORGANIZATIONS.stream()
                .noneMatch(each -> !each.equals(organization) && body.contains(each));
    return answer.status() == 200 && own
        ? "its own alone"
        : organization + ": " + answer.status() + " " + body;
  }

  /** Of many forms; some too long to be kept by a name. */
  private static String query(int turn) {
    if (turn % 5 != 0) {
      return "?per_page=" + (turn % 20 + 1);
    }
    StringBuilder filter = new StringBuilder("product_id eq 'p'");
    for (int i = 0; i < turn % 40; i++) {
      filter.append(" or product_id eq 'q").append(i).append('\'');
    }
    return "?filter=" + URLEncoder.encode(filter.toString(), UTF_8);
  }

  private static void an_export_that_nobody_reads_is_cancelled(PackagedServer server)
      throws Exception {
    admin.setAutoCommit(false);
    run("LOCK TABLE monthly_usage IN ACCESS EXCLUSIVE MODE");
    SlowClient client =
        SlowClient.asking(server.uri("/"), Api.USAGE, "text/csv", Tokens.reader("pooled-1"));
    eventually("the export waits for the lock", () -> waiting().equals("1"));
    client.vanish();
    eventually("it does no more", () -> waiting().equals("0"));
    admin.rollback();
    admin.setAutoCommit(true);
  }

  private static void a_page_ends_in_its_deadline(PackagedServer server) throws Exception {
    admin.setAutoCommit(false);
    run("LOCK TABLE monthly_usage IN ACCESS EXCLUSIVE MODE");
    RawRequest.Response page =
        RawRequest.get(Api.USAGE).token(Tokens.reader("pooled-1")).send(server.uri("/"));
    assertThat(page.status()).isEqualTo(503);
    assertThat(waiting()).isEqualTo("0");
    admin.rollback();
    admin.setAutoCommit(true);
    assertThat(ready(server)).isEqualTo(200);
  }

  @Test
  @Tag("long")
  void migrations_do_not_go_through_it() throws Exception {
    Command.Ended migration =
        Command.migration(
                "-Dquarkus.datasource.reactive.url=postgresql://localhost:1/none",
                "-Dusage-api.database.transaction-pooler=true")
            .end();

    assertThat(migration.exitCode()).isNotZero();
    assertThat(migration.output()).contains("quarkus.datasource.jdbc.url is not set");
  }

  @Test
  @Tag("long")
  void migrations_past_it_have_no_deadline_of_pages() throws Exception {
    user("migrating");
    run("ALTER ROLE migrating SET statement_timeout = 1");
    Command.Ended migration =
        Command.migration(
                "-Dquarkus.datasource.reactive.url=postgresql://localhost:1/none",
                "-Dquarkus.datasource.jdbc.url=jdbc:postgresql://localhost:"
                    + postgres.getPort()
                    + "/postgres",
                "-Dquarkus.datasource.username=migrating",
                "-Dusage-api.database.transaction-pooler=true")
            .end();

    assertThat(migration.exitCode()).as(migration.output()).isZero();
  }

  /** The settings of a server, through PgBouncer, that does not migrate. */
  private static String[] options(String user, String... more) throws Exception {
    List<String> options =
        new ArrayList<>(
            List.of(
                "-Dquarkus.datasource.username=" + user,
                "-Dquarkus.flyway.migrate-at-start=false"));
    if (!PgBouncer.keepsStatements()) {
      options.add("-Dquarkus.datasource.reactive.cache-prepared-statements=false");
    }
    options.addAll(List.of(more));
    return options.toArray(String[]::new);
  }

  private static String record(String organization, String id) {
    return """
    {"records":[{"id":"%s","account_id":"%s","product_id":"p","type":"CALL","unit":"MINUTES",
    "occurred_at":"2026-01-01T00:00:00Z","currency":"EUR","number_of_units":1,"total_amount":1}]}
    """
        .formatted(id, organization);
  }

  private static void send(PackagedServer server, String method, String path, String body) {
    RawRequest.Response answer =
        RawRequest.of(method, path)
            .token(Tokens.operator())
            .body("application/json", body)
            .send(server.uri("/"));
    assertThat(answer.status()).as("%s %s", path, new String(answer.body(), UTF_8)).isIn(200, 201);
  }

  private static int ready(PackagedServer server) {
    return RawRequest.get("/q/health/ready").send(server.managementUri("/")).status();
  }

  /** A role without a password that may do as the owner of the tables. */
  private static void user(String name) throws SQLException {
    run("CREATE ROLE " + name + " LOGIN IN ROLE postgres");
  }

  private static String waiting() throws SQLException {
    return text("SELECT count(*) FROM pg_locks WHERE NOT granted");
  }

  private static String text(String sql) throws SQLException {
    try (Statement statement = admin.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }

  private static void run(String sql) throws SQLException {
    try (Statement statement = admin.createStatement()) {
      statement.execute(sql);
    }
  }
}
