package io.usageapi.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.usageapi.fixture.TestPostgres;
import io.usageapi.fixture.Tokens;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of the packaged artefact, as an operator starts them. */
@Tag("drill")
class OperatorIT {
  private static final String JAR = Path.of("target", "quarkus-app", "quarkus-run.jar").toString();
  private static final String ORGANIZATION = "operator-it-ä";

  @TempDir static Path outputs;

  /** What a process left behind. */
  private record Ended(int exitCode, String output, String log) {}

  @BeforeAll
  static void fill() throws Exception {
    Flyway.configure()
        .dataSource(
            "jdbc:postgresql://localhost:" + TestPostgres.port() + "/postgres", "postgres", "")
        .load()
        .migrate();
    try (Connection connection = TestPostgres.connect();
        var statement = connection.createStatement()) {
      statement.execute(
          """
          INSERT INTO organization VALUES ('%1$s');
          INSERT INTO account_organization VALUES ('operator-it-1', '%1$s');
          INSERT INTO account VALUES ('%1$s', 'operator-it-1', NULL, NULL, 'ACTIVE');
          INSERT INTO monthly_usage VALUES ('%1$s', '00000000-0000-0000-0000-000000000001',
            'operator-it-1', 'p', NULL, '2026-01-01', 'CALL', NULL, 'EUR', NULL, NULL, 'MINUTES',
            NULL, NULL, NULL, 5, 0);
          INSERT INTO usage_record VALUES ('%1$s', '2026-01-01',
            '00000000-0000-0000-0000-000000000001', 'r', '2026-01-02Z', now(), 2, 0);
          INSERT INTO daily_usage VALUES ('%1$s', '00000000-0000-0000-0000-000000000001',
            '2026-01-02', 2, 0, now());
          """
              .formatted(ORGANIZATION));
    }
  }

  @Test
  void sums_reports_to_standard_output_and_opens_no_port() throws Exception {
    // With the server's port taken a server would not start.
    try (ServerSocket taken = new ServerSocket(0)) {
      Ended found = run(taken.getLocalPort(), "sums", "--organization", ORGANIZATION);

      assertThat(found.exitCode()).as(found.log()).isEqualTo(1);
      assertThat(found.output().lines())
          .containsExactly(
              "difference\torganization=operator-it-ä\tmonth=2026-01"
                  + "\taggregate=00000000000000000000000000000001\taccount=operator-it-1"
                  + "\tunits=5\tunits_of_records=2\tunits_difference=-3"
                  + "\tamount=0\tamount_of_records=0\tamount_difference=0\trepaired=no",
              "summary\torganizations=1\taggregates=1\tdifferences=1\trepaired=0");
      assertThat(found.log()).doesNotContain("Listening on");

      Ended repaired =
          run(taken.getLocalPort(), "sums", "--repair", "--organization", ORGANIZATION);

      assertThat(repaired.exitCode()).as(repaired.log()).isZero();
      assertThat(repaired.output()).contains("repaired=yes").contains("repaired=1\n");
    }
  }

  @Test
  void what_is_no_command_ends_with_2_and_says_what_there_is() throws Exception {
    Ended ended = run(0, "sum");

    assertThat(ended.exitCode()).isEqualTo(2);
    assertThat(ended.output()).isEmpty();
    assertThat(ended.log()).contains("sum").contains("Usage: usage-api");
  }

  @Test
  @Tag("long")
  void an_organization_that_is_not_there_ends_with_2() throws Exception {
    Ended ended = run(0, "sums", "--organization", "nobody");

    assertThat(ended.exitCode()).isEqualTo(2);
    assertThat(ended.output()).isEmpty();
    assertThat(ended.log()).contains("There is no organization nobody");
  }

  @Test
  @Tag("long")
  void a_database_out_of_reach_ends_with_3() throws Exception {
    Ended ended =
        run(List.of("-Dquarkus.datasource.reactive.url=postgresql://localhost:1/none"), 0, "sums");

    assertThat(ended.exitCode()).isEqualTo(3);
    assertThat(ended.output()).isEmpty();
  }

  private static Ended run(int port, String... args) throws Exception {
    return run(
        List.of("-Dquarkus.datasource.reactive.url=" + TestPostgres.reactiveUrl()), port, args);
  }

  private static Ended run(List<String> database, int port, String... args) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.addAll(database);
    command.add("-Dquarkus.datasource.username=postgres");
    command.add("-Dmp.jwt.verify.publickey=" + Tokens.publicKey());
    command.add("-Dmp.jwt.verify.issuer=https://issuer.example");
    command.add("-Dmp.jwt.verify.audiences=usage-api");
    command.add("-Dquarkus.http.port=" + port);
    command.add("-Dsun.jnu.encoding=UTF-8");
    command.add("-jar");
    command.add(JAR);
    command.addAll(List.of(args));
    Path output = Files.createTempFile(outputs, "output", ".txt");
    Path log = Files.createTempFile(outputs, "log", ".txt");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(output.toFile())
            .redirectError(log.toFile())
            .start();
    boolean ended = process.waitFor(60, TimeUnit.SECONDS);
    process.destroyForcibly();
    String said = Files.readString(log, StandardCharsets.UTF_8);
    assertThat(ended).as("it should have ended: %s", said).isTrue();
    return new Ended(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8), said);
  }
}
