package io.usageapi.usage;

import static io.usageapi.fixture.Organization.anOrganization;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static io.usageapi.fixture.RawRequest.encode;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.RatedRecord;
import io.usageapi.fixture.RawRequest;
import io.usageapi.fixture.TestPostgres;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Contract, "Conditional reads". */
@QuarkusTest
class ConditionalUsageTest {
  private static final int WRITERS = 6;
  private static final int WRITES = 15;

  @TestHTTPResource URI server;

  private final Organization acme = anOrganization();

  @BeforeEach
  void an_organization_with_usage() {
    acme.sends(aRecord().of("a"), aRecord().of("b").in("2026-02"));
  }

  @Test
  void a_page_has_a_weak_tag_and_is_not_sent_again_to_who_holds_it() {
    RawRequest.Response page = get("").send(server);
    String tag = tag(page);

    RawRequest.Response again =
        get("").header("If-None-Match", tag).header("X-Request-Id", "mine").send(server);

    assertThat(tag).matches("W/\"[0-9a-f]{64}\"");
    assertThat(again.status()).isEqualTo(304);
    assertThat(again.body()).isEmpty();
    assertThat(again.header("X-Request-Id")).hasValue("mine");
    for (RawRequest.Response response : List.of(page, again)) {
      assertThat(response.header("ETag")).hasValue(tag);
      assertThat(response.header("Cache-Control"))
          .hasValue("private, no-cache, max-age=0, must-revalidate");
      assertThat(response.header("Vary")).hasValue("Accept, Accept-Encoding");
    }
  }

  /** By the tag as it came, and by what is left of it where a cache drops the {@code W/}. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "%1$s",
        "%2$s",
        "\"x\", %1$s",
        "\"x\" , %2$s ,\t\"y\"",
        "W/\"x\",%1$s,",
        ", ,%1$s",
        "\"\", %1$s",
        "*"
      })
  void it_is_held_by_a_tag_a_strong_one_a_list_or_by_anything(String pattern) {
    String tag = tag(get("").send(server));
    String held = pattern.formatted(tag, tag.substring("W/".length()));

    assertThat(get("").header("If-None-Match", held).send(server).status()).isEqualTo(304);
    assertThat(
            get("")
                .header("If-None-Match", "\"x\"")
                .header("If-None-Match", held)
                .send(server)
                .status())
        .isEqualTo(304);
  }

  @Test
  void a_list_as_long_as_headers_may_be_is_read() {
    String list = "\"x\" ,".repeat(4_000);

    assertThat(
            get("").header("If-None-Match", list + tag(get("").send(server))).send(server).status())
        .isEqualTo(304);
    assertThat(get("").header("If-None-Match", list).send(server).status()).isEqualTo(200);
  }

  @Test
  void if_match_is_ignored() {
    assertThat(get("").header("If-Match", "\"x\"").send(server).status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", ",", "\"x\"", "%.10s\"", "nonsense", "\"open", "w/\"x\"", "\"abc\" \"x\""})
  void it_is_sent_to_who_holds_another_or_says_nothing_intelligible(String held) {
    String tag = tag(get("").send(server));

    RawRequest.Response response =
        get("").header("If-None-Match", held.formatted(tag)).send(server);

    assertThat(response.status()).isEqualTo(200);
    assertThat(tag(response)).isEqualTo(tag);
  }

  @Test
  void it_is_documented() {
    // Held against the document on the way.
    String tag = acme.asReader().get(Api.USAGE).then().statusCode(200).extract().header("ETag");
    acme.asReader().header("If-None-Match", "*").get(Api.USAGE).then().statusCode(304);
    acme.asReader().header("If-None-Match", tag).head(Api.USAGE).then().statusCode(304);
  }

  @Test
  void the_tag_is_the_same_for_head_and_in_every_coding() {
    String tag = tag(get("?per_page=1").send(server));

    for (String coding : List.of("gzip", "deflate", "identity")) {
      RawRequest get = get("?per_page=1").header("Accept-Encoding", coding);

      assertThat(tag(get.send(server))).isEqualTo(tag);
      assertThat(tag(get.method("HEAD").send(server))).isEqualTo(tag);
    }
  }

  @Test
  void a_304_reads_nothing_of_the_page() throws Exception {
    String tag = tag(get("").send(server));
    TestPostgres.whileLocked(
        "monthly_usage",
        () -> {
          assertThat(get("").header("If-None-Match", tag).send(server).status()).isEqualTo(304);
        });
  }

  @Test
  void what_changes_an_aggregate_changes_the_tag_and_nothing_else_does() {
    RatedRecord correction = aRecord().of("a").units(-1).amount(-1);
    String tag = tag(get("").send(server));

    acme.sends(correction);
    String corrected = tag(get("").header("If-None-Match", tag).send(server));

    assertThat(corrected).isNotEqualTo(tag);
    acme.sends(correction);
    acme.sends(correction.units(7));
    acme.account("more");
    Organization other = anOrganization();
    other.sends(aRecord());
    assertThat(get("").header("If-None-Match", corrected).send(server).status()).isEqualTo(304);
  }

  @Test
  void an_organization_without_aggregates_has_a_tag_until_its_first() {
    Organization fresh = anOrganization();
    RawRequest request = fresh.get(Api.USAGE);
    String tag = tag(request.send(server));

    assertThat(request.header("If-None-Match", tag).send(server).status()).isEqualTo(304);
    fresh.sends(aRecord());

    RawRequest.Response page = request.header("If-None-Match", tag).send(server);
    assertThat(page.status()).isEqualTo(200);
    assertThat(tag(page)).isNotEqualTo(tag);
  }

  /** Whatever is asked in whatever way: never one tag for two bodies, nor two for one request. */
  @Test
  void a_tag_stands_for_one_body() throws Exception {
    String filter = "?filter=" + encode("account_id eq '" + acme + "'");
    String next = next("?per_page=1");
    Organization other = anOrganization();
    List<RawRequest> requests = new ArrayList<>();
    for (String query :
        List.of(
            "",
            "?per_page=50",
            "?page=1",
            "?per_page=1",
            "?per_page=1&page=2",
            filter,
            next,
            next + "&page=1")) {
      for (RawRequest request :
          List.of(
              get(query),
              get(query).accept("application/hal+json"),
              get(query).accept("application/hal+json;q=0.5, application/json"),
              get(query).accept("application/hal+json, application/json;q=0.5"),
              get(query).accept("application/json;IEEE754Compatible=true"),
              get(query).accept("application/hal+json;IEEE754Compatible=true"),
              get(query).accept("text/html, application/json; ieee754compatible=true;q=0.5"),
              get(query).header("X-Forwarded-Host", "elsewhere"),
              get(query).header("Accept-Encoding", "gzip"),
              get(query).header("Accept-Encoding", "identity"),
              get(query).header("Accept-Encoding", "gzip;q=0, *"),
              get(query).header("Accept-Encoding", "deflate").header("Accept-Encoding", "gzip"),
              get(query).header("Accept-Encoding", "br, zstd"),
              get(query).accept("application/hal+json").header("Accept-Encoding", "gzip"))) {
        requests.add(request);
      }
    }
    requests.add(other.get(Api.USAGE));
    Map<String, String> representations = new HashMap<>();
    Set<String> codings = new HashSet<>();

    for (RawRequest request : requests) {
      RawRequest.Response response = request.send(server);
      assertThat(response.status()).isEqualTo(200);
      codings.add(response.header("Content-Encoding").orElse("none"));
      String representation = response.header("Content-Type").orElseThrow() + decoded(response);
      String before = representations.putIfAbsent(tag(response), representation);
      assertThat(representation).isEqualTo(before == null ? representation : before);
      assertThat(tag(request.send(server))).isEqualTo(tag(response));
    }
    assertThat(codings).containsExactlyInAnyOrder("none", "gzip", "deflate");
    // Eight queries but two twice, in four types; and one of the other's.
    assertThat(representations.values()).doesNotHaveDuplicates().hasSize(6 * 4 + 1);
  }

  private static String decoded(RawRequest.Response response) throws IOException {
    InputStream body = new ByteArrayInputStream(response.body());
    try (InputStream plain =
        switch (response.header("Content-Encoding").orElse("none")) {
          case "gzip" -> new GZIPInputStream(body);
          case "deflate" -> new InflaterInputStream(body);
          default -> body;
        }) {
      return new String(plain.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void in_http_1_0_nothing_is_compressed() throws Exception {
    String identity = tag(get("").send(server));
    try (Socket socket = new Socket(server.getHost(), server.getPort())) {
      String head =
          "GET %s HTTP/1.0\r\nHost: %s\r\nAccept-Encoding: gzip\r\nAuthorization: Bearer %s\r\n\r\n";
      socket
          .getOutputStream()
          .write(
              head.formatted(Api.USAGE, server.getAuthority(), acme.reader())
                  .getBytes(StandardCharsets.US_ASCII));
      String answer =
          new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);

      assertThat(answer).contains("200 OK").contains(identity).contains("\"_embedded\"");
    }
  }

  @Test
  void a_bad_parameter_and_a_foreign_account_come_before_304() {
    String foreign = "?filter=" + encode("account_id eq 'nobody-" + acme + "'");

    assertThat(get("?fitler=x").header("If-None-Match", "*").send(server).status()).isEqualTo(400);
    assertThat(get(foreign).header("If-None-Match", "*").send(server).status()).isEqualTo(403);
    assertThat(RawRequest.get(Api.USAGE).header("If-None-Match", "*").send(server).status())
        .isEqualTo(401);
  }

  /**
   * Several senders of one organization at once. What a sender was told is stored, it must see, by
   * whatever tag it had before; and all the while no tag stands for two bodies.
   */
  @Test
  void under_concurrent_writers_no_write_is_ever_hidden_by_a_304() throws Exception {
    Map<String, String> bodies = new ConcurrentHashMap<>();
    ExecutorService writers = Executors.newFixedThreadPool(WRITERS);
    try {
      List<Callable<Void>> work = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        String product = "w" + i;
        work.add(() -> writeAndRead(product, bodies));
      }
      for (Future<Void> done : writers.invokeAll(work, 2, TimeUnit.MINUTES)) {
        done.get();
      }
    } finally {
      writers.shutdownNow();
    }
    assertThat(bodies).hasSizeGreaterThan(WRITES);
  }

  private Void writeAndRead(String product, Map<String, String> bodies) throws Exception {
    String tag = "\"none\"";
    for (int written = 1; written <= WRITES; written++) {
      acme.sends(aRecord().of(product));

      RawRequest.Response page = get("").header("If-None-Match", tag).send(server);

      assertThat(page.status()).as("%s of %s is hidden by a 304", written, product).isEqualTo(200);
      assertThat(units(page, product)).as("units of %s", product).isEqualTo(written);
      tag = tag(page);
      String before = bodies.putIfAbsent(tag, page.text());
      if (!TestPostgres.isDistributed()) {
        // On a cluster, the rows may be newer than the version, which is read before them.
        assertThat(page.text()).isEqualTo(before == null ? page.text() : before);
      }
      // What others wrote meanwhile may be in it, or nothing is new.
      assertThat(get("").header("If-None-Match", tag).send(server).status()).isIn(200, 304);
    }
    return null;
  }

  private static int units(RawRequest.Response page, String product) throws Exception {
    for (JsonNode aggregate : new ObjectMapper().readTree(page.body()).at("/_embedded/usage")) {
      if (aggregate.path("product_id").asText().equals(product)) {
        return aggregate.path("number_of_units").intValue();
      }
    }
    return 0;
  }

  private RawRequest get(String query) {
    return acme.get(Api.USAGE + query);
  }

  private String next(String query) {
    URI next =
        URI.create(
            io.restassured.path.json.JsonPath.from(get(query).send(server).text())
                .getString("next.href"));
    return "?" + next.getRawQuery();
  }

  private static String tag(RawRequest.Response response) {
    return response.header("ETag").orElseThrow();
  }
}
