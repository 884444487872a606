package io.usageapi.operation;

import static io.usageapi.fixture.Eventually.eventually;
import static io.usageapi.fixture.Organization.anOrganization;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static org.assertj.core.api.Assertions.assertThat;

import io.usageapi.fixture.Api;
import io.usageapi.fixture.Load;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.OwnServer;
import io.usageapi.fixture.RatedRecord;
import io.usageapi.fixture.RawRequest;
import io.usageapi.fixture.SlowClient;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The node of the database dies without closing its connections: they carry nothing any more, and
 * new connections work. The deadlines are the default ones.
 */
@Tag("drill")
class SilentDatabaseIT {
  /** How long the server has to recover. */
  private static final Duration RECOVERY = Duration.ofSeconds(30);

  private static final int MANY = 60_000;
  private static final String JSON = "application/hal+json";

  private static final SilentProxy PROXY = SilentProxy.beforeTheDatabase();

  @RegisterExtension
  static final OwnServer SERVER =
      OwnServer.with(
          "quarkus.datasource.reactive.url=" + PROXY.url(),
          "quarkus.datasource.reactive.max-size=12");

  private final Organization acme = anOrganization();
  private final AtomicInteger sent = new AtomicInteger();
  private long silentSince;

  /** A silent connection would keep its locks during the tests that follow. */
  @AfterAll
  static void close_the_proxy() throws IOException {
    PROXY.close();
  }

  @Test
  void everything_works_again_by_itself_and_no_record_is_lost_or_doubled() throws Exception {
    Organization exporter = anOrganization();
    exporter.hasAggregates(MANY);
    acme.account();
    ExecutorService clients = Executors.newCachedThreadPool();
    Load pages = new Load(8, () -> get(Api.USAGE).http(SERVER.uri()));
    Load totals = new Load(2, () -> get(Api.TOTALS).http(SERVER.uri()));
    // With the one that the test sends, they are as many as an organization may have at once.
    Load senders = new Load(3, () -> acme.post(record(sent.incrementAndGet())).http(SERVER.uri()));
    try (pages;
        totals;
        senders) {
      eventually("pages are answered", () -> pages.answers(200) > 50);
      eventually("records are taken", () -> senders.answers(200) > 50);
      List<Future<String>> exports = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        SlowClient client = new SlowClient(SERVER.uri(), Api.USAGE, "text/csv", exporter.reader());
        exports.add(clients.submit(client::restSlowly));
      }

      PROXY.goSilent();
      silentSince = System.nanoTime();

      // One after the other: each would try another dead connection.
      recover("pages", 10, () -> SERVER.status(get(Api.USAGE)));
      recover("readiness", 10, () -> SERVER.health("ready"));
      recover("totals", 10, () -> SERVER.status(get(Api.TOTALS)));
      recover("accounts", 10, () -> SERVER.status(get(Api.ACCOUNTS + "/" + acme)));
      recover(
          "records",
          10,
          () -> SERVER.status(acme.post(aRecord().id("own-" + sent.get()).units("0"))));
      // As many exports as an organization may have at once broke off.
      recover("exports", 1, () -> SERVER.status(exporter.get(Api.USAGE).accept("text/csv")));
      for (Future<String> each : exports) {
        assertThat(each.get()).as("an export that broke off").doesNotEndWith("0\r\n\r\n");
      }
    }
    clients.shutdown();
    for (Load each : List.of(pages, totals, senders)) {
      System.out.println("drill: a silent database: " + each);
      assertThat(each.answers().keySet()).isSubsetOf("200", "503");
    }
    everythingCountsOnce();
  }

  /** Waits until so many requests in a row are answered. */
  private void recover(String what, int inARow, Callable<Integer> ask) throws Exception {
    eventually(
        what + " well again",
        left(),
        () -> {
          assertThat(SERVER.health("live")).isEqualTo(200);
          for (int i = 0; i < inARow; i++) {
            if (ask.call() != 200) {
              return false;
            }
          }
          return true;
        });
    System.out.printf(
        "drill: a silent database: %s well again within %d ms%n",
        what, (System.nanoTime() - silentSince) / 1_000_000);
  }

  private Duration left() {
    return RECOVERY.minusNanos(System.nanoTime() - silentSince);
  }

  private void everythingCountsOnce() {
    acme.streams(IntStream.rangeClosed(1, sent.get()).mapToObj(this::record));
    assertThat(Api.sum(acme.walk(), "number_of_units"))
        .isEqualByComparingTo(Integer.toString(sent.get()));
  }

  private RawRequest get(String resource) {
    return acme.get(resource).accept(JSON);
  }

  private RatedRecord record(int id) {
    return aRecord().id(Integer.toString(id));
  }
}
