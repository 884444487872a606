package io.usageapi.operation;

import static io.usageapi.fixture.Eventually.eventually;

import io.usageapi.fixture.Api;
import io.usageapi.fixture.OwnServer;
import io.usageapi.fixture.TestPostgres;
import io.usageapi.fixture.Tokens;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that hang up while their request is in the database must not cost a connection. */
@Tag("drill")
class AbortedClientIT {
  private static final int POOL = 3;
  private static final int CLIENTS = 24;

  /** A pool that two dozen leaks would empty eight times over. */
  @RegisterExtension
  static final OwnServer SERVER =
      OwnServer.with(
          "quarkus.datasource.reactive.max-size=" + POOL,
          // All who hang up are of one organization, and so is who comes after them.
          "usage-api.intake.max-per-organization=8");

  private final URI server = SERVER.uri();

  private final String organization = Api.newOrganization();

  @ParameterizedTest
  @ValueSource(
      strings = {Api.USAGE, Api.USAGE + "/00000000000000000000000000000000", Api.ACCOUNTS + "/a"})
  void reading_clients_that_hang_up_leak_no_connection(String path) throws Exception {
    try (Connection connection = TestPostgres.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("LOCK TABLE monthly_usage, account IN ACCESS EXCLUSIVE MODE");
      List<Socket> clients = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        clients.add(request("GET " + path, Tokens.reader(organization), ""));
      }
      eventually("the pool is used up", () -> TestPostgres.waitingForLocks(statement) == POOL);

      hangUp(clients);
      connection.rollback();
    }

    for (int i = 0; i < 2 * POOL; i++) {
      Api.as(Tokens.reader(organization)).get(Api.USAGE).then().statusCode(200);
    }
  }

  @Test
  void writing_clients_that_hang_up_leak_no_connection() throws Exception {
    Api.provision(organization, organization);
    String body =
        """
        {"records":[{"id":"1","account_id":"%s","product_id":"p","occurred_at":"2026-01-01T00:00:00Z",
        "type":"CALL","currency":"EUR","unit":"MINUTES","number_of_units":1,"total_amount":1}]}
        """
            .formatted(organization);
    try (Connection connection = TestPostgres.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("LOCK TABLE record_identity IN ACCESS EXCLUSIVE MODE");
      List<Socket> clients = new ArrayList<>();
      for (int i = 0; i < CLIENTS / 4; i++) {
        clients.add(request("POST " + Api.RECORDS, Tokens.writer(organization), body));
      }
      eventually("the pool is used up", () -> TestPostgres.waitingForLocks(statement) == POOL);

      hangUp(clients);
      connection.rollback();
    }

    for (int i = 0; i < 2 * POOL; i++) {
      Api.as(Tokens.writer(organization))
          .contentType("application/json")
          .body(body)
          .post(Api.RECORDS)
          .then()
          .statusCode(200);
    }
  }

  private Socket request(String line, String token, String body) throws IOException {
    Socket socket = new Socket(server.getHost(), server.getPort());
    // On closing, a reset instead of a farewell.
    socket.setSoLinger(true, 0);
    String head =
        "%s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
            .formatted(line, token, body.length());
    socket.getOutputStream().write((head + body).getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().flush();
    return socket;
  }

  private static void hangUp(List<Socket> clients) throws IOException {
    for (Socket client : clients) {
      client.close();
    }
  }
}
