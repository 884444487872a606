package io.usageapi.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.usageapi.http.body.ContentCoding;
import io.usageapi.security.OrganizationId;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConditionalReadTest {
  private static boolean holds(String... lines) {
    return new IfNoneMatch(List.of(lines)).holds("abc");
  }

  /** Written down: it depends on nothing of the process, the machine or the release. */
  @Test
  void a_tag_follows_from_its_parts_alone() {
    assertThat(
            ConditionalRead.tag(
                new OrganizationId("acme"),
                UUID.fromString("0f0e0d0c-0b0a-4908-8706-050403020100"),
                "https://usage.example.com/express/usage/month",
                MediaType.APPLICATION_JSON_TYPE,
                ContentCoding.IDENTITY))
        .isEqualTo("d8c597c5a4dc7ddb1dd1376fdaba99a5e9114e263fd124411392188988ec0eca");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"abc\"",
        "W/\"abc\"",
        "\"x\",\"abc\"",
        "\"x\" , W/\"abc\" ,\t\"y\"",
        ", ,\"abc\",",
        "\"a,b\", \"abc\"",
        "\"\", \"abc\"",
        "*",
        " * "
      })
  void a_tag_is_held_when_it_is_in_the_list(String value) {
    assertThat(holds(value)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ",",
        "\"abcd\"",
        "\"ABC\"",
        "abc",
        "'abc'",
        "\"abc",
        "abc\"",
        "w/\"abc\"",
        "W/ \"abc\"",
        "\"x, \"abc\"",
        "\"abc\" \"x\"",
        "\"abc\", x",
        "\"*\"",
        "*, \"x\"",
        "**"
      })
  void another_tag_or_what_is_no_list_is_not(String value) {
    assertThat(holds(value)).isFalse();
  }

  @Test
  void several_lines_are_one_list() {
    assertThat(holds("\"x\"", "W/\"abc\"")).isTrue();
    assertThat(holds("\"x\"", "\"y\"")).isFalse();
    assertThat(holds()).isFalse();
  }

  @Test
  void a_list_as_long_as_headers_may_be_is_read() {
    assertThat(holds("\"x\" ,".repeat(6_000) + "\"abc\"")).isTrue();
    assertThat(holds("\"x\" ,".repeat(6_000) + "\"abc")).isFalse();
  }
}
