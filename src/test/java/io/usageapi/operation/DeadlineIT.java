package io.usageapi.operation;

import static io.usageapi.fixture.Eventually.eventually;
import static io.usageapi.fixture.Organization.anOrganization;
import static io.usageapi.fixture.RatedRecord.CSV_HEADER;
import static io.usageapi.fixture.RatedRecord.FOCUS_HEADER;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static io.usageapi.fixture.RatedRecord.focusRow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;

import io.usageapi.fixture.Api;
import io.usageapi.fixture.Import;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.OwnServer;
import io.usageapi.fixture.RatedRecord;
import io.usageapi.fixture.RawRequest;
import io.usageapi.fixture.TestPostgres;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Requests that take too long are ended, and too many at once are refused. */
@Tag("drill")
class DeadlineIT {
  /** Deadlines that a test can wait for. The server reads one body, two records at a time. */
  @RegisterExtension
  static final OwnServer SERVER =
      OwnServer.with(
          "usage-api.database.read-timeout=300ms",
          "usage-api.database.write-timeout=2s",
          "usage-api.intake.max-concurrent=1",
          "usage-api.intake.batch-size=2");

  private final URI server = SERVER.uri();

  private final Organization acme = anOrganization();

  @Test
  void a_filter_beyond_the_deadline_is_too_expensive_and_a_page_without_a_filter_is_503()
      throws Exception {
    TestPostgres.whileLocked(
        "monthly_usage",
        () -> {
          for (String resource : List.of(Api.USAGE, Api.TOTALS)) {
            acme.asReader()
                .queryParam("filter", "contains(wallet_name, 'x')")
                .get(resource)
                .then()
                .statusCode(400)
                .body("code", equalTo("filter_too_expensive"))
                .body("description", containsString("account"));
            acme.asReader()
                .get(resource)
                .then()
                .statusCode(503)
                .header("Retry-After", notNullValue())
                .body("code", equalTo("unavailable"));
          }
        });
  }

  @Test
  void a_body_beyond_the_limit_is_503_and_accepted_later() throws Exception {
    acme.account();
    RawRequest slow = acme.post("application/json", "{\"rec");

    // The client gives up.
    slow.takePlace(server, RawRequest.Framing.CONTENT_LENGTH, () -> send() == 503).close();

    eventually("the place is free again", () -> send() == 200);
  }

  @Test
  void a_stream_that_cannot_be_written_is_503_before_it_ends() throws Exception {
    acme.account();
    String row = aRecord().account(acme.account()).csv();
    isUnavailable(acme.post("text/csv", CSV_HEADER + row.repeat(500)), "record_identity");
    String charge = focusRow(acme, "", "sku", "2026-09-01T00:00:00Z", "1");
    isUnavailable(
        Import.of(acme.writer(), "bill").request(FOCUS_HEADER + charge.repeat(500)), "staged_row");
  }

  private void isUnavailable(RawRequest stream, String locked) throws Exception {
    TestPostgres.whileLocked(
        locked,
        () -> {
          try (Socket socket = stream.sendWithoutEnd(server, RawRequest.Framing.CHUNKED)) {
            socket.setSoTimeout(30_000);
            byte[] answer = socket.getInputStream().readNBytes("HTTP/1.1 503".length());
            assertThat(new String(answer, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 503");
          }
        });
  }

  private int send() {
    return SERVER.status(
        acme.post("application/json", RatedRecord.body(aRecord().account(acme.account()))));
  }
}
