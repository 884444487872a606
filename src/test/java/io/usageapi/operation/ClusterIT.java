package io.usageapi.operation;

import static io.usageapi.fixture.Eventually.eventually;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static org.assertj.core.api.Assertions.assertThat;

import io.usageapi.fixture.Api;
import io.usageapi.fixture.Command;
import io.usageapi.fixture.PackagedServer;
import io.usageapi.fixture.RatedRecord;
import io.usageapi.fixture.RawRequest;
import io.usageapi.fixture.TestPostgres;
import io.usageapi.fixture.Tokens;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The production artefact as a cluster uses it. */
@Tag("drill")
class ClusterIT {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static EmbeddedPostgres postgres;

  @BeforeAll
  static void start() {
    postgres = TestPostgres.start(0);
  }

  @AfterAll
  static void stop() throws IOException {
    postgres.close();
  }

  @Test
  void health_and_metrics_are_on_the_management_port_alone() throws Exception {
    try (PackagedServer server = PackagedServer.start(postgres.getPort())) {
      for (String path :
          new String[] {"/q/health/started", "/q/health/live", "/q/health/ready", "/q/metrics"}) {
        HttpResponse<String> response = get(server.managementUri(path));
        assertThat(response.statusCode()).as(path).isEqualTo(200);
        assertThat(response.headers().firstValue("X-Request-Id")).as(path).isPresent();
        assertThat(get(server.uri(path)).statusCode()).as(path).isEqualTo(404);
      }
      for (String path : new String[] {"/q/openapi", "/q/swagger-ui/"}) {
        assertThat(get(server.uri(path)).statusCode()).as(path).isEqualTo(200);
      }
      assertThat(get(server.uri("/q/openapi")).body()).doesNotContain("/q/health");
    }
  }

  @Test
  void what_is_in_flight_when_the_server_is_asked_to_end_is_finished() throws Exception {
    try (PackagedServer server = PackagedServer.start(postgres.getPort());
        Connection holder = connect();
        Statement statement = holder.createStatement()) {
      holder.setAutoCommit(false);
      assertThat(statement.execute("LOCK TABLE account IN EXCLUSIVE MODE")).isFalse();
      HttpRequest put =
          RawRequest.of("PUT", Api.ACCOUNTS + "/in-flight")
              .token(Tokens.operator())
              .body("application/json", "{\"organization_id\":\"in-flight\"}")
              .http(server.uri("/"));
      CompletableFuture<HttpResponse<String>> answer = HTTP.sendAsync(put, BodyHandlers.ofString());
      eventually("the request waits for the lock", () -> waiting() > 0);

      server.terminate();

      eventually("it is ending", () -> server.health("ready").status() == 503);
      assertThat(answer).isNotDone();
      holder.rollback();
      HttpResponse<String> response = answer.get(60, TimeUnit.SECONDS);
      assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
    }
  }

  @Test
  void a_page_has_one_tag_on_every_replica_which_a_write_through_any_of_them_changes()
      throws Exception {
    // Behind an ingress the links are alike.
    String address = "-Dusage-api.base-url=https://usage.example";
    try (PackagedServer one = PackagedServer.start(postgres.getPort(), address);
        PackagedServer other = PackagedServer.start(postgres.getPort(), address)) {
      String account = "{\"organization_id\":\"on-replicas\"}";
      one.accepts("PUT", Api.ACCOUNTS + "/on-replicas", account);
      one.accepts("POST", Api.RECORDS, RatedRecord.body(aRecord().account("on-replicas")));
      HttpResponse<String> first = page(one, "\"none\"");
      String tag = first.headers().firstValue("ETag").orElseThrow();

      assertThat(first.statusCode()).isEqualTo(200);
      assertThat(page(other, "\"none\"").body()).isEqualTo(first.body());
      assertThat(page(other, "\"none\"").headers().firstValue("ETag")).hasValue(tag);
      assertThat(page(other, tag).statusCode()).isEqualTo(304);

      other.accepts("POST", Api.RECORDS, RatedRecord.body(aRecord().account("on-replicas")));

      HttpResponse<String> second = page(one, tag);
      assertThat(second.statusCode()).isEqualTo(200);
      assertThat(second.body()).isNotEqualTo(first.body());
      assertThat(page(other, "\"none\"").headers().firstValue("ETag"))
          .isEqualTo(second.headers().firstValue("ETag"));
      assertThat(page(other, tag).statusCode()).isEqualTo(200);
    }
  }

  private static HttpResponse<String> page(PackagedServer server, String known) throws Exception {
    RawRequest page =
        RawRequest.get(Api.USAGE)
            .token(Tokens.reader("on-replicas"))
            .header("If-None-Match", known);
    return HTTP.send(page.http(server.uri("/")), BodyHandlers.ofString());
  }

  @Test
  @Tag("long")
  void as_a_migration_it_needs_the_database_alone_and_ends() throws Exception {
    try (EmbeddedPostgres empty = TestPostgres.start(0)) {
      assertThat(migrate(empty.getPort())).isZero();
      try (Connection connection = TestPostgres.connect(empty)) {
        assertThat(TestPostgres.one(connection, "SELECT count(*) FROM monthly_usage"))
            .isEqualTo("0");
      }
    }
  }

  @Test
  @Tag("long")
  void as_a_migration_it_goes_on_where_a_newer_release_has_migrated() throws Exception {
    try (EmbeddedPostgres newer = TestPostgres.start(0)) {
      assertThat(migrate(newer.getPort())).isZero();
      try (Connection connection = TestPostgres.connect(newer);
          Statement statement = connection.createStatement()) {
        assertThat(
                statement.executeUpdate(
                    "INSERT INTO flyway_schema_history SELECT max(installed_rank) + 1, '999',"
                        + " 'newer', 'SQL', 'V999__newer.sql', 1, 'postgres', now(), 1, true FROM"
                        + " flyway_schema_history"))
            .isOne();
      }
      assertThat(migrate(newer.getPort())).isZero();
    }
  }

  @Test
  @Tag("long")
  void as_a_migration_it_fails_when_the_database_is_out_of_reach() throws Exception {
    assertThat(migrate(PackagedServer.freePort())).isNotZero();
  }

  private static int migrate(int databasePort) throws Exception {
    return Command.migration(
            "-Dquarkus.datasource.reactive.url=postgresql://localhost:%d/postgres"
                .formatted(databasePort),
            "-Dquarkus.datasource.username=postgres")
        .end()
        .exitCode();
  }

  private static HttpResponse<String> get(URI address) throws IOException, InterruptedException {
    return HTTP.send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString());
  }

  private static int waiting() throws SQLException {
    try (Connection connection = connect()) {
      return Integer.parseInt(
          TestPostgres.one(
              connection, "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"));
    }
  }

  private static Connection connect() throws SQLException {
    return TestPostgres.connect(postgres);
  }
}
