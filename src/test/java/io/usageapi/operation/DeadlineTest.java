package io.usageapi.operation;

import static io.usageapi.fixture.Eventually.eventually;
import static io.usageapi.fixture.Usage.aUsage;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.ServerResource;
import io.usageapi.fixture.TestPostgres;
import io.usageapi.fixture.Tokens;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What takes too long ends, and what is too much at once is turned away. */
@QuarkusTest
@TestProfile(DeadlineTest.ShortDeadlines.class)
class DeadlineTest {
  /** Deadlines that a test can wait for, and one body at a time. */
  public static class ShortDeadlines implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of(
          "usage-api.database.read-timeout", "300ms",
          "usage-api.intake.max-concurrent", "1");
    }

    @Override
    public boolean disableGlobalTestResources() {
      return true;
    }

    @Override
    public List<TestResourceEntry> testResources() {
      return List.of(new TestResourceEntry(ServerResource.class));
    }
  }

  @TestHTTPResource URI server;

  private final String organization = Api.newOrganization();

  @Test
  void a_filter_that_runs_into_the_deadline_is_too_expensive_and_a_page_without_is_503()
      throws SQLException {
    try (Connection connection = TestPostgres.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("LOCK TABLE monthly_usage IN ACCESS EXCLUSIVE MODE");

      Api.as(Tokens.reader(organization))
          .queryParam("filter", "contains(wallet_name, 'x')")
          .get(Api.USAGE)
          .then()
          .statusCode(400)
          .body("code", equalTo("filter_too_expensive"))
          .body("description", containsString("account"));
      Api.as(Tokens.reader(organization))
          .get(Api.USAGE)
          .then()
          .statusCode(503)
          .header("Retry-After", notNullValue())
          .body("code", equalTo("unavailable"));
      connection.rollback();
    }
  }

  @Test
  void a_body_beyond_those_that_are_read_at_once_is_503_and_taken_later() throws Exception {
    Api.provision(organization, organization);
    try (Socket slow = new Socket(server.getHost(), server.getPort())) {
      slow.getOutputStream()
          .write(
              ("POST "
                      + Api.RECORDS
                      + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                      + "Content-Length: 1000\r\nAuthorization: Bearer "
                      + Tokens.writer(organization)
                      + "\r\n\r\n{\"rec")
                  .getBytes(StandardCharsets.US_ASCII));
      slow.getOutputStream().flush();
      eventually("the only place is taken", () -> send() == 503);
      // The client gives up.
      slow.setSoLinger(true, 0);
    } catch (IOException e) {
      throw new AssertionError(e);
    }

    eventually("the place is free again", () -> send() == 200);
  }

  private int send() {
    return Api.send(Tokens.writer(organization), List.of(aUsage().account(organization)))
        .statusCode();
  }
}
