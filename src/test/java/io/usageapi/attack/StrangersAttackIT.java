package io.usageapi.attack;

import static io.usageapi.fixture.RatedRecord.FOCUS_HEADER;
import static io.usageapi.fixture.RatedRecord.focusRow;
import static org.assertj.core.api.Assertions.assertThat;

import io.usageapi.fixture.Api;
import io.usageapi.fixture.Document;
import io.usageapi.fixture.RawRequest;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What strangers do to any server on a network: to its connections, and to its streams. */
@Tag("attack")
class StrangersAttackIT {
  @RegisterExtension
  static final Siege SIEGE = Siege.with("usage-api.body-timeout=2s", "usage-api.export.timeout=1m");

  private static final int STREAMS = 100;

  private final URI server = SIEGE.server();
  private final Tenant attacker = SIEGE.attacker();
  private final Map<String, String> token = Map.of("authorization", "Bearer " + attacker.reader());
  private final Random random = new Random(Long.getLong("test.usageapi.seed", 20_260_101L));

  private interface Attack {
    void run(Http2Connection connection) throws IOException;
  }

  @Test
  void connections_that_say_nothing_or_dribble_a_head_cost_nobody_anything() throws Exception {
    List<Wire> wires = new ArrayList<>();
    try {
      for (int i = 0; i < 300 * Siege.ROUNDS; i++) {
        Wire wire = new Wire(server);
        wires.add(wire);
        SIEGE.tried();
        if (i % 2 == 0) {
          wire.send("GET " + Api.USAGE + " HTTP/1.1\r\nHost: x\r\nX-");
        }
      }
      for (int i = 0; i < 10; i++) {
        wires.forEach(each -> each.send("a"));
      }
      SIEGE.recovers(attacker);
    } finally {
      for (Wire each : wires) {
        each.vanish();
      }
    }
    SIEGE.recovers(attacker);
  }

  @Test
  void requests_cut_anywhere_give_back_what_they_took() throws Exception {
    List<RawRequest> requests = new ArrayList<>();
    String records = "{\"records\":[" + attacker.usage().json() + "]}";
    String charges =
        FOCUS_HEADER
            + focusRow(
                attacker.organization(), attacker.account(), "sku", "2026-09-01T00:00:00Z", "1");
    Document.operations()
        .forEach(each -> requests.add(request(each.method(), each.path(), records)));
    requests.add(attacker.get(Api.USAGE).accept("text/csv"));
    requests.add(attacker.get(Api.DAYS).accept("application/x-ndjson"));
    requests.add(attacker.post("application/x-ndjson", attacker.usage().json()));
    requests.add(attacker.post("text/csv", "id,account_id\r\n1,2\r\n"));
    requests.add(attacker.put("cut", charges));
    requests.add(attacker.post("application/cloudevents-batch+json", "[{}]"));
    assertThat(requests).hasSizeGreaterThan(12);

    for (int round = 0; round < 12 * Siege.ROUNDS; round++) {
      for (RawRequest request : requests) {
        byte[] bytes = request.bytes(server);
        // The last of them is whole: its client hangs up while it is answered.
        int cut = round % 4 == 0 ? bytes.length : 1 + random.nextInt(bytes.length);
        Wire wire = new Wire(server);
        wire.send(Arrays.copyOf(bytes, cut));
        if (random.nextBoolean()) {
          wire.vanish();
        } else {
          wire.close();
        }
        SIEGE.tried();
      }
    }
    SIEGE.recovers(attacker);
  }

  private RawRequest request(String method, String path, String records) {
    RawRequest request =
        RawRequest.of(method, path.replaceAll("\\{[a-z_]+}", attacker.account()))
            .token(
                method.equals("GET") && !path.startsWith(Api.IMPORTS)
                    ? attacker.reader()
                    : attacker.writer());
    return switch (method) {
      case "POST" -> request.body("application/json", records);
      case "PUT" ->
          request.body(
              "application/json", "{\"organization_id\":\"" + attacker.organization() + "\"}");
      default -> request;
    };
  }

  @Test
  void a_hundred_streams_of_one_connection_are_answered() throws Exception {
    boolean open =
        on(
            connection -> {
              for (int i = 0; i < STREAMS; i++) {
                int unused = connection.request("GET", Api.USAGE, token, true);
                SIEGE.tried();
              }
              for (int stream = 1; stream < 2 * STREAMS; stream += 2) {
                // The recovery of the test before may still have a place.
                assertThat(connection.answer(stream).status()).isIn(200, 429);
              }
            });
    assertThat(open).isTrue();
    SIEGE.recovers(attacker);
  }

  @Test
  void streams_that_are_reset_at_once_cost_nobody_anything() throws Exception {
    for (int i = 0; i < 5 * Siege.ROUNDS; i++) {
      boolean unused =
          on(
              connection -> {
                for (int stream = 0; stream < 1_000; stream++) {
                  connection.reset(connection.request("GET", Api.USAGE, token, true));
                  SIEGE.tried();
                }
              });
    }
    SIEGE.recovers(attacker);
  }

  @Test
  void streams_whose_bodies_never_end_keep_nobody_waiting() throws Exception {
    List<Http2Connection> all = new ArrayList<>();
    try {
      for (int i = 0; i < 3; i++) {
        Http2Connection connection = Http2Connection.open(server);
        all.add(connection);
        for (int stream = 0; stream < STREAMS; stream++) {
          connection.data(connection.request("GET", Api.USAGE, token, false), new byte[600], false);
          SIEGE.tried();
        }
      }
    } finally {
      for (Http2Connection each : all) {
        each.close();
      }
    }
    SIEGE.recovers(attacker);
  }

  @Test
  void headers_that_never_end_fill_nothing() throws Exception {
    byte[] begin = Http2Connection.block(Map.of(":method", "GET"));
    for (int size : List.of(0, 1, 1_000, 16_000)) {
      byte[] part = size == 0 ? new byte[0] : Http2Connection.block(Map.of("x", "a".repeat(size)));
      assertThat(
              on(
                  connection -> {
                    connection.frame(Http2Connection.HEADERS, Http2Connection.END_STREAM, 1, begin);
                    for (int i = 0; i < 50_000; i++) {
                      connection.frame(Http2Connection.CONTINUATION, 0, 1, part);
                    }
                  }))
          .as("closed by the server, with parts of %d", size)
          .isFalse();
      SIEGE.tried();
    }
    SIEGE.recovers(attacker);
  }

  @Test
  void frames_that_ask_for_nothing_fill_nothing() throws Exception {
    byte[] settings = new byte[16_380];
    for (int i = 0; i < settings.length; i += 6) {
      settings[i] = 0x7f;
      settings[i + 1] = (byte) i;
    }
    Map<Integer, byte[]> frames =
        Map.of(
            Http2Connection.SETTINGS,
            new byte[0],
            Http2Connection.PING,
            new byte[8],
            Http2Connection.WINDOW_UPDATE,
            new byte[] {0, 0, 0, 1},
            0x77,
            new byte[16_384]);
    for (int round = 0; round < Siege.ROUNDS; round++) {
      for (Map.Entry<Integer, byte[]> frame : frames.entrySet()) {
        boolean unused =
            on(
                connection -> {
                  for (int i = 0; i < 5_000; i++) {
                    connection.frame(frame.getKey(), 0, 0, frame.getValue());
                  }
                });
        SIEGE.tried();
      }
      boolean unused =
          on(
              connection -> {
                for (int i = 0; i < 300; i++) {
                  connection.frame(Http2Connection.SETTINGS, 0, 0, settings);
                }
              });
      SIEGE.tried();
    }
    SIEGE.recovers(attacker);
  }

  @Test
  void what_is_no_frame_is_refused() throws Exception {
    for (int i = 0; i < 200 * Siege.ROUNDS; i++) {
      byte[] noise = new byte[random.nextInt(2_000)];
      random.nextBytes(noise);
      int type = random.nextInt(12);
      int flags = random.nextInt(256);
      int stream = random.nextInt(5);
      boolean unused = on(connection -> connection.frame(type, flags, stream, noise));
      SIEGE.tried();
    }
    SIEGE.recovers(attacker);
  }

  /** Whether the server left the connection open. */
  private boolean on(Attack attack) {
    try (Http2Connection connection = Http2Connection.open(server)) {
      attack.run(connection);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
