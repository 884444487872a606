package io.usageapi.operation;

import static io.usageapi.fixture.Eventually.eventually;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static org.assertj.core.api.Assertions.assertThat;

import io.usageapi.fixture.Api;
import io.usageapi.fixture.Authority;
import io.usageapi.fixture.Command;
import io.usageapi.fixture.OwnDatabase;
import io.usageapi.fixture.PackagedServer;
import io.usageapi.fixture.RatedRecord;
import io.usageapi.fixture.RawRequest;
import io.usageapi.fixture.TestPostgres;
import io.usageapi.fixture.Tokens;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A database that is asked by TLS alone, with an authority of the test's own. */
@Tag("drill")
class DatabaseTlsIT {
  /** The message that asks for TLS, and the first byte of what then has to follow. */
  private static final byte[] ASKS_FOR_TLS = {0, 0, 0, 8, 4, (byte) 0xd2, 0x16, 0x2f};

  private static final byte HANDSHAKE = 0x16;

  @TempDir static Path files;

  private static final Authority AUTHORITY = new Authority("of-the-database");
  private static OwnDatabase database;
  private static String ca;

  @BeforeAll
  static void start() throws Exception {
    ca = AUTHORITY.certificateTo(files.resolve("ca.crt")).toString();
    Path data = files.resolve("data");
    database = OwnDatabase.start(data);
    database.run("CREATE ROLE usage LOGIN SUPERUSER PASSWORD 'secret'");
    database.run("CREATE ROLE certified LOGIN SUPERUSER");
    database.run("ALTER SYSTEM SET ssl_cert_file = '" + files.resolve("server.crt") + "'");
    database.run("ALTER SYSTEM SET ssl_key_file = '" + files.resolve("server.key") + "'");
    database.run("ALTER SYSTEM SET ssl_ca_file = '" + ca + "'");
    Files.writeString(
        data.resolve("pg_hba.conf"),
        """
        hostssl all usage all scram-sha-256
        hostssl all certified all cert
        """);
  }

  @AfterAll
  static void stop() throws Exception {
    database.close();
  }

  @BeforeEach
  void the_database_has_a_certificate_for_this_host() throws Exception {
    certified("localhost");
  }

  @Test
  void pages_intake_exports_migration_and_commands_all_go_by_tls() throws Exception {
    try (RecordingProxy proxy = new RecordingProxy(database.port())) {
      String[] options = asUsage("-Dusage-api.database.tls-ca-file=" + ca, tls("verify-full"));
      Command.Ended migration = Command.migration(at(proxy.port(), options)).end();
      assertThat(migration.exitCode()).as(migration.output()).isZero();

      try (PackagedServer server = PackagedServer.start(proxy.port(), options)) {
        server.accepts("PUT", Api.ACCOUNTS + "/by-tls", "{\"organization_id\":\"by-tls\"}");
        server.accepts("POST", Api.RECORDS, RatedRecord.body(aRecord().account("by-tls")));
        assertThat(read(server, "application/json")).contains("\"count\":1");
        assertThat(read(server, "text/csv")).contains("by-tls");
        // A cancel is a connection of its own, before anybody has logged in.
        database.cancelsAnExport(server, Tokens.reader("by-tls"));
        assertThat(
                database.text(
                    "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)"
                        + " WHERE usename = 'usage'"))
            .isEqualTo("t");
      }
      Command.Ended sums = Command.sums(at(proxy.port(), options)).end();
      assertThat(sums.exitCode()).as(sums.output()).isZero();

      assertThat(proxy.beginnings()).hasSizeGreaterThan(4).allSatisfy(DatabaseTlsIT::byTls);
    }
  }

  @Test
  @Tag("long")
  void a_certificate_of_the_client_logs_in_by_both_ways_and_without_it_neither_does()
      throws Exception {
    Authority.Issued client = AUTHORITY.issue("certified");
    String[] without =
        at(
            database.port(),
            "-Dquarkus.datasource.username=certified",
            tls("verify-full"),
            "-Dusage-api.database.tls-ca-file=" + ca);
    String[] with =
        plus(
            without,
            "-Dusage-api.database.tls-certificate-file="
                + client.certificateTo(files.resolve("client.crt")),
            "-Dusage-api.database.tls-key-file=" + client.keyTo(files.resolve("client.key")));

    Command.Ended migration = Command.migration(with).end();
    assertThat(migration.exitCode()).as(migration.output()).isZero();
    Command sums = Command.sums(with);
    Command migrationWithout = Command.migration(without);
    Command.Ended summed = sums.end();
    assertThat(summed.exitCode()).as(summed.output()).isZero();
    assertThat(migrationWithout.end().exitCode()).isNotZero();
    assertThat(Command.sums(without).end().exitCode()).isEqualTo(3);
  }

  @Test
  @Tag("long")
  void another_host_and_an_unknown_authority_are_refused_by_both_ways_and_told_nothing()
      throws Exception {
    String unknown =
        new Authority("unknown").certificateTo(files.resolve("unknown.crt")).toString();
    try (RecordingProxy proxy = new RecordingProxy(database.port())) {
      refused(proxy, unknown);
      certified("elsewhere.example");
      refused(proxy, ca);
      assertThat(proxy.beginnings()).hasSizeGreaterThan(3).allSatisfy(DatabaseTlsIT::byTls);
    }
    // Who only wants it encrypted takes any.
    String[] encrypted = at(database.port(), asUsage(tls("require")));
    Command.Ended migration = Command.migration(encrypted).end();
    assertThat(migration.exitCode()).as(migration.output()).isZero();
    Command.Ended sums = Command.sums(encrypted).end();
    assertThat(sums.exitCode()).as(sums.output()).isZero();
  }

  private static void refused(RecordingProxy proxy, String authority) throws Exception {
    String[] options =
        at(
            proxy.port(),
            asUsage("-Dusage-api.database.tls-ca-file=" + authority, tls("verify-full")));
    Command migration = Command.migration(options);
    Command sums = Command.sums(options);
    Command.Ended migrated = migration.end();
    Command.Ended summed = sums.end();
    assertThat(migrated.exitCode()).as(migrated.output()).isNotZero();
    assertThat(summed.exitCode()).as(summed.output()).isEqualTo(3);
  }

  @Test
  @Tag("long")
  void a_database_that_has_no_tls_is_told_nothing_by_either_way() throws Exception {
    try (EmbeddedPostgres plain = TestPostgres.start(0);
        RecordingProxy proxy = new RecordingProxy(plain.getPort())) {
      String[] options = asUsage(tls("require"));
      assertThat(Command.migration(at(proxy.port(), options)).end().exitCode()).isNotZero();
      try (PackagedServer server =
          PackagedServer.startNotReady(
              proxy.port(), plus(options, "-Dquarkus.flyway.migrate-at-start=false"))) {
        for (URI asked : List.of(server.managementUri("/"), server.uri("/"))) {
          assertThat(
                  RawRequest.get(asked.equals(server.uri("/")) ? Api.USAGE : "/q/health/ready")
                      .token(Tokens.reader("by-tls"))
                      .send(asked)
                      .status())
              .isEqualTo(503);
        }
      }

      assertThat(proxy.beginnings())
          .hasSizeGreaterThan(1)
          .allSatisfy(bytes -> assertThat(bytes).isEqualTo(ASKS_FOR_TLS));
    }
  }

  @Test
  @Tag("long")
  void what_is_wrong_with_a_certificate_stops_the_migration_and_the_server_by_its_name()
      throws Exception {
    String[] options =
        at(
            database.port(),
            asUsage("-Dusage-api.database.tls-ca-file=/nowhere/ca.crt", tls("verify-full")));
    Command migration = Command.migration(options);
    Command sums = Command.sums(options);
    for (Command each : List.of(migration, sums)) {
      Command.Ended ended = each.end();
      assertThat(ended.exitCode()).isNotZero();
      assertThat(ended.output())
          .contains("usage-api.database.tls-ca-file (/nowhere/ca.crt) is not there");
    }
  }

  private static void byTls(byte[] bytes) {
    assertThat(bytes).startsWith(ASKS_FOR_TLS);
    if (bytes.length > ASKS_FOR_TLS.length) {
      assertThat(bytes[ASKS_FOR_TLS.length]).isEqualTo(HANDSHAKE);
    }
  }

  /** The database shows a certificate for this host from now on. */
  private static void certified(String host) throws Exception {
    Authority.Issued server = AUTHORITY.issue(host);
    server.certificateTo(files.resolve("server.crt"));
    server.keyTo(files.resolve("server.key"));
    database.run("ALTER SYSTEM SET ssl = on");
    database.run("SELECT pg_reload_conf()");
    eventually(
        "it shows it",
        () -> connects("verify-ca") && connects("verify-full") == host.equals("localhost"));
  }

  private static boolean connects(String mode) {
    try (Connection connection =
        DriverManager.getConnection(
            "jdbc:postgresql://localhost:%d/postgres?sslmode=%s&sslrootcert=%s"
                .formatted(database.port(), mode, ca),
            "usage",
            "secret")) {
      return connection.isValid(5);
    } catch (SQLException e) {
      return false;
    }
  }

  private static String[] asUsage(String... options) {
    return plus(
        options, "-Dquarkus.datasource.username=usage", "-Dquarkus.datasource.password=secret");
  }

  private static String tls(String mode) {
    return "-Dusage-api.database.tls=" + mode;
  }

  private static String[] at(int port, String... options) {
    return plus(
        options, "-Dquarkus.datasource.reactive.url=postgresql://localhost:" + port + "/postgres");
  }

  private static String[] plus(String[] options, String... more) {
    List<String> all = new ArrayList<>(List.of(options));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  private static String read(PackagedServer server, String type) throws Exception {
    RawRequest.Response answer =
        RawRequest.get(Api.USAGE).token(Tokens.reader("by-tls")).accept(type).send(server.uri("/"));
    assertThat(answer.status()).as(type).isEqualTo(200);
    return new String(answer.body(), StandardCharsets.UTF_8);
  }
}
