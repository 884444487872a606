package io.usageapi.operation;

import static io.usageapi.fixture.Eventually.eventually;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;

import io.usageapi.fixture.Api;
import io.usageapi.fixture.HeldBody;
import io.usageapi.fixture.OwnServer;
import io.usageapi.fixture.RawRequest;
import io.usageapi.fixture.TestPostgres;
import io.usageapi.fixture.Tokens;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What takes too long ends, and what is too much at once is turned away. */
@Tag("drill")
class DeadlineIT {
  /** Deadlines that a test can wait for, and one body at a time, two records at a time. */
  @RegisterExtension
  static final OwnServer SERVER =
      OwnServer.with(
          "usage-api.database.read-timeout=300ms",
          "usage-api.database.write-timeout=2s",
          "usage-api.intake.max-concurrent=1",
          "usage-api.intake.batch-size=2");

  private final URI server = SERVER.uri();

  private final String organization = Api.newOrganization();

  @Test
  void a_filter_that_runs_into_the_deadline_is_too_expensive_and_a_page_without_is_503()
      throws SQLException {
    try (Connection connection = TestPostgres.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("LOCK TABLE monthly_usage IN ACCESS EXCLUSIVE MODE");

      for (String resource : List.of(Api.USAGE, Api.TOTALS)) {
        Api.as(Tokens.reader(organization))
            .queryParam("filter", "contains(wallet_name, 'x')")
            .get(resource)
            .then()
            .statusCode(400)
            .body("code", equalTo("filter_too_expensive"))
            .body("description", containsString("account"));
        Api.as(Tokens.reader(organization))
            .get(resource)
            .then()
            .statusCode(503)
            .header("Retry-After", notNullValue())
            .body("code", equalTo("unavailable"));
      }
      connection.rollback();
    }
  }

  @Test
  void a_body_beyond_those_that_are_read_at_once_is_503_and_taken_later() throws Exception {
    Api.provision(organization, organization);
    RawRequest slow =
        RawRequest.of("POST", Api.RECORDS)
            .token(Tokens.writer(organization))
            .body("application/json", "{\"rec");

    // The client gives up.
    HeldBody.hold(slow, RawRequest.Framing.CONTENT_LENGTH, server, () -> send() == 503).close();

    eventually("the place is free again", () -> send() == 200);
  }

  @Test
  void a_stream_that_cannot_be_written_is_503_though_more_of_it_is_to_come() throws Exception {
    Api.provision(organization, organization);
    String header =
        "BillingAccountId,BillingAccountName,SubAccountId,SubAccountName,SkuId,SkuPriceId,"
            + "ServiceName,ChargeDescription,ChargePeriodStart,BillingCurrency,PricingUnit,"
            + "ListUnitPrice,PricingQuantity,BilledCost\n";
    String row = organization + ",,,,sku,,,,2026-09-01T00:00:00Z,EUR,,,,1\n";
    RawRequest stream =
        RawRequest.of("POST", Api.RECORDS)
            .token(Tokens.writer(organization))
            .body("text/csv; profile=focus", header + row.repeat(500));
    try (Connection connection = TestPostgres.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("LOCK TABLE record_identity IN ACCESS EXCLUSIVE MODE");

      try (Socket socket = stream.sendWithoutEnd(server, RawRequest.Framing.CHUNKED)) {
        socket.setSoTimeout(30_000);
        byte[] answer = socket.getInputStream().readNBytes("HTTP/1.1 503".length());
        assertThat(new String(answer, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 503");
      }
      connection.rollback();
    }
  }

  private int send() {
    return Api.send(Tokens.writer(organization), List.of(aRecord().account(organization)))
        .statusCode();
  }
}
