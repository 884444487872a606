package io.usageapi.attack;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import io.usageapi.fixture.Api;
import io.usageapi.fixture.RawRequest;
import io.usageapi.fixture.SlowClient;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Much at once, and answers that nobody takes. */
@Tag("attack")
class FloodsAttackIT {
  @RegisterExtension
  static final Siege SIEGE = Siege.with("usage-api.max-unread-bytes=" + 16 * 1024 * 1024);

  /** What is unread, what is being written, and what the server needs beside. */
  private static final double MOST_BUFFERED = 64.0 * 1024 * 1024;

  private static final int STREAMS = 100;
  private static final String LARGE_PAGE = Api.USAGE + "?per_page=250";

  /**
   * SETTINGS_INITIAL_WINDOW_SIZE, 0: nothing may be sent until the client says so, which it never
   * does.
   */
  private static final byte[] NO_WINDOW = {0, 4, 0, 0, 0, 0};

  private final URI server = SIEGE.server();
  private final Tenant attacker = SIEGE.attacker();
  private final Map<String, String> token = Map.of("authorization", "Bearer " + attacker.reader());

  @Test
  void pages_that_are_never_read_take_no_more_memory_than_they_may() throws Exception {
    makeLargePage();

    leaveUnread(LARGE_PAGE, token, 10 * Siege.ROUNDS);

    SIEGE.recovers(attacker);
  }

  @Test
  void what_needs_no_token_and_is_never_read_takes_no_more_memory_than_it_may() throws Exception {
    leaveUnread("/q/openapi", Map.of(), 10 * Siege.ROUNDS);
    leaveUnread("/q/swagger-ui/swagger-ui-bundle.js", Map.of(), 5 * Siege.ROUNDS);

    SIEGE.recovers(attacker);
  }

  /** The server may close them: it is not to hold what they leave. */
  private void leaveUnread(String target, Map<String, String> headers, int connections)
      throws Exception {
    List<Http2Connection> all = new ArrayList<>();
    try {
      for (int i = 0; i < connections; i++) {
        Http2Connection connection = Http2Connection.open(server);
        all.add(connection);
        try {
          connection.frame(Http2Connection.SETTINGS, 0, 0, NO_WINDOW);
          for (int stream = 0; stream < STREAMS; stream++) {
            int unused = connection.request("GET", target, headers, true);
            SIEGE.tried();
          }
        } catch (IOException e) {
          // Closed: others left more.
        }
        // Others are answered meanwhile.
        assertThat(attacker.get(Api.ACCOUNTS).send(server).status()).isIn(200, 429);
        assertThat(buffered()).isLessThan(MOST_BUFFERED);
      }
    } finally {
      for (Http2Connection each : all) {
        each.close();
      }
    }
  }

  /** Outside the heap, in bytes. */
  private static double buffered() throws Exception {
    return SIEGE.metrics().sum("jvm_buffer_memory_used_bytes", Map.of());
  }

  private void makeLargePage() {
    String lines =
        IntStream.range(0, 250)
            .mapToObj(i -> attacker.usage().of("p" + i).with("description", "d".repeat(500)))
            .map(usage -> usage.json())
            .collect(joining("\n"));
    assertThat(attacker.post("application/x-ndjson", lines).send(server).status()).isEqualTo(200);
    attacker.accepted(250);
  }

  @Test
  void of_one_organization_only_so_many_requests_are_answered_at_once() throws Exception {
    makeLargePage();
    List<Http2Connection> all = new ArrayList<>();
    List<Integer> statuses = new ArrayList<>();
    try {
      for (int i = 0; i < 4; i++) {
        all.add(Http2Connection.open(server));
      }
      for (Http2Connection each : all) {
        for (int stream = 0; stream < STREAMS; stream++) {
          int unused = each.request("GET", Api.USAGE, token, true);
          SIEGE.tried();
        }
      }
      for (Http2Connection each : all) {
        for (int stream = 1; stream < 2 * STREAMS; stream += 2) {
          statuses.add(each.answer(stream).status());
        }
      }
    } finally {
      for (Http2Connection each : all) {
        each.close();
      }
    }

    assertThat(statuses).contains(200).containsOnly(200, 429);
    SIEGE.recovers(attacker);
  }

  @Test
  void pipelined_requests_whose_answers_are_never_read_are_answered_one_by_one() throws Exception {
    makeLargePage();
    String request =
        "GET %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n"
            .formatted(LARGE_PAGE, attacker.reader());
    ExecutorService senders = Executors.newCachedThreadPool();
    List<Wire> wires = new ArrayList<>();
    try {
      for (int i = 0; i < 20; i++) {
        Wire wire = new Wire(server);
        wires.add(wire);
        // It stops being taken when the answers are not.
        senders.execute(() -> wire.send(request.repeat(1_000)));
        SIEGE.tried(1_000);
      }
      SIEGE.recovers(Tenant.on(server));
      assertThat(buffered()).isLessThan(MOST_BUFFERED);
    } finally {
      for (Wire each : wires) {
        each.vanish();
      }
      senders.shutdown();
    }
    SIEGE.recovers(attacker);
  }

  @Test
  void exports_that_are_given_up_give_their_places_back() throws Exception {
    makeLargePage();
    for (int i = 0; i < 60 * Siege.ROUNDS; i++) {
      for (String type : List.of("text/csv", "application/x-ndjson")) {
        SlowClient client = SlowClient.asking(server, Api.USAGE, type, attacker.reader());
        if (i % 3 == 0) {
          // So that some are in the database, and some are being written.
          Thread.onSpinWait();
          int unused = attacker.get(Api.ACCOUNTS).send(server).status();
        }
        client.vanish();
        SIEGE.tried();
      }
    }
    SIEGE.recovers(attacker);
  }

  @Test
  void lines_just_within_their_bound_many_at_once_do_not_fill_the_memory() throws Exception {
    String line = "{\"id\":\"" + "i".repeat(262_000) + "\"}\n";
    String member = "{\"" + "m".repeat(262_000) + "\":1}\n";
    atOnce("application/x-ndjson", List.of(line.repeat(100), member.repeat(100)));
  }

  @Test
  void the_largest_json_bodies_many_at_once_do_not_fill_the_memory() throws Exception {
    String record = attacker.usage().json();
    String rejected =
        "{\"records\":["
            + (record.replace("voice", "v".repeat(1_000)) + ",").repeat(9_000)
            + "{}]}";
    String deep = "{\"records\":[{\"id\":" + "[".repeat(900) + "1" + "]".repeat(900) + "}]}";
    String one = "{\"records\":[{\"id\":\"" + "i".repeat(16_700_000) + "\"}]}";
    atOnce("application/json", List.of(rejected, deep, one));
  }

  /** All are answered, with 429 or 503 where there are too many. */
  private void atOnce(String type, List<String> bodies) throws Exception {
    ExecutorService senders = Executors.newFixedThreadPool(4);
    try {
      for (String body : bodies) {
        List<Future<Integer>> answers = new ArrayList<>();
        for (int i = 0; i < 4 * Siege.ROUNDS; i++) {
          RawRequest request = attacker.post(type, body);
          answers.add(senders.submit(() -> request.send(server).status()));
          SIEGE.tried();
        }
        for (Future<Integer> answer : answers) {
          assertThat(answer.get()).isIn(200, 400, 413, 429, 503);
        }
      }
    } finally {
      senders.shutdown();
    }
    SIEGE.recovers(attacker);
  }
}
