package io.usageapi.export;

import static io.usageapi.fixture.Eventually.eventually;
import static io.usageapi.fixture.Organization.anOrganization;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;

import io.restassured.response.Response;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.OwnServer;
import io.usageapi.fixture.RawRequest;
import io.usageapi.fixture.SlowClient;
import io.usageapi.fixture.TestPostgres;
import java.net.URI;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Exports have limits, and give back what they took. */
@Tag("drill")
class ExportLimitsIT {
  private static final String CSV = "text/csv";
  private static final int MANY = 60_000;

  private static final Duration LESS_THAN_A_STATEMENT_MAY_TAKE = Duration.ofSeconds(6);

  /** How many times a test looks for the snapshot of one export. */
  private static final int LOOKS = 20;

  /** Two exports at once, one for each organization, and deadlines that a test can wait for. */
  @RegisterExtension
  static final OwnServer SERVER =
      OwnServer.with(
          "usage-api.export.max-per-organization=1",
          "usage-api.export.max-concurrent=2",
          "usage-api.export.timeout=4s",
          "usage-api.export.batch-timeout=8s",
          "usage-api.export.client-timeout=2s");

  private final URI server = SERVER.uri();

  private static final Organization ACME = anOrganization();

  private final String token = ACME.reader();

  @BeforeAll
  static void an_organization_with_much_usage() throws SQLException {
    ACME.hasAggregates(MANY);
  }

  @Test
  void an_export_beyond_the_limit_of_its_organization_is_429_and_beyond_that_of_the_server_503()
      throws Exception {
    Organization second = anOrganization();
    second.hasAggregates(MANY);
    Organization third = anOrganization();
    try (SlowClient one = exporting(token);
        SlowClient two = exporting(second.reader())) {
      export(token)
          .then()
          .statusCode(429)
          .header("Retry-After", notNullValue())
          .body("code", equalTo("rate_limited"));
      export(third.reader())
          .then()
          .statusCode(503)
          .header("Retry-After", notNullValue())
          .body("code", equalTo("unavailable"));
      // Pages have connections of their own.
      ACME.asReader().get(Api.USAGE).then().statusCode(200);
      one.vanish();
      two.vanish();
    }

    everythingIsFree();
  }

  @Test
  void a_finished_export_has_given_everything_back() {
    for (int i = 0; i < 5; i++) {
      String small = anOrganization().reader();
      for (int again = 0; again < 3; again++) {
        export(small).then().statusCode(200);
      }
    }
  }

  @Test
  void a_client_that_vanishes_frees_its_cursor_and_its_connection() throws Exception {
    for (int i = 0; i < 6; i++) {
      exportingWithASnapshot().vanish();
      everythingIsFree();
    }
  }

  @Test
  void a_client_that_vanishes_ends_the_statement_that_runs_for_it() throws Exception {
    TestPostgres.whileLocked(
        "monthly_usage",
        () -> {
          SlowClient client = SlowClient.asking(server, Api.USAGE, CSV, token);
          eventually("the export waits for the lock", () -> count("wait_event_type = 'Lock'") == 1);

          client.vanish();

          eventually(
              "the statement has ended",
              LESS_THAN_A_STATEMENT_MAY_TAKE,
              () -> count("wait_event_type = 'Lock'") == 0);
        });
    everythingIsFree();
  }

  @Test
  void a_client_that_does_not_read_is_cut_off() throws Exception {
    try (SlowClient client = exporting(token)) {
      everythingIsFree();

      assertThat(client.rest()).isNotEmpty().doesNotEndWith("\r\n0\r\n\r\n");
    }
  }

  @Test
  void an_export_that_takes_too_long_is_cut_off_though_its_client_reads() throws Exception {
    try (SlowClient client = exporting(token)) {
      assertThat(client.restSlowly()).isNotEmpty().doesNotEndWith("\r\n0\r\n\r\n");
    }
    everythingIsFree();
  }

  @Test
  void a_client_that_does_not_read_loses_its_connection_when_its_export_fails() throws Exception {
    int before = connections();
    try (SlowClient client = exportingWithASnapshot();
        Connection connection = TestPostgres.connect();
        Statement statement = connection.createStatement()) {
      statement.execute(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
              + " WHERE state = 'idle in transaction'");

      eventually("it is cut off", () -> connections() <= before);

      assertThat(client.rest()).doesNotEndWith("\r\n0\r\n\r\n");
    }
    everythingIsFree();
  }

  @Test
  void a_filter_that_takes_too_long_is_too_expensive_and_an_export_without_one_is_503()
      throws Exception {
    TestPostgres.whileLocked(
        "monthly_usage",
        () -> {
          ACME.asReader()
              .accept(CSV)
              .queryParam("filter", "contains(wallet_name, 'x')")
              .get(Api.USAGE)
              .then()
              .statusCode(400)
              .contentType("application/json")
              .body("code", equalTo("filter_too_expensive"));
          ACME.asReader()
              .accept(CSV)
              .get(Api.USAGE)
              .then()
              .statusCode(503)
              .body("code", equalTo("unavailable"));
        });
    everythingIsFree();
  }

  private void everythingIsFree() throws Exception {
    eventually("the connection is free", () -> count("state LIKE 'idle in transaction%'") == 0);
    eventually("the place is free", () -> export(token).statusCode() == 200);
  }

  private SlowClient exporting(String reader) throws Exception {
    return new SlowClient(server, Api.USAGE, CSV, reader);
  }

  /**
   * A client whose export holds its snapshot. The server may cut off a client before the test has
   * looked: then another client asks.
   */
  private SlowClient exportingWithASnapshot() throws Exception {
    AtomicReference<SlowClient> client = new AtomicReference<>();
    eventually(
        "an export holds its snapshot",
        () -> {
          client.set(exporting(token));
          for (int look = 0; look < LOOKS; look++) {
            if (count("state = 'idle in transaction'") > 0) {
              return true;
            }
          }
          client.get().vanish();
          everythingIsFree();
          return false;
        });
    return client.get();
  }

  /** A short export. */
  private static Response export(String reader) {
    return Api.as(reader)
        .accept(CSV)
        .queryParam("order_by", "product_id:asc")
        .queryParam("filter", "product_id eq 'p1'")
        .get(Api.USAGE);
  }

  /** How many clients the server is connected to, the client that asks included. */
  private int connections() {
    String metrics = RawRequest.get("/q/metrics").send(SERVER.management()).text();
    return metrics
        .lines()
        .filter(line -> line.startsWith("http_server_connections_seconds_active_count"))
        .mapToInt(line -> (int) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  /** How many connections of the server meet a condition. */
  private static int count(String condition) throws SQLException {
    return Integer.parseInt(
        TestPostgres.one(
            "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                + " AND application_name NOT LIKE '%JDBC%' AND "
                + condition));
  }
}
