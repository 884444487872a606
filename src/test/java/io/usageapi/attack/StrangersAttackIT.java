package io.usageapi.attack;

import static org.assertj.core.api.Assertions.assertThat;

import io.usageapi.fixture.Api;
import io.usageapi.fixture.RawRequest;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What strangers do to any server on a network. */
@Tag("attack")
class StrangersAttackIT {
  @RegisterExtension static final Siege SIEGE = Siege.on();

  private final Tenant attacker = SIEGE.attacker();

  @Test
  void connections_that_say_nothing_cost_nobody_anything() throws Exception {
    List<Socket> silent = new ArrayList<>();
    try {
      for (int i = 0; i < 300; i++) {
        silent.add(new Socket(SIEGE.server().getHost(), SIEGE.server().getPort()));
        SIEGE.tried();
      }
      SIEGE.recovers(attacker);
    } finally {
      for (Socket each : silent) {
        each.close();
      }
    }
  }

  @Test
  void a_hundred_streams_of_one_connection_are_answered() throws Exception {
    try (Http2Connection connection = Http2Connection.open(SIEGE.server())) {
      Map<String, String> token = Map.of("authorization", "Bearer " + attacker.reader());
      List<Integer> streams = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        streams.add(connection.request("GET", Api.USAGE, token, true));
        SIEGE.tried();
      }
      for (int stream : streams) {
        assertThat(connection.answer(stream).status()).isEqualTo(200);
      }
    }
  }

  @Test
  void bodies_that_break_off_keep_no_place() throws Exception {
    String records = "{\"records\":[" + attacker.usage().json();
    for (int i = 0; i < 30 * Siege.ROUNDS; i++) {
      for (RawRequest.Framing framing : RawRequest.Framing.values()) {
        attacker.post("application/json", records).sendWithoutEnd(SIEGE.server(), framing).close();
        SIEGE.tried();
      }
    }
    SIEGE.recovers(attacker);
  }
}
