package io.usageapi.operation;

import static io.usageapi.fixture.Eventually.eventually;
import static io.usageapi.fixture.Organization.anOrganization;
import static org.assertj.core.api.Assertions.assertThat;

import io.usageapi.fixture.Api;
import io.usageapi.fixture.Load;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.OwnServer;
import io.usageapi.fixture.RawRequest;
import io.usageapi.fixture.TestPostgres;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Pages of many requests follow each other on one connection to the database. */
@Tag("drill")
class PipelinedReadsIT {
  private static final Pattern ACCOUNT = Pattern.compile("\"account_id\":\"([^\"]+)\"");
  private static final int ROWS = 60;

  /** All requests share one event loop and its connection, beside a pool of one. */
  @RegisterExtension
  static final OwnServer SERVER =
      OwnServer.with(
          "quarkus.vertx.event-loops-pool-size=1", "quarkus.datasource.reactive.max-size=1");

  private final URI server = SERVER.uri();
  private final ExecutorService clients = Executors.newCachedThreadPool();

  @AfterEach
  void end() {
    clients.shutdown();
  }

  @Test
  void a_page_is_answered_while_the_pool_has_no_connection_left() throws Exception {
    Organization acme = anOrganization();
    acme.hasAggregates(ROWS);
    // The first ones open the connection.
    for (int i = 0; i < 50; i++) {
      assertThat(page(acme)).isEqualTo(200);
    }
    TestPostgres.whileLocked(
        "account",
        () -> {
          Future<Integer> waits = clients.submit(() -> SERVER.status(acme.get(Api.ACCOUNTS)));
          eventually("the pool is empty", () -> TestPostgres.waitingForLocks() > 0);

          for (int i = 0; i < 20; i++) {
            assertThat(page(acme)).isEqualTo(200);
          }
          assertThat(waits.isDone()).isFalse();
        });
  }

  @Test
  void nobody_gets_the_rows_of_another_though_clients_hang_up_meanwhile() throws Exception {
    List<Organization> organizations = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      organizations.add(anOrganization());
      organizations.get(i).hasAggregates(ROWS);
    }
    List<String> wrong = Collections.synchronizedList(new ArrayList<>());
    List<Future<Integer>> readers = new ArrayList<>();
    for (Organization each : organizations) {
      readers.add(clients.submit(() -> reads(each, wrong)));
      readers.add(clients.submit(() -> reads(each, wrong)));
    }

    for (Future<Integer> each : readers) {
      assertThat(each.get()).isEqualTo(100);
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void pages_that_wait_for_a_lock_are_answered_when_it_is_gone() throws Exception {
    Organization acme = anOrganization();
    acme.hasAggregates(ROWS);
    Load pages = new Load(16, () -> acme.get(Api.USAGE).http(server));
    try (pages) {
      eventually("pages are answered", () -> pages.answers(200) > 200);
      // Longer than the deadline of a pipelined statement, shorter than that of the pool's.
      TestPostgres.whileLocked("monthly_usage", () -> Thread.sleep(2_000));
      int before = pages.answers(200);
      eventually("pages are answered again", () -> pages.answers(200) > before + 200);
    }
    System.out.println("drill: pages behind a lock: " + pages);
    assertThat(pages.answers().keySet()).containsExactly("200");
  }

  private int page(Organization organization) {
    return SERVER.status(organization.get(Api.USAGE));
  }

  /** Asks for pages, and hangs up behind some more. */
  private int reads(Organization organization, List<String> wrong) throws IOException {
    int answered = 0;
    for (int i = 0; i < 100; i++) {
      if (i % 3 == 0) {
        organization.get(Api.USAGE).sendHead(server).close();
      }
      RawRequest.Response response = organization.get(Api.USAGE).send(server);
      answered += response.status() == 200 ? 1 : 0;
      Matcher account = ACCOUNT.matcher(new String(response.body(), StandardCharsets.UTF_8));
      int rows = 0;
      while (account.find()) {
        rows++;
        if (!account.group(1).equals(organization.account())) {
          wrong.add(organization + " got " + account.group(1));
        }
      }
      if (rows != 50) {
        wrong.add(organization + " got " + rows + " rows");
      }
    }
    return answered;
  }
}
