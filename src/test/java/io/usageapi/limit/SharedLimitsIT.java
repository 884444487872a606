package io.usageapi.limit;

import static io.usageapi.fixture.Eventually.eventually;
import static io.usageapi.fixture.Organization.anOrganization;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import io.restassured.RestAssured;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.PackagedServer;
import io.usageapi.fixture.RawRequest;
import io.usageapi.fixture.SlowClient;
import io.usageapi.fixture.TestPostgres;
import io.usageapi.operation.SilentProxy;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** Limits of an organization on two replicas together. */
@Tag("drill")
@TestMethodOrder(OrderAnnotation.class)
class SharedLimitsIT {
  private static final int LIMIT = 40;
  private static final String CSV = "text/csv";
  private static final int MANY = 30_000;

  private static SilentProxy proxy;
  private static PackagedServer one;
  private static PackagedServer two;

  private final Organization acme = anOrganization();
  private final Organization globex = anOrganization();

  @BeforeAll
  static void two_replicas() throws Exception {
    proxy = SilentProxy.beforeTheDatabase();
    one = start();
    two = start();
    RestAssured.baseURI = "http://localhost";
    RestAssured.port = one.uri("/").getPort();
  }

  private static PackagedServer start() throws Exception {
    return PackagedServer.start(
        TestPostgres.port(),
        "-Dquarkus.datasource.jdbc.url=jdbc:" + proxy.url(),
        "-Dusage-api.database.distributed=" + TestPostgres.isDistributed(),
        "-Dusage-api.rate-limit.shared=true",
        "-Dusage-api.rate-limit.requests=" + LIMIT,
        "-Dusage-api.rate-limit.period=1h",
        "-Dusage-api.export.shared=true",
        "-Dusage-api.export.max-per-organization=1",
        "-Dusage-api.export.timeout=5s",
        "-Dusage-api.export.batch-timeout=2s",
        "-Dusage-api.export.client-timeout=5s");
  }

  @AfterAll
  static void stop() throws Exception {
    one.close();
    two.close();
    proxy.close();
    RestAssured.reset();
  }

  private static RawRequest.Response page(PackagedServer server, Organization organization) {
    return organization.get(Api.ACCOUNTS).send(server.uri("/"));
  }

  /** The database of the limits answers both. */
  private static void bothCountTogether() throws Exception {
    eventually(
        "both count together",
        () -> {
          Organization fresh = anOrganization();
          return left(page(two, fresh)) == LIMIT - 1 && left(page(one, fresh)) == LIMIT - 2;
        });
  }

  private static int left(RawRequest.Response answer) {
    return Integer.parseInt(answer.header(RateLimits.REMAINING).orElseThrow());
  }

  @Test
  void both_let_through_the_limit_together_and_say_what_is_left_on_both() throws Exception {
    bothCountTogether();
    assertThat(left(page(one, acme))).isEqualTo(LIMIT - 1);
    assertThat(left(page(two, acme))).isEqualTo(LIMIT - 2);

    List<Integer> statuses =
        IntStream.range(0, 2 * LIMIT)
            .parallel()
            .mapToObj(i -> page(i % 2 == 0 ? one : two, acme).status())
            .toList();

    assertThat(statuses).containsOnly(200, 429);
    assertThat(statuses.stream().filter(status -> status == 200)).hasSize(LIMIT - 2);
    RawRequest.Response refused = page(two, acme);
    assertThat(refused.status()).isEqualTo(429);
    assertThat(refused.text()).contains("\"rate_limited\"");
    // A request comes back each 90 s.
    assertThat(refused.header("Retry-After").map(Integer::parseInt).orElseThrow())
        .isBetween(60, 90);
    assertThat(left(page(two, globex))).isEqualTo(LIMIT - 1);
  }

  @Test
  void a_body_that_arrives_while_its_request_waits_to_be_counted_is_read_whole() throws Exception {
    bothCountTogether();
    String account = acme.account();
    String lines =
        Stream.generate(() -> aRecord().account(account).json())
            .limit(3_000)
            .collect(joining("\n"));

    RawRequest.Response answer = acme.post("application/x-ndjson", lines).send(one.uri("/"));

    assertThat(answer.text()).contains("\"accepted\":3000");
    assertThat(left(answer)).isEqualTo(LIMIT - 1);
  }

  @Test
  void a_silent_database_of_limits_refuses_nobody() throws Exception {
    bothCountTogether();
    assertThat(left(page(one, acme))).isEqualTo(LIMIT - 1);
    proxy.deaf(true);
    proxy.goSilent();
    try {
      for (int i = 2; i < 5; i++) {
        RawRequest.Response answer = page(one, acme);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(left(answer)).isEqualTo(LIMIT - i);
      }
      assertThat(RawRequest.get("/q/metrics").send(one.managementUri("/")).text())
          .contains("usage_api_limits_counted_alone_total{of=\"requests\"} 3.0");
    } finally {
      proxy.deaf(false);
    }
    bothCountTogether();
  }

  private static int export(PackagedServer server, Organization organization) {
    return organization
        .get(Api.USAGE + "?filter=product_id%20eq%20%27p1%27&order_by=product_id:asc")
        .accept(CSV)
        .send(server.uri("/"))
        .status();
  }

  @Test
  @Order(Integer.MAX_VALUE)
  void exports_are_counted_on_both_and_the_place_of_a_killed_replica_comes_back() throws Exception {
    acme.hasAggregates(MANY);
    globex.hasAggregates(1);
    bothCountTogether();
    for (int i = 0; i < 4; i++) {
      assertThat(export(i % 2 == 0 ? one : two, globex)).isEqualTo(200);
    }
    try (SlowClient client = new SlowClient(two.uri("/"), Api.USAGE, CSV, acme.reader())) {
      assertThat(export(one, acme)).isEqualTo(429);
      assertThat(export(one, globex)).isEqualTo(200);
      client.vanish();
    }
    aPlaceIsFree();

    try (SlowClient client = new SlowClient(two.uri("/"), Api.USAGE, CSV, acme.reader())) {
      two.kill();
      assertThat(export(one, acme)).isEqualTo(429);
      aPlaceIsFree();
      client.vanish();
    }
  }

  /** Asks seldom, as each attempt is a request of the limit. */
  private void aPlaceIsFree() throws Exception {
    eventually(
        "a place is free",
        () -> {
          TimeUnit.MILLISECONDS.sleep(500);
          return export(one, acme) == 200;
        });
  }
}
