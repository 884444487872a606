package io.usageapi.telemetry;

import static io.usageapi.fixture.Eventually.eventually;
import static io.usageapi.fixture.Organization.anOrganization;
import static io.usageapi.fixture.RatedRecord.FOCUS_HEADER;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static io.usageapi.fixture.RatedRecord.focusRow;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.specification.RequestSpecification;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Import;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.RatedRecord;
import io.usageapi.fixture.RawRequest;
import io.usageapi.fixture.Tokens;
import io.usageapi.security.Scope;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jboss.logmanager.formatters.PatternFormatter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each write request leaves one line, whatever its answer. */
@QuarkusTest
class AuditTest {
  private static final Logger LOG = Logger.getLogger(Audit.CATEGORY);

  @TestHTTPResource URI server;

  private final Organization acme = anOrganization();
  private final String request = "r-" + UUID.randomUUID();
  private final Lines lines = new Lines();

  /** The lines that are logged. */
  private static final class Lines extends Handler {
    private static final PatternFormatter LEVEL_AND_MESSAGE = new PatternFormatter("%p %s");

    final List<String> texts = new CopyOnWriteArrayList<>();

    @Override
    public void publish(LogRecord line) {
      texts.add(LEVEL_AND_MESSAGE.format(line));
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  @BeforeEach
  void listen() {
    LOG.addHandler(lines);
  }

  @AfterEach
  void stopListening() {
    LOG.removeHandler(lines);
  }

  private RequestSpecification as(String token) {
    return Api.as(token).header("X-Request-Id", request).contentType("application/json");
  }

  private void posts(String token, Object body, int status) {
    as(token).body(body).post(Api.RECORDS).then().statusCode(status);
  }

  private List<String> written() {
    String start = "INFO request=" + request + " ";
    return lines.texts.stream()
        .filter(line -> line.startsWith(start))
        .map(line -> line.substring("INFO ".length()))
        .toList();
  }

  /** The only line of the request. A second one would appear before the line of a later request. */
  private String line() throws Exception {
    String after = "r-" + UUID.randomUUID();
    eventually("the line is written", () -> !written().isEmpty());
    Api.anonymous()
        .header("X-Request-Id", after)
        .contentType("application/json")
        .post(Api.RECORDS)
        .then()
        .statusCode(401);
    eventually(
        "the next line is written",
        () -> lines.texts.stream().anyMatch(line -> line.contains(after)));
    assertThat(written()).hasSize(1);
    return written().get(0);
  }

  private static Map<String, Object> body(RatedRecord... records) {
    return Map.of("records", List.of(records).stream().map(RatedRecord::fields).toList());
  }

  @Test
  void records_are_counted_in_one_line() throws Exception {
    RatedRecord one = aRecord().account(acme.account());
    String token =
        Tokens.sign(Tokens.claims(Scope.USAGE_WRITE).subject("loader").claim("org_id", acme.id()));

    as(token)
        .body(body(one, aRecord().account(acme.id()), one, aRecord().account("nobody")))
        .post(Api.RECORDS)
        .then()
        .statusCode(200);

    assertThat(line())
        .isEqualTo(
            "request=%s subject=\"loader\" organization=\"%s\" records status=200"
                    .formatted(request, acme)
                + " accepted=2 duplicates=1 rejected=1");
  }

  @Test
  void an_account_is_named_and_an_operator_may_write_for_any_organization() throws Exception {
    as(Tokens.operator())
        .body(Map.of("organization_id", acme.id()))
        .urlEncodingEnabled(false)
        .put(Api.ACCOUNTS + "/" + acme + "%20%22x%2F1")
        .then()
        .statusCode(201);

    assertThat(line())
        .isEqualTo(
            "request=%s subject=- organization=any account=\"%s%%20%%22x%%2F1\" status=201"
                .formatted(request, acme));
  }

  @Test
  void an_import_is_named_and_its_rows_are_counted() throws Exception {
    Import bill = Import.of(acme.writer(), "a \"bill\"/2026-08");
    String file =
        FOCUS_HEADER
            + focusRow(acme, "", "gone", "2026-08-01T00:00:00Z", "1")
            + focusRow(acme, "", "stays", "2026-08-01T00:00:00Z", "1");
    bill.put(file).adds(2);

    Api.raw(bill.token())
        .header("X-Request-Id", request)
        .contentType("text/csv")
        .urlEncodingEnabled(false)
        .body(file.replace("gone", "new") + "x\n")
        .put(bill.path())
        .then()
        .statusCode(200);

    String named = "import=\"a%20%22bill%22%2F2026-08\"";
    String start = "request=%s subject=- organization=\"%s\" ".formatted(request, acme);
    assertThat(line())
        .isEqualTo(start + named + " status=200 added=1 removed=1 unchanged=1 rejected=1");

    lines.texts.clear();
    as(bill.token()).urlEncodingEnabled(false).delete(bill.path()).then().statusCode(200);

    assertThat(line())
        .isEqualTo(
            start + "delete " + named + " status=200 added=0 removed=2 unchanged=0 rejected=0");
  }

  @Test
  void a_refused_request_leaves_a_line_as_well() throws Exception {
    posts("no.token.atall", "{}", 401);

    assertThat(line())
        .isEqualTo("request=%s subject=- organization=- records status=401".formatted(request));
  }

  @Test
  void a_request_without_the_scope_leaves_a_line_that_says_whose_it_was() throws Exception {
    posts(acme.reader(), "{}", 403);

    assertThat(line())
        .isEqualTo(
            "request=%s subject=- organization=\"%s\" records status=403".formatted(request, acme));
  }

  /** A malformed claim is refused and never treated as absent. */
  @Test
  void an_invalid_organization_is_logged_as_malformed() throws Exception {
    String tooLong = "\"" + "x".repeat(129) + "\"";
    for (String claim :
        List.of("null", "\"\"", tooLong, "\"a\\u0000\"", "7", "true", "[\"acme\"]", "{}")) {
      String id = "r-" + UUID.randomUUID();
      String token = Tokens.withOrganization(Scope.USAGE_WRITE + " " + Scope.OPERATOR, claim);

      Api.as(token)
          .header("X-Request-Id", id)
          .contentType("application/json")
          .body(body())
          .post(Api.RECORDS)
          .then()
          .statusCode(403);

      String line = "INFO request=" + id + " subject=- organization=malformed records status=403";
      eventually("the line is written", () -> lines.texts.contains(line));
    }
  }

  @Test
  void a_token_without_an_organization_is_logged_without_one() throws Exception {
    posts(Tokens.granting(Scope.USAGE_WRITE), body(), 403);

    assertThat(line())
        .isEqualTo("request=%s subject=- organization=- records status=403".formatted(request));
  }

  @Test
  void an_unreadable_body_leaves_a_line_without_the_body() throws Exception {
    posts(acme.writer(), "{\"secret", 400);

    assertThat(line()).endsWith(" records status=400").doesNotContain("secret");
  }

  @Test
  void an_unsupported_media_type_leaves_a_line() throws Exception {
    as(acme.writer())
        .contentType("application/xml")
        .body("<x/>")
        .post(Api.RECORDS)
        .then()
        .statusCode(415);

    assertThat(line()).contains(" records status=415");
  }

  @Test
  void a_sender_that_hangs_up_leaves_a_line() throws Exception {
    acme.post("application/json", "{")
        .header("X-Request-Id", request)
        .sendWithoutEnd(server, RawRequest.Framing.CONTENT_LENGTH)
        .close();

    // If the server sees the end of the body first, it sends an answer that nobody reads.
    assertThat(line()).matches(".* records status=(aborted|400)");
  }

  @Test
  void a_subject_is_escaped_and_cut() throws Exception {
    String token =
        Tokens.sign(
            Tokens.claims(Scope.USAGE_WRITE)
                .subject("a\r\nb\u2028\u202e\" organization=any " + "x".repeat(500))
                .claim("org_id", acme.id()));

    posts(token, body(), 200);

    assertThat(line())
        .startsWith("request=%s subject=\"ab\\\" organization=any xx".formatted(request))
        .contains("x…\" organization=\"%s\" records".formatted(acme))
        .hasSizeLessThan(400);
  }

  @Test
  void reading_leaves_no_line() throws Exception {
    as(acme.reader()).get(Api.USAGE).then().statusCode(200);
    as(acme.reader()).get(Api.ACCOUNTS).then().statusCode(200);
    posts(acme.writer(), body(), 200);

    assertThat(line()).contains(" records status=200");
  }
}
