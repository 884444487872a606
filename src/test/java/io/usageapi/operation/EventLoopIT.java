package io.usageapi.operation;

import static io.usageapi.fixture.Eventually.eventually;
import static io.usageapi.fixture.Organization.anOrganization;
import static io.usageapi.fixture.RatedRecord.CSV_HEADER;
import static io.usageapi.fixture.RatedRecord.FOCUS_HEADER;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static io.usageapi.fixture.RatedRecord.focusRow;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import io.usageapi.fixture.Api;
import io.usageapi.fixture.KeyServer;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.OwnServer;
import io.usageapi.fixture.RatedRecord;
import io.usageapi.fixture.RawRequest;
import io.usageapi.fixture.TestPostgres;
import io.usageapi.fixture.Tokens;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The server has one event loop here. While one request waits, the loop must serve others. If it
 * were blocked, the liveness probe would get no answer, and the test would fail.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Tag("drill")
class EventLoopIT {
  private static final KeyServer KEYS = new KeyServer(0);

  /** One event loop, and keys not fetched yet: a server that is ready has fetched them. */
  @RegisterExtension
  static final OwnServer SERVER =
      OwnServer.notReadyWith(OwnServer.keysAt(KEYS, "quarkus.vertx.event-loops-pool-size=1"));

  private final HttpClient http = HttpClient.newHttpClient();
  private final Organization acme = anOrganization();

  private final URI server = SERVER.uri();

  @AfterAll
  static void stop_the_identity_provider() {
    KEYS.close();
  }

  @Test
  @Order(1)
  void it_serves_others_while_the_identity_provider_holds_its_keys_back() throws Exception {
    String keys = KEYS.address();
    assertThat(get(URI.create(keys + "/hold")).body()).isEqualTo("held");

    CompletableFuture<HttpResponse<String>> page = send("GET", Api.USAGE, "");
    eventually(
        "the keys are asked for", () -> !get(URI.create(keys + "/waiting")).body().equals("0"));

    assertThat(get(SERVER.management().resolve("/q/health/live")).statusCode()).isEqualTo(200);
    assertThat(page).isNotDone();
    assertThat(get(URI.create(keys + "/release")).body()).isEqualTo("released");
    assertThat(page.get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
  }

  @Test
  @Order(2)
  void it_serves_others_while_the_database_makes_requests_wait() throws Exception {
    String records = RatedRecord.body(aRecord().account(acme + "-a"));
    String account = "{\"organization_id\":\"%s\"}".formatted(acme);
    String path = Api.ACCOUNTS + "/" + acme + "-a";
    assertThat(send("PUT", path, account).get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(201);
    List<CompletableFuture<HttpResponse<String>>> waiting = new ArrayList<>();
    TestPostgres.whileLocked(
        "monthly_usage, account, record_identity",
        () -> {
          waiting.add(send("GET", Api.USAGE, ""));
          waiting.add(send("POST", Api.RECORDS, records));
          waiting.add(send("PUT", path, account));
          waiting.add(send("GET", path, ""));
          waiting.add(send("PUT", Api.IMPORTS + "/bill", FOCUS_HEADER + charge("bill")));
          eventually("all five wait for the lock", () -> TestPostgres.waitingForLocks() >= 5);

          assertThat(get(SERVER.management().resolve("/q/health/live")).statusCode())
              .isEqualTo(200);
          assertThat(waiting).noneMatch(CompletableFuture::isDone);
        });
    for (CompletableFuture<HttpResponse<String>> response : waiting) {
      assertThat(response.get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
    }
  }

  @Test
  @Order(3)
  void it_serves_others_while_a_body_is_slow_to_arrive() throws Exception {
    RawRequest slow =
        RawRequest.of("POST", Api.RECORDS).token(token()).body("application/json", "{\"rec");
    try (Socket socket = slow.sendWithoutEnd(server, RawRequest.Framing.CONTENT_LENGTH)) {
      assertThat(socket.getInputStream().available()).isZero();

      assertThat(send("GET", Api.USAGE, "").get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
    }
  }

  @Test
  @Order(4)
  void it_serves_others_when_a_client_hangs_up_in_the_middle_of_a_stream() throws Exception {
    String account = acme + "-a";
    assertThat(
            send(
                    "PUT",
                    Api.ACCOUNTS + "/" + account,
                    "{\"organization_id\":\"%s\"}".formatted(acme))
                .get(30, TimeUnit.SECONDS)
                .statusCode())
        .isEqualTo(201);
    for (RawRequest.Framing framing : RawRequest.Framing.values()) {
      // More than a batch: one is committed while a worker waits for the rest of the next.
      String rows =
          IntStream.range(0, 3000)
              .mapToObj(i -> aRecord().account(account).of(framing.name()).csv())
              .collect(joining());
      RawRequest stream =
          RawRequest.of("POST", Api.RECORDS).token(token()).body("text/csv", CSV_HEADER + rows);
      hangUp(
          stream,
          framing,
          () ->
              send("GET", Api.USAGE, "").get(30, TimeUnit.SECONDS).body().contains(framing.name()));

      RawRequest file =
          RawRequest.of("PUT", Api.IMPORTS + "/bill")
              .token(token())
              .body("text/csv", FOCUS_HEADER + charge("bill").repeat(3000));
      hangUp(file, framing, () -> acme.staged() > 0);
      eventually("what was staged is deleted", () -> acme.staged() == 0);
    }
  }

  private void hangUp(RawRequest stream, RawRequest.Framing framing, Callable<Boolean> isBatched)
      throws Exception {
    try (Socket connection = stream.sendWithoutEnd(server, framing)) {
      eventually("a batch is committed", isBatched);
      assertThat(connection.getInputStream().available()).isZero();
    }
    assertThat(send("GET", Api.USAGE, "").get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
  }

  private String charge(String sku) {
    return focusRow(acme, "", sku, "2026-09-01T00:00:00Z", "1");
  }

  private HttpResponse<String> get(URI uri) throws Exception {
    return http.send(
        HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(20)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private CompletableFuture<HttpResponse<String>> send(String method, String path, String body) {
    return http.sendAsync(
        HttpRequest.newBuilder(server.resolve(path))
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .header("Authorization", "Bearer " + token())
            .header("Content-Type", path.startsWith(Api.IMPORTS) ? "text/csv" : "application/json")
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private String token() {
    return KeyServer.token(Tokens.ALL_SCOPES, acme.id());
  }
}
