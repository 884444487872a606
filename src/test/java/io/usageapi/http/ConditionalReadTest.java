package io.usageapi.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.usageapi.security.OrganizationId;
import jakarta.ws.rs.core.MediaType;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ConditionalReadTest {
  /** Written down: it depends on nothing of the process, the machine or the release. */
  @Test
  void a_tag_follows_from_its_parts_alone() {
    assertThat(
            ConditionalRead.tag(
                new OrganizationId("acme"),
                UUID.fromString("0f0e0d0c-0b0a-4908-8706-050403020100"),
                "https://usage.example.com/express/usage/month",
                MediaType.APPLICATION_JSON_TYPE))
        .isEqualTo("545ba131b0ad0b3b7bb1eb2f37965f1ab06ce490058b2f8344a5f28de72680d3");
  }
}
