package io.usageapi.error;

import static io.usageapi.fixture.Organization.anOrganization;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static io.usageapi.fixture.RawRequest.gzip;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Document;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.RatedRecord;
import io.usageapi.fixture.RawRequest;
import io.usageapi.fixture.Tokens;
import io.usageapi.page.Cursor;
import io.usageapi.page.PageStart;
import io.usageapi.security.Scope;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every way to refuse a request, and what all answers have in common. */
@QuarkusTest
class ErrorTableTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String ID = "0".repeat(32);
  private static final Organization MINE = anOrganization();
  private static final Organization OTHERS = anOrganization();
  private static final int KIB = 1024;

  @TestHTTPResource URI server;

  /** One row of the table. */
  private record Refusal(
      String title, RawRequest request, int status, String code, List<String> fields) {
    @Override
    public String toString() {
      return request.method() + ": " + title + " -> " + status + " " + code;
    }
  }

  /** The answer is a status, a code and the names of fields. */
  private static Refusal refusal(
      String title, RawRequest request, String answer, String... fields) {
    String[] words = answer.split(" ", -1);
    Stream<String> all = Stream.concat(Stream.of(words).skip(2), Stream.of(fields));
    return new Refusal(title, request, Integer.parseInt(words[0]), words[1], all.toList());
  }

  private static Stream<String> words(String text) {
    return Pattern.compile("\\s+").splitAsStream(text.strip());
  }

  /** An operation with a valid request. */
  private enum Operation {
    PAGE("GET", Api.USAGE, Scope.USAGE_READ, "PUT", "GET, HEAD, OPTIONS"),
    AGGREGATE("GET", Api.USAGE + "/" + ID, Scope.USAGE_READ, "DELETE", "GET, HEAD, OPTIONS"),
    TOTALS("GET", Api.TOTALS, Scope.USAGE_READ, "PUT", "GET, HEAD, OPTIONS"),
    CHANGES("GET", Api.CHANGES, Scope.USAGE_READ, "PUT", "GET, HEAD, OPTIONS"),
    DAYS("GET", Api.DAYS, Scope.USAGE_READ, "PUT", "GET, HEAD, OPTIONS"),
    DAY("GET", Api.DAYS + "/" + ID, Scope.USAGE_READ, "DELETE", "GET, HEAD, OPTIONS"),
    ACCOUNTS("GET", Api.ACCOUNTS, Scope.ACCOUNTS_READ, "POST", "GET, HEAD, OPTIONS"),
    CHARGES(
        "GET", Api.USAGE + "/" + ID + "/records", Scope.USAGE_READ, "POST", "GET, HEAD, OPTIONS"),
    ACCOUNT(
        "GET", Api.ACCOUNTS + "/" + MINE, Scope.ACCOUNTS_READ, "POST", "GET, HEAD, OPTIONS, PUT"),
    PUT_ACCOUNT(
        "PUT", Api.ACCOUNTS + "/" + MINE, Scope.ACCOUNTS_WRITE, "PATCH", "GET, HEAD, OPTIONS, PUT"),
    RECORDS("POST", Api.RECORDS, Scope.USAGE_WRITE, "GET", "OPTIONS, POST"),
    PUT_IMPORT(
        "PUT",
        Api.IMPORTS + "/" + ID,
        Scope.USAGE_WRITE,
        "POST",
        "DELETE, GET, HEAD, OPTIONS, PUT"),
    IMPORT(
        "GET",
        Api.IMPORTS + "/" + ID,
        Scope.USAGE_WRITE,
        "POST",
        "DELETE, GET, HEAD, OPTIONS, PUT"),
    DELETE_IMPORT(
        "DELETE",
        Api.IMPORTS + "/" + ID,
        Scope.USAGE_WRITE,
        "PATCH",
        "DELETE, GET, HEAD, OPTIONS, PUT");

    private final String method;
    private final String target;
    private final String scope;
    private final String wrongMethod;
    private final String allow;

    Operation(String method, String target, String scope, String wrongMethod, String allow) {
      this.method = method;
      this.target = target;
      this.scope = scope;
      this.wrongMethod = wrongMethod;
      this.allow = allow;
    }

    boolean hasBody() {
      return !body().isEmpty();
    }

    boolean hasJson() {
      return hasBody() && this != PUT_IMPORT;
    }

    /** Without a token. */
    RawRequest anonymous(String query) {
      RawRequest request = RawRequest.of(method, target + query);
      return hasBody() ? request.body(type(), body()) : request;
    }

    /** With a token that has the scope. */
    RawRequest request(String query) {
      return anonymous(query).token(token());
    }

    String token() {
      return MINE.granted(scope);
    }

    String type() {
      return this == PUT_IMPORT ? "text/csv" : "application/json";
    }

    String body() {
      return switch (this) {
        case PUT_ACCOUNT -> "{\"organization_id\":\"" + MINE + "\"}";
        case RECORDS -> "{\"records\":[]}";
        case PUT_IMPORT -> RatedRecord.FOCUS_HEADER;
        default -> "";
      };
    }
  }

  static Stream<Refusal> refusals() {
    return Stream.of(
            Arrays.stream(Operation.values()).flatMap(ErrorTableTest::ofAll),
            Arrays.stream(Operation.values())
                .filter(Operation::hasJson)
                .flatMap(ErrorTableTest::ofBodies),
            ofPages(),
            ofTotals(),
            ofChanges(),
            ofCharges(),
            ofIds(),
            ofAccountBodies(),
            ofRecordBodies(),
            ofImports(),
            ofAddresses())
        .flatMap(rows -> rows);
  }

  private static Stream<Refusal> ofAll(Operation operation) {
    String good = operation.token();
    RawRequest anonymous = operation.anonymous("");
    List<Refusal> rows =
        new ArrayList<>(
            List.of(
                refusal("no token", anonymous, "401 unauthorized"),
                refusal("a bad token", anonymous.token("a.b.c"), "401 unauthorized"),
                refusal(
                    "a changed token",
                    anonymous.token(good.substring(0, good.length() - 8) + "AAAAAAAA"),
                    "401 unauthorized"),
                refusal(
                    "another scheme",
                    anonymous.header("Authorization", "Basic YTpi"),
                    "401 unauthorized"),
                refusal(
                    "no scope", anonymous.token(MINE.granted("openid")), "403 insufficient_scope"),
                refusal(
                    "no organization",
                    anonymous.token(Tokens.granting(operation.scope)),
                    "403 organization_required"),
                refusal(
                    "an organization that is no text",
                    anonymous.token(
                        Tokens.granting(
                            operation.scope + " " + Scope.OPERATOR, List.of(MINE.id()))),
                    "403 organization_required"),
                refusal(
                    "no scope comes before no organization",
                    anonymous.token(Tokens.granting("openid")),
                    "403 insufficient_scope"),
                refusal(
                    "no organization comes before a bad parameter",
                    operation.anonymous("?nonsense=1").token(Tokens.granting(operation.scope)),
                    "403 organization_required"),
                refusal(
                    "a bad token comes before a bad parameter",
                    operation.anonymous("?nonsense=1").token("a.b.c"),
                    "401 unauthorized"),
                refusal(
                    "no scope comes before a bad parameter",
                    operation.anonymous("?nonsense=1").token(MINE.granted("openid")),
                    "403 insufficient_scope"),
                parameter(operation, "?nonsense=1", "nonsense"),
                parameter(operation, "?nonsense", "nonsense"),
                parameter(operation, "?Filter=1", "Filter"),
                parameter(operation, "?%ff=1", "%ff"),
                parameter(operation, "?%00=1", "%00"),
                refusal("an empty pair", operation.request("?&"), "400 invalid_parameter", ""),
                refusal(
                    "a segment too many",
                    RawRequest.of(operation.method, operation.target + "/more/more").token(good),
                    "404 not_found"),
                refusal(
                    "another case",
                    RawRequest.of(operation.method, operation.target.replace("express", "Express"))
                        .token(good),
                    "404 not_found"),
                refusal(
                    operation.wrongMethod,
                    RawRequest.of(operation.wrongMethod, operation.target).token(good),
                    "405 method_not_allowed"),
                refusal(
                    "TRACE",
                    RawRequest.of("TRACE", operation.target).token(good),
                    "405 method_not_allowed"),
                refusal(
                    "a method of the caller's own",
                    RawRequest.of("FROBNICATE", operation.target).token(good),
                    "405 method_not_allowed")));
    for (String accept :
        List.of(
            "image/png",
            "text/html, image/*;q=0.5",
            "application/json;q=0",
            "*/*;q=0",
            "application/json;q=0, */*",
            "text/html",
            "application/json, nonsense",
            "nonsense",
            "nonsense;;",
            "/",
            ";q=1",
            "application/json" + ";a=b".repeat(5_000),
            "application/json,".repeat(1_500),
            "application/json;q=nonsense")) {
      rows.add(
          refusal(
              "Accept: " + accept.substring(0, Math.min(accept.length(), 50)),
              operation.request("").accept(accept),
              "406 not_acceptable"));
    }
    return rows.stream();
  }

  private static Stream<Refusal> ofBodies(Operation operation) {
    RawRequest bare = RawRequest.of(operation.method, operation.target).token(operation.token());
    byte[] good = operation.body().getBytes(StandardCharsets.UTF_8);
    int limit = operation == Operation.RECORDS ? 16 * KIB * KIB : 64 * KIB;
    List<Refusal> rows =
        new ArrayList<>(
            List.of(
                refusal("no Content-Type", bare.body(good), "415 unsupported_media_type"),
                invalid("no body", bare.header("Content-Type", "application/json")),
                invalid("white space", json(bare, "  ")),
                invalid("no JSON", json(bare, "nonsense")),
                invalid("broken JSON", json(bare, "{\"records\":[{")),
                invalid("no object", json(bare, "7")),
                invalid("null", json(bare, "null")),
                invalid("more than JSON", json(bare, operation.body() + "x")),
                invalid("no UTF-8", json(bare, bytes("{\"", 0xff, "\":1}"))),
                invalid("no gzip", json(bare, operation.body()).header("Content-Encoding", "gzip")),
                invalid(
                    "gzip that breaks off",
                    json(bare, Arrays.copyOf(gzip(good), 15)).header("Content-Encoding", "gzip")),
                refusal(
                    "no organization comes before a bad body",
                    RawRequest.of(operation.method, operation.target)
                        .token(Tokens.granting(operation.scope))
                        .body("application/json", "nonsense"),
                    "403 organization_required"),
                invalid("UTF-16", json(bare, operation.body().getBytes(StandardCharsets.UTF_16LE))),
                invalid(
                    "UTF-16 with its mark",
                    json(bare, operation.body().getBytes(StandardCharsets.UTF_16))),
                invalid(
                    "UTF-32", json(bare, operation.body().getBytes(Charset.forName("UTF-32BE")))),
                invalid(
                    "a surrogate pair in UTF-8",
                    json(bare, bytes("{\"", 0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80, "\":1}"))),
                invalid("longer than need be", json(bare, bytes("{\"", 0xc1, 0xa1, "\":1}"))),
                refusal(
                    "a coding other than gzip",
                    json(bare, operation.body()).header("Content-Encoding", "br"),
                    "415 unsupported_media_type"),
                refusal(
                    "a body too large", json(bare, " ".repeat(limit + 1)), "413 payload_too_large"),
                refusal(
                    "a body that grows too large",
                    json(bare, new byte[limit + 1]).gzipped(),
                    "413 payload_too_large")));
    for (String type :
        List.of(
            "text/plain",
            "application/xml",
            "application/json; charset=iso-8859-1",
            "application/json; profile=nonsense",
            "nonsense",
            "nonsense;;",
            "/",
            "application/json" + ";a=b".repeat(5_000),
            "*/*")) {
      rows.add(
          refusal(
              "Content-Type: " + type.substring(0, Math.min(type.length(), 50)),
              bare.body(type, operation.body()),
              "415 unsupported_media_type"));
    }
    return rows.stream();
  }

  private static RawRequest json(RawRequest bare, String body) {
    return bare.body("application/json", body);
  }

  private static RawRequest json(RawRequest bare, byte[] body) {
    return bare.header("Content-Type", "application/json").body(body);
  }

  private static byte[] bytes(Object... parts) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (Object part : parts) {
      if (part instanceof Integer one) {
        bytes.write(one);
      } else {
        bytes.writeBytes(part.toString().getBytes(StandardCharsets.US_ASCII));
      }
    }
    return bytes.toByteArray();
  }

  private static Stream<Refusal> ofPages() {
    Operation page = Operation.PAGE;
    String cursor = "?cursor=";
    return Stream.concat(
        Stream.concat(
                words(
                    """
                    per_page=0 per_page=251 per_page=-1 per_page=%2B1 per_page=1.0 per_page=
                    per_page per_page=1&per_page=1 per_page=99999999999999999999
                    per_page=%D9%A1 per_page=%00 page=0 page=-1 page=x page= page=1&page=2
                    page=2002 page=99999999999999999999 filter= filter=%ff filter=a%00
                    order_by= order_by=id order_by=ID:desc order_by=id:desc%20
                    order_by=price:desc order_by=id:asc&order_by=id:asc order_by=total_amount:asc
                    cursor=%ed%a0%80
                    """),
                Stream.of("filter=" + "x".repeat(1601), "order_by=" + "x".repeat(41)))
            .map(query -> parameter(page, "?" + query, query.substring(0, nameLength(query)))),
        Stream.of(
            refusal("no cursor", page.request(cursor + "x"), "400 invalid_cursor cursor"),
            refusal("no cursor", page.request(cursor + "%2F"), "400 invalid_cursor cursor"),
            refusal(
                "no cursor",
                page.request(cursor + "A".repeat(20_000)),
                "400 invalid_cursor cursor"),
            refusal("a bad filter", page.request("?filter=nonsense"), "400 invalid_filter filter"),
            refusal(
                "a bad literal",
                page.request("?filter=type%20eq%20'call'"),
                "400 invalid_filter filter"),
            refusal(
                "a page and a cursor",
                page.request("?page=2&cursor=x"),
                "400 invalid_parameter page cursor"),
            refusal(
                "page 1 and no cursor",
                page.request("?page=1&cursor=x"),
                "400 invalid_cursor cursor"),
            refusal(
                "all bad parameters at once",
                page.request("?per_page=0&page=0&filter=(&order_by=x&nonsense=1&nonsense=2"),
                "400 invalid_parameter per_page page filter order_by nonsense"),
            refusal(
                "a bad filter and a bad size",
                page.request("?filter=(&per_page=0"),
                "400 invalid_parameter filter per_page"),
            refusal(
                "an account of another organization",
                page.request("?filter=account_id%20eq%20'" + OTHERS + "'"),
                "403 account_not_in_organization"),
            refusal(
                "a bad parameter comes before the account of another organization",
                page.request("?per_page=0&filter=account_id%20eq%20'" + OTHERS + "'"),
                "400 invalid_parameter per_page")));
  }

  private static Stream<Refusal> ofTotals() {
    Operation totals = Operation.TOTALS;
    String cursorOfPages = cursorAtTheEnd("id:desc");
    return Stream.concat(
        Stream.concat(
                words(
                    """
                    per_page=0 per_page=251 per_page= per_page=1&per_page=1 page=1
                    include=price include= include=month_status include=unit_word&group_by=month
                    group_by= group_by=nonsense group_by=MONTH
                    group_by=month, group_by=,month group_by=month,,type group_by=month,%20type
                    group_by=month,month group_by=currency group_by=unit_word group_by=id
                    group_by=description group_by=price group_by=month&group_by=type kind=
                    kind=nonsense kind=CONSUMPTION kind=consumption,top_up
                    kind=top_up&kind=top_up order_by= order_by=currency order_by=unit:asc
                    order_by=Currency:asc order_by=month:asc order_by=number_of_units:asc
                    order_by=id:asc order_by=total_amount order_by=month:asc&group_by=type
                    order_by=currency:asc&order_by=currency:asc order_by=currency:down
                    order_by=share:desc order_by=unit_word:asc&group_by=unit cursor=%ed%a0%80
                    """),
                Stream.of(
                    "group_by=" + "month,".repeat(2_000),
                    "filter=" + "x".repeat(1601),
                    "order_by=" + "x".repeat(2_000)))
            .map(query -> parameter(totals, "?" + query, query.substring(0, nameLength(query)))),
        Stream.of(
            refusal("no cursor", totals.request("?cursor=x"), "400 invalid_cursor cursor"),
            refusal(
                "a cursor of another list",
                totals.request("?cursor=" + cursorOfPages),
                "400 invalid_cursor cursor"),
            refusal(
                "a bad filter", totals.request("?filter=nonsense"), "400 invalid_filter filter"),
            refusal(
                "a filter by what is summed",
                totals.request("?filter=total_amount%20gt%20'1'"),
                "400 invalid_filter filter"),
            refusal(
                "all bad parameters at once",
                totals.request("?per_page=0&filter=(&order_by=x&group_by=x&kind=x&cursor=x&page=1"),
                "400 invalid_parameter per_page filter group_by kind cursor page"),
            refusal(
                "a bad order of a good group",
                totals.request("?group_by=month&order_by=type:asc&kind=x"),
                "400 invalid_parameter order_by kind"),
            refusal(
                "an export has no pages",
                totals.request("?per_page=1&cursor=x&page=1&group_by=x").accept("text/csv"),
                "400 invalid_parameter per_page cursor page group_by"),
            refusal(
                "an account of another organization",
                totals.request("?filter=not%20account_id%20ne%20'" + OTHERS + "'"),
                "403 account_not_in_organization"),
            refusal(
                "an account of another organization, as CSV",
                totals.request("?filter=account_id%20in%20('" + OTHERS + "')").accept("text/csv"),
                "403 account_not_in_organization"),
            refusal(
                "a bad parameter comes before the account of another organization",
                totals.request("?kind=x&filter=account_id%20eq%20'" + OTHERS + "'"),
                "400 invalid_parameter kind")));
  }

  private static Stream<Refusal> ofChanges() {
    Operation changes = Operation.CHANGES;
    return Stream.concat(
        words(
                """
                per_page=0 page=1 include=description month= month=2026 month=2026-13
                month=26-01 month=2026-01-01 month=2026-01&month=2026-01
                with= with=2026-00 with=x with=2026-01&month=2026-01 group_by=
                group_by=currency group_by=nonsense kind=x order_by=
                order_by=change:desc order_by=total_amount order_by=Change order_by=--change
                """)
            .map(query -> parameter(changes, "?" + query, query.substring(0, nameLength(query)))),
        Stream.of(
            refusal(
                "all bad parameters of changes at once",
                changes.request("?month=x&with=x&group_by=x&kind=x&filter=(&order_by=x"),
                "400 invalid_parameter month with group_by kind filter order_by"),
            refusal(
                "no cursor of changes", changes.request("?cursor=x"), "400 invalid_cursor cursor"),
            refusal(
                "changes of an account of another organization, as CSV",
                changes.request("?filter=account_id%20in%20('" + OTHERS + "')").accept("text/csv"),
                "403 account_not_in_organization")));
  }

  private static String cursorAtTheEnd(String order) {
    return new Cursor(new PageStart.Last(), Cursor.Binding.of(null, order)).text();
  }

  private static Stream<Refusal> ofCharges() {
    Operation charges = Operation.CHARGES;
    String token = charges.token();
    return Stream.of(
            words(
                    "per_page=0 per_page=251 per_page= per_page=1&per_page=1 page=1 filter=x"
                        + " order_by=id:asc")
                .map(query -> parameter(charges, "?" + query, query.replaceFirst("=.*", ""))),
            Stream.of("x", "%2F", "A".repeat(2049))
                .map(
                    cursor ->
                        refusal(
                            "no cursor",
                            charges.request("?cursor=" + cursor),
                            "400 invalid_cursor cursor")),
            Stream.of(
                refusal(
                    "all bad parameters at once",
                    charges.request("?per_page=0&cursor=x&page=1"),
                    "400 invalid_parameter per_page cursor page"),
                refusal(
                    "a bad parameter comes before an id of none",
                    RawRequest.get(Api.USAGE + "/x/records?per_page=0").token(token),
                    "400 invalid_parameter per_page")),
            Stream.of(ID, "x", ID + "0", "0".repeat(31) + "G", "%20", "%2F", "a%2Fb", "%ff", "a;b")
                .map(
                    id ->
                        refusal(
                            "the records of " + id,
                            RawRequest.get(Api.USAGE + "/" + id + "/records").token(token),
                            "404 not_found")))
        .flatMap(rows -> rows);
  }

  private static int nameLength(String query) {
    int equals = query.indexOf('=');
    return equals < 0 ? query.length() : equals;
  }

  private static Stream<Refusal> ofIds() {
    String aggregates = Operation.AGGREGATE.token();
    String accounts = Operation.ACCOUNT.token();
    return Stream.concat(
        Stream.of(ID, "x", "0", ID + "0", "0".repeat(31) + "G", "%20", "%2F", "a%2Fb", "..%2F")
            .map(
                id ->
                    refusal(
                        "the aggregate " + id,
                        RawRequest.get(Api.USAGE + "/" + id).token(aggregates),
                        "404 not_found")),
        Stream.of(
                OTHERS.id(), "no-such-account", "x".repeat(129), "x".repeat(20_000), "%0A", "a%2Fb")
            .map(
                id ->
                    refusal(
                        "the account " + id.substring(0, Math.min(id.length(), 50)),
                        RawRequest.get(Api.ACCOUNTS + "/" + id).token(accounts),
                        "404 not_found")));
  }

  private static Stream<Refusal> ofAccountBodies() {
    String token = Operation.PUT_ACCOUNT.token();
    String operator = Tokens.operator();
    String own = "\"organization_id\":\"" + MINE + "\"";
    String others = "\"organization_id\":\"" + OTHERS + "\"";
    return Stream.of(
        invalidAccount("no organization", "", "organization_id"),
        invalidAccount("an empty organization", "\"organization_id\":\"\"", "organization_id"),
        invalidAccount("an unknown field", own + ",\"nam\":1", "nam"),
        invalidAccount("a field twice", own + "," + own, "organization_id"),
        invalidAccount("an unpaired surrogate", own + ",\"name\":\"\\ud800\"", "name"),
        invalidAccount(
            "a bad field comes before another organization", others + ",\"status\":1", "status"),
        refusal(
            "all that is wrong at once",
            account(
                token,
                "x".repeat(129),
                "\"organization_id\":1,\"name\":true,\"company_name\":\"\\u0000\",\"status\":\"active\""),
            "400 invalid_body id organization_id name company_name status"),
        refusal("a control character", account(token, "%0A", own), "400 invalid_body id"),
        refusal(
            "an id of too many bytes",
            account(token, "%F0%9F%98%80".repeat(65), own),
            "400 invalid_body id"),
        refusal(
            "an organization of control characters",
            account(operator, MINE, "\"organization_id\":\"a\\u0085\""),
            "400 invalid_body organization_id"),
        refusal(
            "an organization of too many bytes",
            account(operator, MINE, "\"organization_id\":\"" + "😀".repeat(65) + "\""),
            "400 invalid_body organization_id"),
        refusal(
            "another organization's for a bound writer",
            account(token, MINE, others),
            "403 account_not_in_organization"),
        refusal("an account that would move", account(operator, OTHERS, own), "409 conflict"),
        refusal("an account that would move", account(token, OTHERS, own), "409 conflict"));
  }

  private static Refusal invalidAccount(String title, String members, String field) {
    RawRequest request = account(Operation.PUT_ACCOUNT.token(), MINE, members);
    return refusal(title, request, "400 invalid_body", field);
  }

  private static RawRequest account(String token, Object id, String members) {
    return RawRequest.of("PUT", Api.ACCOUNTS + "/" + id)
        .token(token)
        .body("application/json", "{" + members + "}");
  }

  private static Stream<Refusal> ofRecordBodies() {
    RawRequest bare = RawRequest.of("POST", Api.RECORDS).token(Operation.RECORDS.token());
    String tooMany =
        "{\"records\":[%s]}"
            .formatted(String.join(",", IntStream.range(0, 10_001).mapToObj(i -> "0").toList()));
    return Stream.of(
        invalid("no records", json(bare, "{}")),
        invalid("records that are no list", json(bare, "{\"records\":{}}")),
        invalid("more than records", json(bare, "{\"records\":[],\"more\":1}")),
        invalid("more than an array", json(bare, "[],[]")),
        invalid("no event", bare.body("application/cloudevents+json", "[]")),
        invalid("data that is no JSON", json(bare.header("ce-id", "1"), "{")),
        refusal(
            "an event of CSV",
            bare.header("Ce-Id", "1").body("text/csv", "a\n"),
            "415 unsupported_media_type"),
        refusal("too many records", json(bare, tooMany), "413 payload_too_large"),
        refusal(
            "an unknown profile",
            bare.body("text/csv; profile=nonsense", "a\n"),
            "415 unsupported_media_type"),
        refusal(
            "a billing file",
            bare.body("text/csv; profile=focus", RatedRecord.FOCUS_HEADER),
            "415 unsupported_media_type"),
        invalid(
            "a billing file as CSV of records", bare.body("text/csv", RatedRecord.FOCUS_HEADER)));
  }

  private static Stream<Refusal> ofImports() {
    String target = Operation.PUT_IMPORT.target;
    String token = Operation.PUT_IMPORT.token();
    RawRequest bare = RawRequest.of("PUT", target).token(token);
    String header = RatedRecord.FOCUS_HEADER;
    RawRequest csv = bare.header("Content-Type", "text/csv");
    List<Refusal> rows =
        new ArrayList<>(
            List.of(
                refusal("no Content-Type", bare.body(csv(header)), "415 unsupported_media_type"),
                refusal(
                    "a coding other than gzip",
                    csv.body(csv(header)).header("Content-Encoding", "br"),
                    "415 unsupported_media_type"),
                refusal("a zip file", csv.body(bytes("PK", 3, 4)), "415 unsupported_media_type"),
                refusal("Parquet", csv.body(csv("PAR1")), "415 unsupported_media_type"),
                refusal(
                    "UTF-16",
                    csv.body(header.getBytes(StandardCharsets.UTF_16)),
                    "415 unsupported_media_type"),
                invalid("no body", csv),
                invalid("no gzip", csv.body(csv(header)).header("Content-Encoding", "gzip")),
                invalid("gzip that breaks off", csv.body(Arrays.copyOf(gzip(csv(header)), 15))),
                invalid("semicolons", csv.body(csv(header.replace(',', ';')))),
                invalid("a quote that never closes", csv.body(csv(header + "\"x\n"))),
                invalid("columns of records", csv.body(csv("account_id,product_id\n"))),
                invalid("JSON as CSV", csv.body(csv("{}\n"))),
                invalid("CSV as JSON", bare.body("application/x-ndjson", header)),
                invalid("a JSON array", bare.body("application/x-ndjson", "[{}]")),
                refusal(
                    "no columns",
                    csv.body(csv("a,b\n1,2\n")),
                    "400 invalid_body BillingAccountId BilledCost BillingCurrency ChargePeriodStart"),
                refusal(
                    "a column twice",
                    csv.body(csv(header.strip() + ",SkuId\n")),
                    "400 invalid_body SkuId"),
                refusal(
                    "a row without end",
                    csv.body(csv(header + "\"" + "x".repeat(300_000))),
                    "413 payload_too_large"),
                refusal(
                    "no organization comes before a bad body",
                    RawRequest.of("PUT", target)
                        .token(Tokens.granting(Scope.USAGE_WRITE))
                        .body("text/csv", "nonsense"),
                    "403 organization_required")));
    for (String type :
        List.of(
            "application/json",
            "text/plain",
            "text/csv; charset=iso-8859-1",
            "text/csv; profile=nonsense",
            "text/csv" + ";a=b".repeat(5_000),
            "nonsense",
            "*/*")) {
      rows.add(
          refusal(
              "Content-Type: " + type.substring(0, Math.min(type.length(), 50)),
              bare.body(type, header),
              "415 unsupported_media_type"));
    }
    for (String id : List.of("x".repeat(129), "%0A", "%F0%9F%98%80".repeat(65))) {
      RawRequest of = RawRequest.of("PUT", Api.IMPORTS + "/" + id).token(token);
      String title = "the import " + id.substring(0, Math.min(id.length(), 50));
      rows.add(refusal(title, of.body("text/csv", header), "400 invalid_parameter id"));
      for (String method : List.of("GET", "DELETE")) {
        rows.add(refusal(title, of.method(method), "404 not_found"));
      }
    }
    for (String method : List.of("GET", "DELETE")) {
      rows.add(
          refusal(
              "an import of none",
              RawRequest.of(method, Api.IMPORTS + "/no-such-import").token(token),
              "404 not_found"));
    }
    return rows.stream();
  }

  private static byte[] csv(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Stream<Refusal> ofAddresses() {
    String token = Operation.PAGE.token();
    return Stream.concat(
        words(
                """
                /express/usage /express/usage/months /nonsense
                //express/usage/month/x/y /%2e%2e/etc/passwd /q/nonsense
                """)
            .map(target -> refusal(target, RawRequest.get(target).token(token), "404 not_found")),
        Stream.of(
                Operation.AGGREGATE,
                Operation.ACCOUNT,
                Operation.PUT_ACCOUNT,
                Operation.PUT_IMPORT,
                Operation.IMPORT,
                Operation.DELETE_IMPORT)
            .flatMap(
                operation ->
                    Stream.of("%ff", "%ed%a0%80", "a%c3", "%00", "a;b", "a;b=c")
                        .map(
                            id ->
                                refusal(
                                    "the id " + id,
                                    RawRequest.of(
                                            operation.method,
                                            operation.target.substring(
                                                    0, operation.target.lastIndexOf('/') + 1)
                                                + id)
                                        .body(operation.type(), operation.body())
                                        .token(operation.token()),
                                    "404 not_found"))));
  }

  private static Refusal parameter(Operation operation, String query, String... fields) {
    String title = query.substring(0, Math.min(query.length(), 50));
    return refusal(title, operation.request(query), "400 invalid_parameter", fields);
  }

  private static Refusal invalid(String title, RawRequest request) {
    return refusal(title, request, "400 invalid_body");
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void a_refusal_has_its_documented_status_and_body(Refusal refusal) throws IOException {
    MINE.account();
    OTHERS.account();

    RawRequest.Response response = refusal.request().send(server);

    assertThat(response.status())
        .as("%s: %s", refusal, response.text())
        .isEqualTo(refusal.status());
    assertError(response, refusal.code(), refusal.fields());
    if (refusal.status() == 401) {
      assertThat(response.header("WWW-Authenticate").orElseThrow()).startsWith("Bearer");
    }
    if (refusal.status() == 415 && !refusal.request().target().startsWith(Api.IMPORTS)) {
      assertThat(response.text()).contains("application/json");
    }
    if (refusal.status() == 405) {
      Operation operation =
          Arrays.stream(Operation.values())
              .filter(any -> any.target.equals(refusal.request().target()))
              .findFirst()
              .orElseThrow();
      assertThat(allowed(response)).isEqualTo(operation.allow);
    }
  }

  /** An error with the names of the wrong fields. */
  private static void assertError(RawRequest.Response response, String code, List<String> names)
      throws IOException {
    assertThat(response.header("Content-Type").orElseThrow())
        .matches("application/json(;charset=UTF-8)?");
    assertThat(response.header("X-Request-Id").orElseThrow()).matches("[A-Za-z0-9._-]{1,128}");
    assertDated(response);
    assertThat(response.text()).doesNotContainPattern(Api.INTERNALS).doesNotContain("eyJ");
    JsonNode body = JSON.readTree(response.body());
    Set<String> members = new TreeSet<>();
    body.fieldNames().forEachRemaining(members::add);
    assertThat(members).contains("code", "fields", "message");
    assertThat(Set.of("code", "description", "fields", "message")).containsAll(members);
    assertThat(body.path("code").textValue()).isEqualTo(code);
    assertThat(body.path("message").textValue()).isNotBlank();
    if (body.has("description")) {
      assertThat(body.path("description").textValue()).isNotBlank();
    }
    assertThat(body.path("fields").isArray()).isTrue();
    List<String> fields = new ArrayList<>();
    for (JsonNode field : body.path("fields")) {
      List<String> parts = new ArrayList<>();
      field.fieldNames().forEachRemaining(parts::add);
      assertThat(parts).containsExactly("name", "description");
      assertThat(field.path("name").isTextual()).isTrue();
      assertThat(field.path("description").textValue()).isNotBlank();
      fields.add(field.path("name").textValue());
    }
    assertThat(fields).containsExactlyInAnyOrderElementsOf(names);
  }

  /** The format of HTTP has two digits for the day, which the JDK's has not. */
  static void assertDated(RawRequest.Response response) {
    String date = response.header("Date").orElseThrow();
    assertThat(date).hasSize("Sun, 06 Nov 1994 08:49:37 GMT".length());
    assertThat(ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant())
        .isBetween(Instant.now().minusSeconds(60), Instant.now());
  }

  private static String allowed(RawRequest.Response response) {
    String allow = response.header("Allow").orElseThrow();
    return String.join(", ", new TreeSet<>(List.of(allow.split(", *", -1))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "absent",
      value = {
        "absent                                                | application/json",
        "*/*                                                   | application/json",
        "application/*                                         | application/json",
        "application/json                                      | application/json",
        "APPLICATION/JSON                                      | application/json",
        "image/png, */*;q=0.1                                  | application/json",
        "text/html,application/xhtml+xml,*/*;q=0.8             | application/json",
        "application/json;q=0.001                              | application/json",
        "application/hal+json                                  | application/hal+json",
        "application/hal+json;q=0.2, image/png                 | application/hal+json",
        "application/hal+json;q=0.5, application/json          | application/json",
        "application/hal+json;q=0.5, application/json;q=0.6    | application/json",
        "application/json;q=0.5, application/hal+json          | application/hal+json",
        "application/json;q=0, application/hal+json;q=0.1      | application/hal+json",
        "application/hal+json;q=0.1, */*                       | application/json",
        "application/hal+json;q=0, */*                         | application/json",
        "*; q=.2, */*; q=.2                                    | application/json",
        "application/json; charset=utf-8                       | application/json",
      })
  void the_answer_has_the_requested_media_type(String accept, String type) {
    for (Operation operation : List.of(Operation.PAGE, Operation.TOTALS, Operation.ACCOUNT)) {
      MINE.account();
      RawRequest request = operation.request("");

      RawRequest.Response response =
          (accept == null ? request : request.accept(accept)).send(server);

      assertThat(response.status()).isEqualTo(200);
      assertThat(response.header("Content-Type").orElseThrow())
          .matches(Pattern.quote(type) + "(;charset=UTF-8)?");
    }
  }

  /** Only a request that names an export gets one. */
  @ParameterizedTest
  @CsvSource(
      nullValues = "absent",
      value = {"absent", "*/*", "application/*"})
  void every_operation_answers_with_json_by_default(String accept) {
    MINE.account();
    MINE.sends(aRecord());
    String month = (String) MINE.page().row().get("id");
    String day = (String) MINE.days().row().get("id");
    for (Operation operation : Operation.values()) {
      String id = operation == Operation.DAY ? day : month;
      RawRequest request =
          RawRequest.of(operation.method, operation.target.replace(ID, id))
              .token(operation.token());
      if (operation.hasBody()) {
        request = request.body(operation.type(), operation.body());
      }
      if (accept != null) {
        request = request.accept(accept);
      }

      RawRequest.Response response = request.send(server);

      assertThat(response.status()).as("%s: %s", operation, response.text()).isEqualTo(200);
      assertThat(response.header("Content-Type").orElseThrow())
          .as(operation.toString())
          .matches("application/json(;charset=UTF-8)?");
    }
  }

  @Test
  void one_of_several_accept_lines_is_enough() {
    RawRequest.Response response =
        Operation.PAGE.request("").accept("image/png").accept("application/hal+json").send(server);

    assertThat(response.status()).isEqualTo(200);
    assertThat(response.header("Content-Type").orElseThrow()).startsWith("application/hal+json");
  }

  @Test
  void head_answers_as_get_without_a_body() {
    MINE.account();
    Stream<RawRequest> refused =
        Stream.of(
            Operation.PAGE.request("?per_page=0"),
            Operation.AGGREGATE.request(""),
            Operation.CHARGES.request(""),
            Operation.TOTALS.request("?kind=x"),
            Operation.ACCOUNT.anonymous(""),
            RawRequest.get("/nonsense"));
    Stream<RawRequest> answered =
        Arrays.stream(Operation.values())
            .filter(operation -> operation.method.equals("GET"))
            .map(operation -> operation.request(""));
    Stream.concat(refused, answered)
        .forEach(
            get -> {
              RawRequest.Response answer = get.method("HEAD").send(server);

              RawRequest.Response expected = get.send(server);
              assertThat(answer.status()).as(get.toString()).isEqualTo(expected.status());
              assertThat(answer.body()).as(get.toString()).isEmpty();
              assertThat(answer.lastingHeaders())
                  .as(get.toString())
                  .isEqualTo(expected.lastingHeaders());
              assertThat(answer.header("X-Request-Id")).isPresent();
            });
  }

  /** Whoever adds an operation must add it to this table. */
  @Test
  void the_table_has_every_operation_of_the_document() {
    List<String> documented =
        Document.operations()
            .filter(operation -> !operation.isPublic())
            .map(Document.Operation::name)
            .toList();

    assertThat(
            Arrays.stream(Operation.values())
                .map(
                    operation ->
                        operation.method
                            + " "
                            + operation.target.replaceFirst("/(0{32}|org-[^/]*)(?=/|$)", "/{id}")))
        .containsExactlyInAnyOrderElementsOf(documented);
  }

  @Test
  void without_a_rate_limit_no_answer_mentions_one() {
    RawRequest.Response response = Operation.PAGE.request("").send(server);

    assertThat(response.status()).isEqualTo(200);
    assertThat(response.header("RateLimit-Limit")).isEmpty();
    assertThat(response.header("RateLimit-Remaining")).isEmpty();
    assertThat(response.header("RateLimit-Reset")).isEmpty();
  }

  @Test
  void the_codes_are_those_of_the_contract() {
    assertThat(ErrorCode.values())
        .extracting(ErrorCode::wireName)
        .containsExactlyInAnyOrderElementsOf(
            words(
                    """
                invalid_parameter invalid_filter invalid_cursor invalid_body
                filter_too_expensive unauthorized insufficient_scope organization_required
                account_not_in_organization not_found gone method_not_allowed
                not_acceptable unsupported_media_type payload_too_large uri_too_long
                headers_too_large request_timeout conflict rate_limited unavailable
                internal_error invalid_record record_too_old month_closed
                """)
                .toList());
  }

  @Test
  void options_says_what_is_allowed() {
    for (Operation operation : Operation.values()) {
      RawRequest.Response response = RawRequest.of("OPTIONS", operation.target).send(server);

      assertThat(response.status()).isIn(200, 204);
      assertThat(allowed(response)).as(operation.target).isEqualTo(operation.allow);
      assertThat(response.header("X-Request-Id")).isPresent();
    }
  }

  @Test
  void utf_8_may_be_spelled_in_any_way() {
    for (String type :
        List.of(
            "application/json;charset=UTF-8",
            "application/json; charset=\"utf-8\"",
            "APPLICATION/JSON; Charset=Utf-8")) {
      assertThat(
              RawRequest.of("POST", Api.RECORDS)
                  .token(Operation.RECORDS.token())
                  .body(type, Operation.RECORDS.body())
                  .send(server)
                  .status())
          .as(type)
          .isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\t"})
  void an_empty_accept_is_ignored(String accept) {
    RawRequest.Response response =
        Operation.PAGE.request("").accept(accept).accept(accept).send(server);

    assertThat(response.status()).isEqualTo(200);
  }

  @Test
  void a_well_formed_request_id_comes_back_and_any_other_is_replaced() {
    for (String id : List.of("a", "A-z_0.9", "x".repeat(128))) {
      assertThat(Operation.PAGE.request("").header("X-Request-Id", id).send(server))
          .satisfies(response -> assertThat(response.header("X-Request-Id")).hasValue(id));
    }
    for (String id : List.of("", "a b", "é", "x".repeat(129), "a/b")) {
      assertThat(Operation.PAGE.anonymous("").header("X-Request-Id", id).send(server))
          .satisfies(
              response ->
                  assertThat(response.header("X-Request-Id").orElseThrow())
                      .isNotEqualTo(id)
                      .matches("[A-Za-z0-9._-]{1,128}"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "?%zz=1, %zz",
    "?filter=%, filter",
    "?per_page=2&filter=%f, filter",
    "/%zz,",
    "/%,",
    "/a%zzb,",
    "?a|b,"
  })
  void an_invalid_uri_is_400_and_names_the_parameter(String end, String parameter)
      throws IOException {
    RawRequest.Response response =
        RawRequest.get(Api.USAGE + end).token(Operation.PAGE.token()).send(server);

    assertThat(response.status()).isEqualTo(400);
    assertError(response, "invalid_parameter", parameter == null ? List.of() : List.of(parameter));
  }

  static Stream<String> badHosts() {
    return Stream.concat(
        Stream.of("", " ", "a b", "a\tb"),
        words(
            """
            a/b a?b a#b a\\b a,b a%20b %41 a%zz a;b <script> é user@a user:password@a
            a:b a: a:0 a:65536 a:-1 a:80:80 ::1 [::1 [::g] [v1.x] . a..b *
            javascript:alert(1)
            """));
  }

  @ParameterizedTest
  @MethodSource("badHosts")
  void a_host_that_no_link_can_have_is_400(String host) throws IOException {
    for (String version : List.of("HTTP/1.1", "HTTP/1.0")) {
      RawRequest.Response response =
          Operation.PAGE.request("").send(server, version, List.of(host));

      assertThat(response.status()).as("%s: %s", version, response.text()).isEqualTo(400);
      assertError(response, "invalid_parameter", List.of());
    }
  }

  @Test
  void a_request_without_a_host_or_with_two_is_400() throws IOException {
    String host = server.getAuthority();
    for (List<String> hosts : List.of(List.<String>of(), List.of(host, host), List.of("a", "b"))) {
      for (String version : List.of("HTTP/1.1", "HTTP/1.0")) {
        for (String target :
            List.of(Api.USAGE + "?per_page=0", "/nonsense", "/q/openapi", "/explorer/")) {
          RawRequest.Response response = RawRequest.get(target).send(server, version, hosts);

          assertThat(response.status()).as(target + hosts).isEqualTo(400);
          assertError(response, "invalid_parameter", List.of());
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "HTTP/1.0,a.example,http://a.example",
    "HTTP/1.1,A-1_b.example.:8080,http://A-1_b.example.:8080",
    "HTTP/1.1,127.0.0.1:80,http://127.0.0.1",
    "HTTP/1.1,[::1]:8080,http://[::1]:8080"
  })
  void links_have_the_host_of_the_request(String version, String host, String origin)
      throws IOException {
    RawRequest.Response response =
        Operation.PAGE
            .request("")
            .header("X-Forwarded-Proto", "javascript")
            .header("X-Forwarded-Host", "elsewhere.example")
            .header("Forwarded", "host=elsewhere.example;proto=https")
            .send(server, version, List.of(host));

    assertThat(response.status()).isEqualTo(200);
    assertThat(JSON.readTree(response.body()).path("self").path("href").textValue())
        .matches(Pattern.quote(origin) + "(:80)?" + Api.USAGE);
  }

  @Test
  void an_absolute_target_must_have_the_host_of_the_request() throws IOException {
    String token = Operation.PAGE.token();
    List<String> host = List.of("a.example");
    RawRequest.Response response =
        RawRequest.get("http://a.example" + Api.USAGE).token(token).send(server, "HTTP/1.1", host);

    assertThat(response.status()).isEqualTo(200);
    for (String target :
        List.of(
            "http://b.example" + Api.USAGE,
            "http://a.example.b" + Api.USAGE,
            "http://user@a.example" + Api.USAGE,
            "javascript://a.example" + Api.USAGE)) {
      RawRequest.Response refused =
          RawRequest.get(target).token(token).send(server, "HTTP/1.1", host);
      assertThat(refused.status()).as(target).isIn(400, 404);
      assertError(refused, refused.status() == 400 ? "invalid_parameter" : "not_found", List.of());
    }
  }

  @Test
  void two_tokens_are_400_whichever_is_good() throws IOException {
    String good = Operation.PAGE.token();
    for (String other : List.of(good, "nonsense")) {
      for (RawRequest request :
          List.of(
              RawRequest.get(Api.USAGE).token(good).token(other),
              RawRequest.get(Api.USAGE).token(other).token(good))) {
        RawRequest.Response response = request.send(server);

        assertThat(response.status()).isEqualTo(400);
        assertError(response, "invalid_parameter", List.of());
      }
    }
    RawRequest.Response inOneLine =
        RawRequest.get(Api.USAGE).token(good + ", Bearer " + good).send(server);
    assertThat(inOneLine.status()).isEqualTo(401);
  }

  @ParameterizedTest
  @ValueSource(strings = {"OPTIONS", "GET", "CONNECT"})
  void a_target_without_a_path_is_404(String method) throws IOException {
    for (String target : List.of("*", "a.example:80")) {
      RawRequest.Response response = RawRequest.of(method, target).send(server);

      assertThat(response.status()).as(target).isEqualTo(404);
      assertError(response, "not_found", List.of());
    }
  }

  @Test
  void more_headers_than_anybody_sends_are_431() throws IOException {
    RawRequest request = Operation.PAGE.request("");
    for (int i = 0; i < 250; i++) {
      request = request.header("X-" + i, "");
    }

    assertThat(request.send(server).status()).isEqualTo(200);
    for (int i = 0; i < 10; i++) {
      request = request.header("Y-" + i, "");
    }
    RawRequest.Response response = request.send(server);
    assertThat(response.status()).isEqualTo(431);
    assertError(response, "headers_too_large", List.of());
  }

  @Test
  void more_codings_than_anybody_accepts_are_431() throws IOException {
    RawRequest request = Operation.PAGE.request("");
    String codings = "gzip;q=x,".repeat(50);

    assertThat(request.header("Accept-Encoding", codings).send(server).status()).isEqualTo(200);
    RawRequest.Response response =
        request.header("Accept-Encoding", codings).header("Accept-Encoding", codings).send(server);
    assertThat(response.status()).isEqualTo(431);
    assertError(response, "headers_too_large", List.of());
  }

  @ParameterizedTest
  @ValueSource(ints = {32, 33, 40, 60})
  void request_lines_up_to_32_kib_are_taken_and_longer_ones_are_414(int kib) throws IOException {
    int around = "GET ".length() + " HTTP/1.1".length();
    String target = Api.USAGE + "?nonsense=";
    String line = target + "x".repeat(kib * KIB - target.length() - around);

    RawRequest.Response response = RawRequest.get(line).token(Operation.PAGE.token()).send(server);

    if (kib == 32) {
      assertThat(response.status()).isEqualTo(400);
      assertError(response, "invalid_parameter", List.of("nonsense"));
    } else {
      assertThat(response.status()).isEqualTo(414);
      assertError(response, "uri_too_long", List.of());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {31, 33, 40, 60})
  void headers_up_to_32_kib_are_taken_and_more_are_431(int kib) throws IOException {
    RawRequest request = Operation.PAGE.request("");
    for (int i = 0; i < kib - 1; i++) {
      request = request.header("X-" + i, "x".repeat(KIB - 20));
    }
    request = request.header("X-More", "x".repeat(KIB));

    RawRequest.Response response = request.send(server);

    if (kib == 31) {
      assertThat(response.status()).isEqualTo(200);
    } else {
      assertThat(response.status()).isEqualTo(431);
      assertError(response, "headers_too_large", List.of());
    }
  }

  @Test
  void requests_far_beyond_the_limits_are_414_and_431_too() {
    RawRequest request = Operation.PAGE.request("");

    assertThat(RawRequest.get("/" + "x".repeat(100 * KIB)).send(server).status()).isEqualTo(414);
    assertThat(request.header("X-More", "x".repeat(100 * KIB)).send(server).status())
        .isEqualTo(431);
  }

  @ParameterizedTest
  @ValueSource(strings = {"application/json", "application/hal+json"})
  void answers_are_compressed_for_clients_that_accept_gzip(String type) throws IOException {
    Organization acme = anOrganization();
    acme.sends(IntStream.range(0, 200).mapToObj(i -> aRecord().of("p" + i)).toList());
    RawRequest request = acme.get(Api.USAGE + "?per_page=200").accept(type);

    RawRequest.Response plain = request.send(server);
    RawRequest.Response packed = request.header("Accept-Encoding", "gzip").send(server);

    assertThat(plain.header("Content-Encoding")).isEmpty();
    assertThat(
            request
                .header("Accept-Encoding", "gzip;q=0, identity")
                .send(server)
                .header("Content-Encoding"))
        .isEmpty();
    assertThat(packed.header("Content-Encoding")).hasValue("gzip");
    assertThat(packed.body().length).isLessThan(plain.body().length / 4);
    try (GZIPInputStream unpacked = new GZIPInputStream(new ByteArrayInputStream(packed.body()))) {
      assertThat(unpacked.readAllBytes()).isEqualTo(plain.body());
    }
    assertThat(JSON.readTree(plain.body()).path("count").intValue()).isEqualTo(200);
  }
}
