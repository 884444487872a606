package io.usageapi.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.usageapi.fixture.Command;
import io.usageapi.fixture.TestPostgres;
import java.net.ServerSocket;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The commands of the packaged artefact, as an operator starts them. */
@Tag("drill")
class OperatorIT {
  private static final String ORGANIZATION = "operator-it-ä";

  /** Leads to a database of its own, as a command goes through all organizations. */
  private static String address;

  @BeforeAll
  static void fill() throws Exception {
    address = TestPostgres.createDatabase("operator");
    Flyway.configure().dataSource("jdbc:" + address, "postgres", "").load().migrate();
    try (Connection connection = DriverManager.getConnection("jdbc:" + address, "postgres", "");
        var statement = connection.createStatement()) {
      statement.execute(
          """
          INSERT INTO organization VALUES ('%1$s'), ('operator-it-other');
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

  /** The command runs for one organization, and then for all. */
  @Test
  void sums_reports_to_standard_output_and_opens_no_port() throws Exception {
    // With the server's port taken a server would not start.
    try (ServerSocket taken = new ServerSocket(0)) {
      Command.Ended found = run(taken.getLocalPort(), "sums", "--organization", ORGANIZATION);

      assertThat(found.exitCode()).as(found.log()).isEqualTo(1);
      assertThat(found.report().lines())
          .containsExactly(
              "difference\torganization=operator-it-ä\tmonth=2026-01"
                  + "\taggregate=00000000000000000000000000000001\taccount=operator-it-1"
                  + "\tunits=5\tunits_of_records=2\tunits_difference=-3"
                  + "\tamount=0\tamount_of_records=0\tamount_difference=0\trepaired=no",
              "summary\torganizations=1\taggregates=1\tdifferences=1\trepaired=0");
      assertThat(found.log()).doesNotContain("Listening on");

      Command.Ended repaired = run(taken.getLocalPort(), "sums", "--repair");

      assertThat(repaired.exitCode()).as(repaired.log()).isZero();
      assertThat(repaired.report())
          .contains("difference\torganization=" + ORGANIZATION, "repaired=yes")
          .contains("summary\torganizations=2\taggregates=1\tdifferences=1\trepaired=1\n");
    }
  }

  @Test
  void what_is_no_command_ends_with_2_and_says_what_there_is() throws Exception {
    Command.Ended ended = run(0, "sum");

    assertThat(ended.exitCode()).isEqualTo(2);
    assertThat(ended.report()).isEmpty();
    assertThat(ended.log()).contains("sum").contains("Usage: usage-api");
  }

  @Test
  @Tag("long")
  void an_organization_that_is_not_there_ends_with_2() throws Exception {
    Command.Ended ended = run(0, "sums", "--organization", "nobody");

    assertThat(ended.exitCode()).isEqualTo(2);
    assertThat(ended.report()).isEmpty();
    assertThat(ended.log()).contains("There is no organization nobody");
  }

  @Test
  @Tag("long")
  void a_database_out_of_reach_ends_with_3() throws Exception {
    Command.Ended ended = run("postgresql://localhost:1/none", 0, "sums");

    assertThat(ended.exitCode()).isEqualTo(3);
    assertThat(ended.report()).isEmpty();
  }

  private static Command.Ended run(int port, String... words) throws Exception {
    return run(address, port, words);
  }

  private static Command.Ended run(String database, int port, String... words) throws Exception {
    return Command.operator(
            List.of(
                "-Dquarkus.datasource.reactive.url=" + database,
                "-Dquarkus.datasource.username=postgres",
                "-Dquarkus.http.port=" + port,
                "-Dsun.jnu.encoding=UTF-8"),
            words)
        .end();
  }
}
