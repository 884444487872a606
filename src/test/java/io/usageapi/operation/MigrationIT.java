package io.usageapi.operation;

import static io.usageapi.fixture.Eventually.eventually;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.usageapi.fixture.Api;
import io.usageapi.fixture.Load;
import io.usageapi.fixture.PackagedServer;
import io.usageapi.fixture.RawRequest;
import io.usageapi.fixture.TestPostgres;
import io.usageapi.fixture.Tokens;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A release migrates while the one before it serves: pages and records of others go on, also while
 * an export holds the table for as long as it likes.
 */
@Tag("drill")
@Tag("long")
class MigrationIT {
  private static final String COLUMN = "ALTER TABLE monthly_usage ADD COLUMN drill text;";

  private static final String INDEX =
      "DROP INDEX CONCURRENTLY IF EXISTS drill; CREATE INDEX CONCURRENTLY drill ON monthly_usage"
          + " (organization_id, currency, id);";

  private static final String ACCOUNT = "acme";
  private static final String READER = Tokens.reader(ACCOUNT);
  private static final String OPERATOR = Tokens.operator();

  private static final AtomicInteger IDS = new AtomicInteger();
  private static EmbeddedPostgres postgres;
  private static PackagedServer before;

  private final int firstId = IDS.get() + 1;
  private PackagedServer after;
  private Load pages;
  private Load records;

  @BeforeAll
  static void a_release() throws Exception {
    postgres = TestPostgres.start(0);
    before = PackagedServer.start(postgres.getPort());
    before.accepts(
        "PUT", Api.ACCOUNTS + "/" + ACCOUNT, "{\"organization_id\":\"" + ACCOUNT + "\"}");
    try (Connection connection = connect()) {
      TestPostgres.storeAggregates(connection, ACCOUNT, ACCOUNT, 2_000);
    }
  }

  @BeforeEach
  void it_serves() throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      boolean unused =
          statement.execute(
              "DROP INDEX IF EXISTS drill; ALTER TABLE monthly_usage DROP COLUMN IF EXISTS drill");
    }
    pages = new Load(3, MigrationIT::page);
    records = new Load(2, MigrationIT::record);
  }

  @AfterEach
  void it_is_left_in_peace() {
    pages.close();
    records.close();
    if (after != null) {
      after.kill();
    }
  }

  @AfterAll
  static void stop() throws IOException {
    before.close();
    postgres.close();
  }

  @Test
  void a_job_waits_for_an_export_without_having_pages_and_records_wait(@TempDir Path directory)
      throws Exception {
    Path release = release(directory, COLUMN);
    try (Connection export = export()) {
      after = PackagedServer.launch(release, postgres.getPort(), "-Dquarkus.init-and-exit=true");
      eventually("it waits for the table", () -> waits("relation"));
      eventually("it lets others pass", () -> !waits("relation"));
      othersPass();
      eventually("it tries again", () -> waits("relation"));
      assertThat(after.isAlive()).isTrue();
      export.rollback();
    }
    eventually("it ends", () -> !after.isAlive());

    assertThat(after.exitCode()).isZero();
    assertThat(column()).isTrue();
    othersPass();
    nobodyWasRefused();
  }

  @Test
  void a_server_is_not_ready_until_it_migrated_and_has_nobody_wait(@TempDir Path directory)
      throws Exception {
    Path release = release(directory, COLUMN);
    try (Connection export = export()) {
      after = PackagedServer.launch(release, postgres.getPort());
      eventually("it is alive", () -> health(after, "live") == 200);
      assertThat(health(after, "ready")).isEqualTo(503);
      othersPass();
      eventually("it tries again", () -> waits("relation"));
      assertThat(health(after, "ready")).isEqualTo(503);
      export.rollback();
    }
    eventually("it is ready", () -> health(after, "ready") == 200);
    assertThat(column()).isTrue();
    othersPass();
    nobodyWasRefused();
  }

  @Test
  void an_index_is_made_beside_pages_and_records_once_an_export_ended(@TempDir Path directory)
      throws Exception {
    Path release = release(directory, INDEX);
    try (Connection export = export()) {
      after = PackagedServer.launch(release, postgres.getPort());
      eventually("it waits for the export", () -> waits("virtualxid"));
      othersPass();
      assertThat(health(after, "ready")).isNotEqualTo(200);
      export.rollback();
    }
    eventually("it is ready", () -> health(after, "ready") == 200);
    assertThat(holds("SELECT indisvalid FROM pg_index WHERE indexrelid = 'drill'::regclass"))
        .isTrue();
    othersPass();
    nobodyWasRefused();
  }

  /** What an export holds: a snapshot, and a cursor on the table. */
  private static Connection export() throws SQLException {
    Connection connection = connect();
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      boolean unused =
          statement.execute(
              "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY;"
                  + " DECLARE export CURSOR FOR SELECT * FROM monthly_usage; FETCH export");
    }
    return connection;
  }

  private static boolean waits(String lock) throws SQLException {
    return holds(
        "SELECT count(*) > 0 FROM pg_locks WHERE NOT granted AND mode IN ('AccessExclusiveLock',"
            + " 'ShareLock') AND locktype = '"
            + lock
            + "'");
  }

  private static boolean column() throws SQLException {
    return holds(
        "SELECT count(*) = 1 FROM pg_attribute WHERE attrelid = 'monthly_usage'::regclass"
            + " AND attname = 'drill'");
  }

  private void othersPass() throws Exception {
    goesOn("pages are answered", pages);
    goesOn("records are taken", records);
  }

  private static void goesOn(String what, Load load) throws Exception {
    int then = load.answers(200);
    eventually(what, () -> load.answers(200) > then + 20);
  }

  private void nobodyWasRefused() throws SQLException {
    pages.close();
    records.close();
    assertThat(pages.answers()).as(pages.toString()).containsOnlyKeys("200");
    assertThat(records.answers()).as(records.toString()).containsOnlyKeys("200");
    assertThat(
            holds(
                "SELECT count(*) = %d FROM usage_record WHERE id::int >= %d"
                    .formatted(records.answers(200), firstId)))
        .as("every record is there")
        .isTrue();
  }

  /**
   * A release of which the latest migration is another, and makes the database one that has not
   * seen it: only what was in the artefact when it was built is looked for in it.
   */
  private static Path release(Path directory, String migration) throws IOException, SQLException {
    Path application = PackagedServer.APPLICATION.getParent().toAbsolutePath();
    Path release = directory.resolve("release");
    Files.createDirectories(release.resolve("app"));
    Files.copy(application.resolve("quarkus-run.jar"), release.resolve("quarkus-run.jar"));
    for (String same : new String[] {"lib", "quarkus"}) {
      Files.createSymbolicLink(release.resolve(same), application.resolve(same));
    }
    try (Stream<Path> jars = Files.list(application.resolve("app"))) {
      Path jar = jars.findFirst().orElseThrow();
      Path copy = release.resolve("app").resolve(jar.getFileName());
      Files.copy(jar, copy);
      try (FileSystem files = FileSystems.newFileSystem(copy);
          Stream<Path> migrations = Files.list(files.getPath("db", "migration"))) {
        Files.writeString(
            migrations
                .filter(file -> file.getFileName().toString().startsWith("V"))
                .max(Comparator.naturalOrder())
                .orElseThrow(),
            migration,
            UTF_8);
      }
    }
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      assertThat(
              statement.executeUpdate(
                  "DELETE FROM flyway_schema_history WHERE version = (SELECT max(version)"
                      + " FROM flyway_schema_history)"))
          .isOne();
    }
    return release.resolve("quarkus-run.jar");
  }

  private static HttpRequest page() {
    return RawRequest.get(Api.USAGE).token(READER).http(before.uri("/"));
  }

  private static HttpRequest record() {
    String id = Integer.toString(IDS.incrementAndGet());
    return RawRequest.of("POST", Api.RECORDS)
        .token(OPERATOR)
        .body("application/x-ndjson", aRecord().id(id).account(ACCOUNT).json())
        .http(before.uri("/"));
  }

  /** The status; 0 while it does not listen. */
  private static int health(PackagedServer server, String check) {
    try {
      return server.health(check).status();
    } catch (UncheckedIOException | IllegalStateException e) {
      return 0;
    }
  }

  private static boolean holds(String query) throws SQLException {
    try (Connection connection = connect()) {
      return TestPostgres.one(connection, query).equals("t");
    }
  }

  private static Connection connect() throws SQLException {
    return TestPostgres.connect(postgres);
  }
}
