package io.usageapi.telemetry;

import static io.usageapi.fixture.Eventually.eventually;
import static io.usageapi.fixture.Organization.anOrganization;
import static io.usageapi.fixture.RatedRecord.FOCUS_HEADER;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static io.usageapi.fixture.RatedRecord.focusRow;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Document;
import io.usageapi.fixture.Import;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.RatedRecord;
import io.usageapi.fixture.RawRequest;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What the metrics say of the server, and that nobody can make them grow. */
@QuarkusTest
class MetricsTest {
  private static final String REQUESTS = "http_server_requests_seconds_count";
  private static final String RECORDS = "usage_api_records_total";
  private static final String NEWEST = "usage_api_records_newest_timestamp_seconds";
  private static final String LAST_ACCEPTED = "usage_api_records_last_accepted_timestamp_seconds";
  private static final String IMPORTED_ROWS = "usage_api_imports_rows_total";
  private static final String BATCHES = "usage_api_records_batch_seconds";
  private static final String TAKEN = "usage_api_places_taken";
  private static final String OTHER = "/other";

  @TestHTTPResource URI server;

  private final Organization acme = anOrganization();

  @Test
  void requests_are_counted_by_route_method_and_status() throws Exception {
    Map<String, String> found =
        Map.of("uri", Api.ACCOUNTS + "/{id}", "method", "GET", "status", "404");
    Map<String, String> page = Map.of("uri", Api.USAGE, "method", "GET", "status", "200");
    Scrape before = Scrape.take();

    acme.asReader().get(Api.USAGE).then().statusCode(200);
    acme.asReader().get(Api.ACCOUNTS + "/nobody").then().statusCode(404);

    eventually(
        "both are counted",
        () ->
            Scrape.take().sum(REQUESTS, page) == before.sum(REQUESTS, page) + 1
                && Scrape.take().sum(REQUESTS, found) == before.sum(REQUESTS, found) + 1);
    assertThat(Scrape.take().of("http_server_requests_seconds_bucket", page))
        .extracting(sample -> sample.labels().get("le"))
        .contains("0.005", "0.1", "+Inf");
  }

  @Test
  void an_export_is_told_apart_from_a_page_of_the_same_route() throws Exception {
    Map<String, String> page = Map.of("uri", Api.USAGE, "status", "200", "export", "false");
    Map<String, String> export = Map.of("uri", Api.USAGE, "status", "200", "export", "true");
    Map<String, String> foreign = Map.of("uri", Api.USAGE, "status", "403", "export", "true");
    Scrape before = Scrape.take();

    acme.asReader().get(Api.USAGE).then().statusCode(200);
    acme.asReader().accept("text/csv").get(Api.USAGE).then().statusCode(200);
    acme.asReader().accept("application/x-ndjson").get(Api.USAGE).then().statusCode(200);
    acme.asReader()
        .accept("text/csv")
        .queryParam("filter", "account_id eq 'nobody'")
        .get(Api.USAGE)
        .then()
        .statusCode(403);

    eventually(
        "all are counted",
        () -> {
          Scrape after = Scrape.take();
          return after.sum(REQUESTS, page) == before.sum(REQUESTS, page) + 1
              && after.sum(REQUESTS, export) == before.sum(REQUESTS, export) + 2
              && after.sum(REQUESTS, foreign) == before.sum(REQUESTS, foreign) + 1;
        });
    assertThat(Scrape.take().values(REQUESTS, "export")).containsExactly("false", "true");
  }

  @Test
  void a_request_whose_client_hangs_up_is_counted_too() throws Exception {
    Map<String, String> aborted = Map.of("status", "RESET", "export", "false");
    double before = Scrape.take().sum(REQUESTS, aborted);

    String begun =
        """
        POST /express/usage/records HTTP/1.1\r
        Host: localhost\r
        Authorization: Bearer %s\r
        Content-Type: application/x-ndjson\r
        Content-Length: 100\r
        \r
        {"""
            .formatted(acme.writer());
    try (Socket client = new Socket(server.getHost(), server.getPort())) {
      client.getOutputStream().write(begun.getBytes(StandardCharsets.UTF_8));
      client.getOutputStream().flush();
      eventually("it is in progress", () -> Scrape.take().sum(TAKEN, Map.of("of", "records")) == 1);
    }

    eventually("it is counted", () -> Scrape.take().sum(REQUESTS, aborted) == before + 1);
    eventually("its place is free", () -> Scrape.take().sum(TAKEN, Map.of("of", "records")) == 0);
    assertThat(Scrape.take().sum("usage_api_places_limit", Map.of("of", "records"))).isEqualTo(8);
  }

  @Test
  void batches_are_counted_and_timed() {
    Map<String, String> committed = Map.of("outcome", "committed");
    Scrape before = Scrape.take();

    acme.sends(aRecord());

    Scrape after = Scrape.take();
    assertThat(after.sum(BATCHES + "_count", committed))
        .isEqualTo(before.sum(BATCHES + "_count", committed) + 1);
    assertThat(after.sum(BATCHES + "_sum", committed))
        .isGreaterThan(before.sum(BATCHES + "_sum", committed));
    assertThat(after.of("usage_api_database_retries_total", Map.of())).hasSize(1);
  }

  @Test
  void the_build_and_the_memory_of_the_process_are_told() {
    Scrape scrape = Scrape.take();

    assertThat(scrape.of("usage_api_build_info", Map.of("runtime", "jvm")))
        .singleElement()
        .satisfies(
            build -> {
              assertThat(build.value()).isEqualTo(1);
              assertThat(build.labels().get("version")).matches("\\d+\\.\\d+\\.\\d+.*");
              assertThat(build.labels().get("commit")).matches("[0-9a-f]{12}(-dirty)?|unknown");
              assertThat(build.labels().get("java")).startsWith(feature());
            });
    assertThat(scrape.sum("process_resident_memory_bytes", Map.of())).isGreaterThan(50e6);
    assertThat(scrape.of("usage_api_memory_limit_bytes", Map.of())).hasSize(1);
  }

  private static String feature() {
    return Integer.toString(Runtime.version().feature());
  }

  @Test
  void every_route_of_the_document_is_counted_by_its_own_name() throws Exception {
    for (String path : Document.pathNames()) {
      Api.anonymous().urlEncodingEnabled(false).get(path.replaceAll("\\{[a-z_]+}", "x"));
    }

    eventually(
        "all are counted",
        () -> Scrape.take().values(REQUESTS, "uri").containsAll(Document.pathNames()));
  }

  @Test
  void whatever_is_asked_for_no_more_routes_and_methods_are_counted() {
    List<String> targets =
        List.of(
            "/nonsense/%d",
            "/express/accounts/%d",
            "/express/accounts/%d/more",
            "/express/usage/month/%d?filter=x",
            "/express/usage/month;%d",
            "/express/accounts/%d%%zz",
            "/express/usage/records/%d",
            "/express/usage/imports/%d",
            "/q/%d");
    for (int i = 0; i < 20; i++) {
      for (String target : targets) {
        for (String method : List.of("GET", "DELETE", "OPTIONS", "FROB" + i)) {
          RawRequest request =
              RawRequest.of(method, target.formatted(i))
                  .token(acme.reader())
                  .accept(i % 2 == 0 ? "image/png" : "*/*");
          assertThat(request.send(server).status()).isBetween(200, 499);
        }
      }
    }
    Set<String> known = new TreeSet<>(Document.pathNames());
    known.addAll(List.of(OTHER, "/explorer"));
    // The framework's own names, each one word whatever was asked for: what a browser asks before a
    // page of another origin may, what is elsewhere, and the address without a path.
    known.addAll(List.of("/cors-preflight", "REDIRECTION", "root"));

    Scrape scrape = Scrape.take();
    assertThat(scrape.values(REQUESTS, "uri")).contains(OTHER).isSubsetOf(known);
    assertThat(scrape.values(REQUESTS, "method"))
        .isSubsetOf("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT");
    assertThat(scrape.samples())
        .flatExtracting(sample -> sample.labels().values())
        .noneMatch(value -> value.contains("FROB") || value.contains("nonsense"));
  }

  @Test
  void both_pools_say_how_much_is_used_and_waited_for() {
    acme.asReader().accept("text/csv").get(Api.USAGE).then().statusCode(200);
    Scrape scrape = Scrape.take();

    for (String pool : List.of("requests", "exports")) {
      Map<String, String> labels = Map.of("pool_type", "sql", "pool_name", pool);
      for (String metric :
          List.of(
              "sql_pool_active",
              "sql_pool_idle",
              "sql_pool_queue_size",
              "sql_pool_queue_delay_seconds_sum",
              "sql_pool_queue_delay_seconds_count",
              "sql_pool_usage_seconds_sum")) {
        assertThat(scrape.of(metric, labels)).as("%s of %s", metric, pool).hasSize(1);
      }
    }
  }

  @Test
  void records_are_counted_by_what_became_of_them() {
    RatedRecord one = aRecord();
    Scrape before = Scrape.take();

    acme.sends(
        one,
        aRecord(),
        one,
        one.units(2),
        aRecord().account("nobody"),
        one.with("unit", "FATHOMS"));

    Scrape after = Scrape.take();
    assertThat(counted(before, after, "accepted", "")).isEqualTo(2);
    assertThat(counted(before, after, "duplicate", "")).isEqualTo(1);
    assertThat(counted(before, after, "rejected", "conflict")).isEqualTo(1);
    assertThat(counted(before, after, "rejected", "account_not_in_organization")).isEqualTo(1);
    assertThat(counted(before, after, "rejected", "invalid_record")).isEqualTo(1);
  }

  @Test
  void rows_of_imports_are_counted_by_what_became_of_them() {
    Import bill = Import.of(acme.writer(), "bill");
    String file =
        FOCUS_HEADER
            + focusRow(acme, "", "gone", "2026-08-01T00:00:00Z", "1")
            + focusRow(acme, "", "stays", "2026-08-01T00:00:00Z", "1");
    bill.put(file).adds(2);
    Scrape before = Scrape.take();

    bill.send(file.replace("gone", "new") + "x\n").statusCode(200);
    bill.send("nonsense").statusCode(400);

    Scrape after = Scrape.take();
    for (String outcome : List.of("added", "removed", "unchanged", "rejected")) {
      Map<String, String> labels = Map.of("outcome", outcome);
      assertThat(after.sum(IMPORTED_ROWS, labels) - before.sum(IMPORTED_ROWS, labels))
          .as(outcome)
          .isEqualTo(1);
    }
    bill.delete().changes(0, 2, 0);
    assertThat(Scrape.take().sum(IMPORTED_ROWS, Map.of("outcome", "removed")))
        .isEqualTo(after.sum(IMPORTED_ROWS, Map.of("outcome", "removed")) + 2);
  }

  private static double counted(Scrape before, Scrape after, String outcome, String code) {
    Map<String, String> labels = Map.of("outcome", outcome, "code", code);
    return after.sum(RECORDS, labels) - before.sum(RECORDS, labels);
  }

  @Test
  void the_newest_record_is_not_one_that_has_yet_to_occur() {
    Instant now = Instant.now();

    accept(now.minus(1, ChronoUnit.HOURS));
    Scrape past = Scrape.take();
    accept(now.plus(20, ChronoUnit.DAYS));
    Scrape ahead = Scrape.take();

    assertThat(past.sum(NEWEST, Map.of()))
        .isBetween(now.getEpochSecond() - 3_601.0, Instant.now().getEpochSecond() + 1.0);
    assertThat(ahead.sum(NEWEST, Map.of()))
        .isBetween((double) now.getEpochSecond(), Instant.now().getEpochSecond() + 1.0);
    assertThat(ahead.sum(LAST_ACCEPTED, Map.of()))
        .isBetween((double) now.getEpochSecond(), Instant.now().getEpochSecond() + 1.0);
  }

  private void accept(Instant occurredAt) {
    acme.sends(aRecord().with("occurred_at", occurredAt.toString()));
  }
}
