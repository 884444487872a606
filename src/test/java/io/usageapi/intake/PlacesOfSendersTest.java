package io.usageapi.intake;

import static io.usageapi.fixture.Eventually.eventually;
import static io.usageapi.fixture.Organization.anOrganization;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.usageapi.fixture.Load;
import io.usageapi.fixture.Organization;
import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

@QuarkusTest
class PlacesOfSendersTest {
  /** As many as an organization has places. */
  private static final int SENDERS = 4;

  @TestHTTPResource URI server;

  private final Organization acme = anOrganization();
  private final AtomicInteger sent = new AtomicInteger();

  @Test
  void whoever_has_an_answer_finds_the_place_free_for_the_next_body() throws Exception {
    acme.account();
    try (Load senders =
        new Load(
            SENDERS, () -> acme.post(aRecord().id("r" + sent.incrementAndGet())).http(server))) {
      eventually("records are taken", () -> senders.answers(200) > 600);

      assertThat(senders.answers().keySet()).containsExactly("200");
    }
  }
}
