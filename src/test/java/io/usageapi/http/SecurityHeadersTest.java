package io.usageapi.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.RawRequest;
import io.usageapi.fixture.Tokens;
import java.net.URI;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every answer tells a browser. */
@QuarkusTest
class SecurityHeadersTest {
  private static final String NOTHING = "default-src 'none'; frame-ancestors 'none'";

  @TestHTTPResource URI server;

  static Stream<RawRequest> requests() {
    String reader = Tokens.reader("acme");
    return Stream.of(
        RawRequest.get(Api.USAGE).token(reader),
        RawRequest.get(Api.USAGE + "?per_page=0").token(reader),
        RawRequest.get(Api.USAGE + "?%").token(reader),
        RawRequest.get(Api.USAGE + "?filter=" + "x".repeat(33_000)).token(reader),
        RawRequest.get(Api.ACCOUNTS).token(reader),
        RawRequest.get(Api.ACCOUNTS + "/none").token(reader),
        RawRequest.of("HEAD", Api.USAGE).token(reader),
        RawRequest.of("OPTIONS", Api.USAGE),
        RawRequest.of("DELETE", Api.USAGE).token(reader),
        RawRequest.of("POST", Api.RECORDS).token(reader).body("application/json", "{}"),
        RawRequest.get(Api.USAGE),
        RawRequest.get("/"),
        RawRequest.get("/nothing-here"),
        RawRequest.get("/q/swagger-ui-not"),
        RawRequest.get("/q/openapi"),
        RawRequest.get("/q/health/live"),
        RawRequest.get("/q/metrics"));
  }

  @ParameterizedTest
  @MethodSource("requests")
  void an_answer_is_data_and_nothing_a_browser_may_run_frame_or_guess_at(RawRequest request) {
    RawRequest.Response response = request.send(server);

    assertThat(response.header("X-Content-Type-Options")).hasValue("nosniff");
    assertThat(response.header("Referrer-Policy")).hasValue("no-referrer");
    assertThat(response.header("Content-Security-Policy")).hasValue(NOTHING);
    assertThat(response.header("X-Request-Id")).isPresent();
    assertThat(response.header("Date").orElseThrow()).endsWith(" GMT");
    assertThat(response.values("Access-Control-Allow-Origin")).isEmpty();
  }

  @Test
  void what_does_not_say_who_may_keep_it_is_kept_by_nobody() {
    String reader = Tokens.reader("acme");

    assertThat(RawRequest.get(Api.USAGE).token(reader).send(server).header("Cache-Control"))
        .hasValue("private, no-cache, max-age=0, must-revalidate");
    for (RawRequest request :
        List.of(
            RawRequest.get(Api.ACCOUNTS).token(reader),
            RawRequest.get(Api.USAGE),
            RawRequest.get(Api.USAGE + "?%"))) {
      assertThat(request.send(server).header("Cache-Control")).hasValue("no-store");
    }
  }

  @Test
  void swagger_ui_may_run_what_comes_from_this_server_and_is_framed_by_nobody() {
    RawRequest.Response page = RawRequest.get("/q/swagger-ui/").send(server);

    assertThat(page.status()).isEqualTo(200);
    assertThat(page.header("Content-Security-Policy").orElseThrow())
        .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
        .doesNotContain("http", "*", "unsafe-eval");
    // Else the policy would keep it out.
    Matcher sources = Pattern.compile("(?:src|href)=\"([^\"]*)\"").matcher(page.text());
    assertThat(sources.results().map(found -> found.group(1)))
        .isNotEmpty()
        .noneMatch(address -> address.startsWith("http") || address.startsWith("//"));
  }

  @Test
  void pages_of_other_origins_may_not_ask() {
    RawRequest.Response asked =
        RawRequest.of("OPTIONS", Api.USAGE)
            .header("Origin", "https://elsewhere.example.com")
            .header("Access-Control-Request-Method", "GET")
            .header("Access-Control-Request-Headers", "Authorization")
            .send(server);
    RawRequest.Response sent =
        RawRequest.get(Api.USAGE)
            .token(Tokens.reader("acme"))
            .header("Origin", "https://elsewhere.example.com")
            .send(server);

    for (RawRequest.Response response : List.of(asked, sent)) {
      assertThat(response.lastingHeaders().keySet())
          .noneMatch(header -> header.startsWith("access-control-"));
    }
  }
}
