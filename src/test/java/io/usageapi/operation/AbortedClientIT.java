package io.usageapi.operation;

import static io.usageapi.fixture.Eventually.eventually;
import static io.usageapi.fixture.Organization.anOrganization;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static org.assertj.core.api.Assertions.assertThat;

import io.usageapi.fixture.Api;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.OwnServer;
import io.usageapi.fixture.RatedRecord;
import io.usageapi.fixture.RawRequest;
import io.usageapi.fixture.TestPostgres;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client that hangs up during a query must not cost a connection of the pool. */
@Tag("drill")
class AbortedClientIT {
  private static final int POOL = 3;
  private static final int CLIENTS = 24;

  /** A pool that two dozen leaks would empty eight times. */
  @RegisterExtension
  static final OwnServer SERVER =
      OwnServer.with(
          "quarkus.datasource.reactive.max-size=" + POOL,
          // All clients are of one organization, before and after the hang-ups.
          "usage-api.intake.max-per-organization=8");

  private final Organization acme = anOrganization();

  @ParameterizedTest
  @ValueSource(
      strings = {Api.USAGE, Api.USAGE + "/00000000000000000000000000000000", Api.ACCOUNTS + "/a"})
  void reading_clients_that_hang_up_leak_no_connection(String path) throws Exception {
    hangUp("monthly_usage, account", CLIENTS, acme.get(path));

    for (int i = 0; i < 2 * POOL; i++) {
      acme.asReader().get(Api.USAGE).then().statusCode(200);
    }
  }

  @Test
  void writing_clients_that_hang_up_leak_no_connection() throws Exception {
    RawRequest request =
        acme.post("application/json", RatedRecord.body(aRecord().account(acme.account())));

    hangUp("record_identity", CLIENTS / 4, request);

    for (int i = 0; i < 2 * POOL; i++) {
      assertThat(SERVER.status(request)).isEqualTo(200);
    }
  }

  /** Clients send a request that waits for locked tables, and then reset their connections. */
  private static void hangUp(String locked, int clients, RawRequest request) throws Exception {
    TestPostgres.whileLocked(
        locked,
        () -> {
          List<Socket> sockets = new ArrayList<>();
          for (int i = 0; i < clients; i++) {
            Socket socket = new Socket(SERVER.uri().getHost(), SERVER.uri().getPort());
            socket.setSoLinger(true, 0);
            socket.getOutputStream().write(request.bytes(SERVER.uri()));
            sockets.add(socket);
          }
          eventually("the pool is used up", () -> TestPostgres.waitingForLocks() == POOL);
          for (Socket socket : sockets) {
            socket.close();
          }
        });
  }
}
