package io.usageapi.operation;

import static io.usageapi.fixture.Eventually.eventually;
import static io.usageapi.fixture.Usage.aUsage;
import static org.assertj.core.api.Assertions.assertThat;

import io.usageapi.fixture.Api;
import io.usageapi.fixture.Load;
import io.usageapi.fixture.ManyAggregates;
import io.usageapi.fixture.OwnServer;
import io.usageapi.fixture.RawRequest;
import io.usageapi.fixture.SilentProxy;
import io.usageapi.fixture.SlowClient;
import io.usageapi.fixture.TestPostgres;
import io.usageapi.fixture.Tokens;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The node of the database dies without a word: what is open carries nothing any more and nobody
 * closes it, and new connections are served. With the default deadlines.
 */
@Tag("drill")
class SilentDatabaseIT {
  /** In which all must be well again. */
  private static final Duration RECOVERY = Duration.ofSeconds(30);

  private static final int MANY = 60_000;

  private static final SilentProxy PROXY = proxy();

  @RegisterExtension
  static final OwnServer SERVER =
      OwnServer.with(
          "quarkus.datasource.reactive.url=" + PROXY.url(),
          "quarkus.datasource.reactive.max-size=12");

  private final String organization = Api.newOrganization();
  private final AtomicInteger sent = new AtomicInteger();
  private long silentSince;

  private static SilentProxy proxy() {
    try {
      return new SilentProxy(TestPostgres.port());
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void everything_works_again_by_itself_and_no_record_is_lost_or_doubled() throws Exception {
    String exporter = Api.newOrganization();
    Api.provision(organization, organization);
    Api.provision(exporter, exporter);
    ManyAggregates.store(exporter, exporter, MANY);
    ExecutorService clients = Executors.newCachedThreadPool();
    Load pages = new Load(8, this::page);
    Load totals = new Load(2, this::totals);
    Load senders = new Load(4, this::record);
    try (pages;
        totals;
        senders) {
      eventually("pages are answered", () -> pages.answers(200) > 50);
      eventually("records are taken", () -> senders.answers(200) > 50);
      List<Future<String>> exports = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        SlowClient client =
            new SlowClient(SERVER.uri(), Api.USAGE, "text/csv", Tokens.reader(exporter));
        exports.add(clients.submit(client::restSlowly));
      }

      PROXY.goSilent();
      silentSince = System.nanoTime();

      // One after the other: each would try another of the connections that are dead.
      recovers("pages", () -> pages.answers(200), () -> get(Api.USAGE, "application/hal+json"));
      recovers("readiness", () -> 0, () -> health("ready"));
      recovers("totals", () -> totals.answers(200), () -> get(Api.TOTALS, "application/hal+json"));
      recovers(
          "an account",
          () -> 0,
          () ->
              RawRequest.get(Api.ACCOUNTS + "/" + organization)
                  .token(Tokens.reader(organization))
                  .send(SERVER.uri())
                  .status());
      recovers("records", () -> senders.answers(200), this::send);
      for (Future<String> each : exports) {
        assertThat(each.get()).as("an export that broke off").doesNotEndWith("0\r\n\r\n");
      }
      recovers(
          "exports",
          () -> 0,
          () ->
              RawRequest.get(Api.USAGE)
                  .header("Accept", "text/csv")
                  .token(Tokens.reader(exporter))
                  .send(SERVER.uri())
                  .status());
    }
    clients.shutdown();
    for (Load each : List.of(pages, totals, senders)) {
      System.out.println("drill: a silent database: " + each);
      assertThat(each.answers()).containsOnlyKeys("200", "503");
    }
    everythingCountsOnce();
  }

  /** Holds when ten in a row are answered, and others meanwhile. */
  private void recovers(String what, Callable<Integer> answered, Callable<Integer> ask)
      throws Exception {
    int before = answered.call();
    eventually(
        what + " is well again",
        left(),
        () -> {
          assertThat(health("live")).isEqualTo(200);
          for (int i = 0; i < 10; i++) {
            if (ask.call() != 200) {
              return false;
            }
          }
          return true;
        });
    System.out.printf(
        "drill: a silent database: %s well again after %d ms, %d of others meanwhile%n",
        what, (System.nanoTime() - silentSince) / 1_000_000, answered.call() - before);
  }

  private Duration left() {
    return RECOVERY.minusNanos(System.nanoTime() - silentSince);
  }

  private int health(String check) {
    return RawRequest.get("/q/health/" + check).send(SERVER.management()).status();
  }

  private int get(String resource, String accept) {
    return RawRequest.get(resource)
        .header("Accept", accept)
        .token(Tokens.reader(organization))
        .send(SERVER.uri())
        .status();
  }

  private int send() {
    return Api.send(
            Tokens.writer(organization),
            List.of(aUsage().id("own-" + sent.get()).account(organization).units("0")))
        .statusCode();
  }

  private void everythingCountsOnce() {
    StringBuilder lines = new StringBuilder();
    for (int id = 1; id <= sent.get(); id++) {
      lines.append(line(id)).append('\n');
    }
    Api.post(Tokens.writer(organization), "application/x-ndjson", lines.toString())
        .then()
        .statusCode(200);
    assertThat(
            Api.sum(
                Api.walk(
                    Tokens.reader(organization), java.util.Map.of("account_ids", organization)),
                "number_of_units"))
        .isEqualByComparingTo(Integer.toString(sent.get()));
  }

  private HttpRequest page() {
    return get(Api.USAGE);
  }

  private HttpRequest totals() {
    return get(Api.TOTALS);
  }

  private HttpRequest get(String resource) {
    return HttpRequest.newBuilder(SERVER.uri().resolve(resource))
        .header("Authorization", "Bearer " + Tokens.reader(organization))
        .header("Accept", "application/hal+json")
        .build();
  }

  private HttpRequest record() {
    return HttpRequest.newBuilder(SERVER.uri().resolve(Api.RECORDS))
        .header("Authorization", "Bearer " + Tokens.writer(organization))
        .header("Content-Type", "application/x-ndjson")
        .POST(BodyPublishers.ofString(line(sent.incrementAndGet())))
        .build();
  }

  private String line(int id) {
    return ("{\"id\":\"%d\",\"account_id\":\"%s\",\"product_id\":\"p\",\"occurred_at\":"
            + "\"2026-01-15T12:00:00Z\",\"type\":\"CALL\",\"currency\":\"EUR\",\"unit\":\"MINUTES\","
            + "\"number_of_units\":1,\"total_amount\":1}")
        .formatted(id, organization);
  }
}
