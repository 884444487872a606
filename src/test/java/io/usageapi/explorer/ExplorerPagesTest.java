package io.usageapi.explorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.startsWith;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.RawRequest;
import java.net.URI;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How the explorer's files are served. */
@QuarkusTest
class ExplorerPagesTest {
  private static final Pattern LIBRARY = Pattern.compile("lib/[^']+");

  /** The files that the page asks for at once, and those that a module needs before it runs. */
  private static final Pattern LINK =
      Pattern.compile("(?:href|src)=\"([^\"#]+\\.(?:js|css|svg))\"");

  private static final Pattern IMPORT =
      Pattern.compile("^(?:import|\\}|export)[^;'(]*'([^']+\\.js)'", Pattern.MULTILINE);

  @TestHTTPResource URI server;

  @ParameterizedTest
  @CsvSource({
    "/explorer/, text/html",
    "/explorer/main.js, text/javascript",
    "/explorer/explorer.css, text/css",
    "/explorer/brand.css, text/css",
    "/explorer/icon.svg, image/svg+xml"
  })
  void anybody_gets_the_page_and_what_it_needs(String path, String type) {
    get(path).contentType(startsWith(type));
  }

  @Test
  void what_the_page_may_do_is_bounded_by_a_strict_policy() {
    get("/explorer/")
        .header(
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
                + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors"
                + " 'none'")
        .header("X-Content-Type-Options", "nosniff")
        .header("Referrer-Policy", "no-referrer");
  }

  @Test
  void its_files_are_asked_for_again_and_a_library_is_kept() {
    get("/explorer/main.js").header("Cache-Control", "no-cache");
    String modified = get("/explorer/main.js").extract().header("Last-Modified");
    Api.anonymous()
        .header("If-Modified-Since", modified)
        .get("/explorer/main.js")
        .then()
        .statusCode(304);

    get(library()).header("Cache-Control", "public, max-age=31536000, immutable");
    // A page of a later version may ask for its libraries here.
    Api.anonymous()
        .get(library() + ".none")
        .then()
        .statusCode(404)
        .header("Cache-Control", "no-cache");
  }

  @Test
  void the_page_is_small_and_names_all_its_modules_at_once() {
    String page = get("/explorer/").extract().asString();
    Set<String> files =
        LINK.matcher(page).results().map(link -> link.group(1)).collect(Collectors.toSet());
    int plain = page.length();
    int packed = packed("/explorer/");
    for (String file : files) {
      String path = "/explorer/" + file;
      String text = get(path).extract().asString();
      plain += text.length();
      packed += packed(path);
      assertThat(
              IMPORT.matcher(text).results().map(link -> URI.create(path).resolve(link.group(1))))
          .as("what %s imports", file)
          .allMatch(module -> files.contains(module.getPath().substring("/explorer/".length())));
    }
    assertThat(packed).as("bytes over the wire").isLessThan(125_000);
    assertThat(plain).as("bytes without compression").isLessThan(300_000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/explorer/", "/explorer/main.js", "/explorer/explorer.css"})
  void its_files_are_compressed(String path) {
    RawRequest.Response packed =
        RawRequest.get(path).header("Accept-Encoding", "gzip").send(server);

    assertThat(packed.header("Content-Encoding")).hasValue("gzip");
    assertThat(packed.header("Vary")).hasValue("Accept-Encoding");
    assertThat(RawRequest.get(path).send(server).header("Vary")).hasValue("Accept-Encoding");
  }

  @ParameterizedTest
  @CsvSource({"/, 302", "/explorer, 308"})
  void the_front_door_leads_to_the_page(String path, int status) {
    Api.anonymous()
        .redirects()
        .follow(false)
        .get(path)
        .then()
        .statusCode(status)
        .header("Location", "explorer/");
  }

  @Test
  void it_is_for_reading_alone() {
    Api.anonymous().head("/explorer/").then().statusCode(200);
    Api.anonymous()
        .options("/explorer/")
        .then()
        .statusCode(204)
        .header("Allow", "GET, HEAD, OPTIONS");
    for (String path : List.of("/explorer/", "/explorer/main.js", "/explorer/settings", "/")) {
      Api.anonymous()
          .body("x")
          .post(path)
          .then()
          .statusCode(405)
          .header("Allow", "GET, HEAD, OPTIONS")
          .body("code", equalTo("method_not_allowed"));
    }
    Api.anonymous()
        .get("/explorer/none.js")
        .then()
        .statusCode(404)
        .body("code", equalTo("not_found"));
  }

  @Test
  void nothing_is_offered_to_sign_in_by_but_a_token() {
    assertThat(get("/explorer/settings").extract().asString())
        .isEqualTo(
            "{\"name\":\"Usage explorer\",\"logo\":null,\"organization_claim\":\"org_id\","
                + "\"parents\":[],\"open_id\":null,\"sign_ins\":[]}");
  }

  /** The address of the chart library, as the page has it. */
  private static String library() {
    return LIBRARY
        .matcher(get("/explorer/chart/d3.js").extract().asString())
        .results()
        .map(match -> "/explorer/" + match.group())
        .findFirst()
        .orElseThrow();
  }

  /** How many bytes are sent of a file. */
  private int packed(String path) {
    return RawRequest.get(path).header("Accept-Encoding", "gzip").send(server).body().length;
  }

  private static ValidatableResponse get(String path) {
    return Api.anonymous().get(path).then().statusCode(200);
  }
}
