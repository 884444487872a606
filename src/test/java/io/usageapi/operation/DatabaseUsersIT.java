package io.usageapi.operation;

import static io.usageapi.fixture.Eventually.eventually;
import static io.usageapi.fixture.RatedRecord.FOCUS_HEADER;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static io.usageapi.fixture.RatedRecord.focusRow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.usageapi.fixture.Api;
import io.usageapi.fixture.Command;
import io.usageapi.fixture.Import;
import io.usageapi.fixture.OwnDatabase;
import io.usageapi.fixture.PackagedServer;
import io.usageapi.fixture.RatedRecord;
import io.usageapi.fixture.RawRequest;
import io.usageapi.fixture.Tokens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The two users of {@code k8s/database/roles.sql}: the server's owns nothing. */
@Tag("drill")
@Tag("long")
class DatabaseUsersIT {
  private static final String OWNER = "usage_owner";
  private static final String SERVER = "usage_server";

  private static OwnDatabase database;

  @BeforeAll
  static void the_owner_migrates() throws Exception {
    database = OwnDatabase.start();
    database.run(Files.readString(Path.of("k8s", "database", "roles.sql")));
    Command.Ended migration = Command.migration(as(OWNER)).end();
    assertThat(migration.exitCode()).as(migration.output()).isZero();
  }

  @AfterAll
  static void stop() throws SQLException, IOException {
    database.close();
  }

  private static String[] as(String user, String... options) {
    return Stream.concat(
            Stream.of(
                "-Dquarkus.datasource.reactive.url=postgresql://localhost:%d/postgres"
                    .formatted(database.port()),
                "-Dquarkus.datasource.username=" + user),
            Stream.of(options))
        .toArray(String[]::new);
  }

  private static Command.Ended run(String user, String words) throws Exception {
    return Command.operator(List.of(as(user, "-Dusage-api.records.retention=72")), words.split(" "))
        .end();
  }

  @Test
  void the_servers_user_suffices_for_requests_and_commands(@TempDir Path directory)
      throws Exception {
    Path log = directory.resolve("log");
    String account = "{\"organization_id\":\"acme\"}";
    String reader = Tokens.reader("acme");
    Import bill = Import.of(Tokens.writer("acme"), "bill");
    String row = focusRow("acme", "acme-1", "sku", "2026-01-15T00:00:00Z", "1");
    String other = focusRow("acme", "acme-1", "sku", "2026-01-16T00:00:00Z", "2");
    try (PackagedServer server =
        PackagedServer.startLogging(
            database.port(),
            log,
            as(
                SERVER,
                "-Dquarkus.flyway.migrate-at-start=false",
                "-Dusage-api.records.scheduled=false"))) {
      server.accepts("PUT", Api.ACCOUNTS + "/acme-1", account);
      server.accepts("POST", Api.RECORDS, RatedRecord.body(aRecord().account("acme-1")));
      for (RawRequest request :
          List.of(
              bill.request(FOCUS_HEADER + row),
              bill.request(FOCUS_HEADER + other),
              RawRequest.get(bill.path()).token(bill.token()),
              RawRequest.of("DELETE", bill.path()).token(bill.token()),
              RawRequest.get(Api.USAGE).token(reader),
              RawRequest.get(Api.DAYS).token(reader),
              RawRequest.get(Api.TOTALS + "?group_by=product_id").token(reader),
              RawRequest.get(Api.ACCOUNTS).token(reader),
              RawRequest.get(Api.USAGE).accept("text/csv").token(reader))) {
        RawRequest.Response answer = request.send(server.uri("/"));
        assertThat(answer.status()).as("%s %s", request, answer.text()).isEqualTo(200);
      }
      eventually(
          "it looks for what retention has to do",
          () ->
              RawRequest.get("/q/metrics")
                  .send(server.managementUri("/"))
                  .text()
                  .matches("(?s).*usage_api_partitions_end_timestamp_seconds [0-9].*"));
    }
    assertThat(log).content().doesNotContain("42501");
    for (String words :
        List.of(
            "sums",
            "close --month previous --all",
            "open --month previous --organization acme",
            "remove --organization acme")) {
      Command.Ended ended = run(SERVER, words);
      assertThat(ended.exitCode()).as("%s: %s", words, ended.output()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CREATE TABLE mine ()",
        "ALTER TABLE account ADD COLUMN mine text",
        "DROP TABLE account CASCADE",
        "TRUNCATE staged_row",
        "CREATE INDEX ON account (name)",
        "CREATE TABLE mine PARTITION OF usage_record FOR VALUES FROM ('2050-01-01') TO (MAXVALUE)"
      })
  void the_servers_user_changes_no_table(String statement) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection(
                "jdbc:postgresql://localhost:%d/postgres".formatted(database.port()), SERVER, "");
        Statement server = connection.createStatement()) {
      assertThatThrownBy(() -> server.execute(statement))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("42501"));
    }
  }

  @Test
  void the_owner_makes_and_drops_partitions() throws Exception {
    String nextYear = "'usage_record_' || to_char(now() + interval '1 year', 'YYYY_MM')";
    database.run(
        """
        DO $$
        DECLARE name text;
        BEGIN
          FOR name IN SELECT relname FROM pg_inherits JOIN pg_class ON oid = inhrelid
              WHERE inhparent = 'usage_record'::regclass AND relname ~ '[0-9]{4}_[0-9]{2}'
                AND relname > 'usage_record_' || to_char(now(), 'YYYY_MM') LOOP
            EXECUTE 'DROP TABLE ' || name;
          END LOOP;
        END $$
        """);

    Command.Ended server = run(SERVER, "retention");
    assertThat(server.exitCode()).as(server.output()).isEqualTo(3);
    assertThat(server.log()).contains("42501");

    Command.Ended owner = run(OWNER, "retention");
    assertThat(owner.exitCode()).as(owner.output()).isZero();
    assertThat(owner.report()).isEqualTo("retention\tdone\n");
    assertThat(database.text("SELECT to_regclass(" + nextYear + ") IS NOT NULL")).isEqualTo("t");
    assertThat(database.text("SELECT to_regclass('usage_record_before_2020') IS NULL"))
        .isEqualTo("t");
  }
}
