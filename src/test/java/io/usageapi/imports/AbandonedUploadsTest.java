package io.usageapi.imports;

import static io.usageapi.fixture.Eventually.eventually;
import static io.usageapi.fixture.Organization.anOrganization;
import static io.usageapi.fixture.RatedRecord.FOCUS_HEADER;
import static io.usageapi.fixture.RatedRecord.focusRow;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.usageapi.fixture.Import;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.RawRequest;
import io.usageapi.fixture.TestPostgres;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What is left of a file whose server stopped is deleted, and no file that is arriving. */
@QuarkusTest
class AbandonedUploadsTest {
  @TestHTTPResource URI server;
  @Inject AbandonedUploads uploads;

  private final Organization acme = anOrganization();
  private final Organization other = anOrganization();

  @Test
  void staged_rows_are_deleted_a_day_after_the_last_one() throws Exception {
    try (Socket old = start(acme);
        Socket fresh = start(other)) {
      eventually("all that arrives of both is staged", () -> isStaged(acme) && isStaged(other));
      String unused =
          TestPostgres.one(
              "UPDATE import_upload SET staged_at = now() - interval '25 hours'"
                  + " WHERE organization_id = ? RETURNING 1",
              acme.id());

      uploads.run().await().atMost(Duration.ofMinutes(1));

      assertThat(acme.staged()).isZero();
      assertThat(other.staged()).isPositive();
      assertThat(old.isClosed() || fresh.isClosed()).isFalse();
    }
  }

  /** Two whole batches: the third has not arrived. */
  private static boolean isStaged(Organization organization) throws SQLException {
    return TestPostgres.one(
            "SELECT coalesce(sum(copies), 0) FROM staged_row WHERE organization_id = ?",
            organization.id())
        .equals("5000");
  }

  /** More than two batches of a file. */
  private Socket start(Organization organization) throws IOException {
    String row = focusRow(organization, "", "sku", "2026-09-01T00:00:00Z", "1");
    return Import.of(organization.writer(), "bill")
        .request(FOCUS_HEADER + row.repeat(6_000))
        .sendWithoutEnd(server, RawRequest.Framing.CHUNKED);
  }
}
