package io.usageapi.http;

import static io.usageapi.fixture.Organization.anOrganization;
import static io.usageapi.fixture.RawRequest.encode;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Document;
import io.usageapi.fixture.OpenApiValidationFilter;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.RatedRecord;
import io.usageapi.fixture.RawRequest;
import io.usageapi.fixture.Tokens;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Random requests made from the OpenAPI document, with good, nearly good and nonsense values. The
 * server never fails, answers as documented, and tells nothing of its internals. {@code
 * -Dtest.usageapi.requests=} and {@code -Dtest.usageapi.seed=} make it look further.
 */
@QuarkusTest
class FuzzTest {
  private static final int REQUESTS = Integer.getInteger("test.usageapi.requests", 1_500);
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A part of bad tokens, which no answer may have. */
  private static final String MARKER = "not-to-be-seen";

  private static final List<String> NONSENSE =
      Stream.concat(
              Stream.of(
                  """
                  0 -1 1 250 251 2147483648 1e999999999 -0.0 NaN null true ' '' id:asc
                  id:sideways 2026-01 2026-01-15T12:00:00Z +2026-01-15T12:00:00+25:00 EUR
                  CALL a1 a;b a/b .. ä€😀 [] =1+1 {id} ${jndi:ldap://127.0.0.1/x}
                  <script>alert(1)</script>
                  """
                      .split("\\s+", -1)),
              Stream.of(
                  "",
                  " ",
                  "\"",
                  "' or 1=1 --",
                  "account_id eq 'a1'",
                  "account_id eq 'a1' or",
                  "month ge '2026-13'",
                  "not (not (type ne null))",
                  "contains(product_id, '%_')",
                  "\u0000",
                  "\u0007",
                  "\ud800",
                  "x".repeat(129),
                  "x".repeat(1601),
                  "(".repeat(600),
                  "a,b\r\n\"c\"\"d\"",
                  "{\"a\":[1,{}]}",
                  "0".repeat(32)))
          .toList();

  private static final List<String> TYPES =
      List.of(
          "application/json",
          "application/hal+json",
          "text/csv",
          "application/x-ndjson",
          "text/*",
          "*/*",
          "application/json;q=0",
          "text/csv; profile=focus",
          "text/csv; charset=utf-16",
          "application/cloudevents-batch+json",
          "multipart/form-data",
          "nonsense",
          ";",
          "");

  @TestHTTPResource URI server;

  private final Random random = new Random(Long.getLong("test.usageapi.seed", 20_260_101L));
  private final List<Document.Operation> operations = Document.operations().toList();
  private final Organization acme = anOrganization();
  private final String token = acme.granted(Tokens.ALL_SCOPES);

  @Test
  void every_request_is_answered_as_documented_and_nothing_leaks() {
    acme.account("a1");
    Map<Integer, Integer> statuses = new TreeMap<>();
    for (int i = 0; i < REQUESTS; i++) {
      Document.Operation operation = one(operations);
      RawRequest request = request(operation);

      RawRequest.Response response = request.send(server);

      String what = "request " + i + ": " + request;
      int unused = statuses.merge(response.status(), 1, Integer::sum);
      assertThat(response.status()).as(what).isLessThan(500);
      assertThat(response.header("X-Request-Id")).as(what).isPresent();
      assertThat(response.text()).as(what).doesNotContainPattern(Api.INTERNALS);
      assertThat(response.lastingHeaders().toString() + response.text())
          .as(what)
          .doesNotContain(MARKER, token);
      validate(request, response);
    }
    System.out.println("fuzz: " + REQUESTS + " requests, answers by status: " + statuses);
    assertThat(statuses).containsKeys(200, 400, 401, 404);
  }

  private static void validate(RawRequest request, RawRequest.Response response) {
    if (response.header("Content-Encoding").isPresent()) {
      return;
    }
    String path = request.target().replaceFirst("[?].*", "");
    try {
      OpenApiValidationFilter.validate(
          request.method(), path, response.status(), response::values, response.text());
    } catch (AssertionError e) {
      throw new AssertionError(request + ": " + e.getMessage(), e);
    }
  }

  private RawRequest request(Document.Operation operation) {
    String path = operation.path();
    StringBuilder query = new StringBuilder();
    List<String> headers = new ArrayList<>();
    for (JsonNode declared : operation.described().path("parameters")) {
      JsonNode parameter = Document.resolved(declared);
      String name = parameter.path("name").asText();
      switch (parameter.path("in").asText()) {
        case "path" -> path = path.replace("{" + name + "}", segment(parameter));
        case "header" -> {
          if (chance(3)) {
            headers.add(name);
            headers.add(header(text(parameter.path("schema"))));
          }
        }
        default -> {
          if (chance(3)) {
            add(query, name, text(parameter.path("schema")));
          }
        }
      }
    }
    if (chance(12)) {
      add(query, one(NONSENSE), one(NONSENSE));
    }
    if (chance(40)) {
      query
          .append(query.isEmpty() ? '?' : '&')
          .append(one(List.of("&", "=", "%", "%zz", "a=b=c", "+")));
    }
    RawRequest request = RawRequest.of(chance(30) ? "HEAD" : operation.method(), path + query);
    for (int i = 0; i < headers.size(); i += 2) {
      request = request.header(headers.get(i), headers.get(i + 1));
    }
    if (chance(4)) {
      request = request.accept(header(one(TYPES)));
    }
    if (chance(10)) {
      request = request.header("X-Request-Id", header(one(NONSENSE)));
    }
    if (chance(10)) {
      request = request.header("Accept-Encoding", one(List.of("gzip", "br", "gzip;q=0", "*", ";")));
    }
    return withBody(operation, authorized(request));
  }

  private RawRequest authorized(RawRequest request) {
    return switch (random.nextInt(20)) {
      case 0 -> request;
      case 1 -> request.token(MARKER + "." + MARKER + "." + MARKER);
      case 2 -> request.header("Authorization", header(one(NONSENSE)) + " " + MARKER);
      default -> request.token(token);
    };
  }

  private RawRequest withBody(Document.Operation operation, RawRequest request) {
    JsonNode contents = operation.described().path("requestBody").path("content");
    if (contents.isEmpty() || request.method().equals("HEAD")) {
      return request;
    }
    List<Map.Entry<String, JsonNode>> types = new ArrayList<>(contents.properties());
    Map.Entry<String, JsonNode> type = one(types);
    byte[] body =
        body(operation, type.getKey(), type.getValue().path("schema"))
            .getBytes(StandardCharsets.UTF_8);
    if (chance(8) && body.length > 0) {
      for (int i = 0; i <= random.nextInt(4); i++) {
        body[random.nextInt(body.length)] = (byte) random.nextInt(256);
      }
    }
    RawRequest typed =
        request.header("Content-Type", header(chance(15) ? one(TYPES) : type.getKey())).body(body);
    return chance(25) ? typed.header("Content-Encoding", one(List.of("gzip", "br", ""))) : typed;
  }

  private String body(Document.Operation operation, String type, JsonNode schema) {
    if (operation.path().startsWith(Api.IMPORTS)) {
      return type.startsWith("text/csv") ? rows(FOCUS_COLUMNS) : charge() + "\n" + charge() + "\n";
    }
    JsonNode records =
        Document.schema("UsageRecords").path("properties").path("records").path("items");
    return switch (type) {
      case "application/x-ndjson" ->
          value(records, 0) + "\n" + value(records, 0) + one(List.of("", "\n", "\r\n", "\n\n"));
      case "text/csv" -> rows(RECORD_COLUMNS);
      default -> write(value(schema, 0));
    };
  }

  private static final List<String> RECORD_COLUMNS =
      List.of(
          ("id,account_id,product_id,occurred_at,type,currency,unit,number_of_units,total_amount,"
                  + "description")
              .split(",", -1));

  private static final List<String> FOCUS_COLUMNS =
      Stream.of(RatedRecord.FOCUS_HEADER.strip().split(",", -1)).sorted().toList();

  private String rows(List<String> columns) {
    List<String> header = new ArrayList<>(columns);
    if (chance(6)) {
      header.set(random.nextInt(header.size()), one(NONSENSE));
    }
    StringBuilder rows = new StringBuilder(String.join(",", header)).append("\r\n");
    for (int row = 0; row < 1 + random.nextInt(3); row++) {
      List<String> cells = new ArrayList<>();
      for (String column : columns) {
        cells.add(chance(6) ? one(NONSENSE) : cell(column));
      }
      rows.append(
          String.join(",", chance(20) ? cells.subList(0, random.nextInt(cells.size())) : cells));
      rows.append("\r\n");
    }
    return rows.toString();
  }

  /** A row of a billing file as JSON. */
  private String charge() {
    ObjectNode row = JsonNodeFactory.instance.objectNode();
    for (String column : FOCUS_COLUMNS) {
      if (chance(6)) {
        row.set(column, nonsense());
      } else {
        row.put(column, cell(column));
      }
    }
    return write(row);
  }

  private String cell(String column) {
    return switch (column) {
      case "account_id", "SubAccountId" -> acme + "-a1";
      case "BillingAccountId" -> acme.id();
      case "occurred_at", "ChargePeriodStart" -> "2026-01-15T12:00:00Z";
      case "type" -> "CALL";
      case "currency", "BillingCurrency" -> "EUR";
      case "unit", "PricingUnit" -> "MINUTES";
      case "number_of_units", "total_amount", "BilledCost", "ListUnitPrice", "PricingQuantity" ->
          "1.5";
      default -> "text-" + random.nextInt(50);
    };
  }

  /** A value of a schema, or now and then a wrong one. */
  private JsonNode value(JsonNode declared, int depth) {
    JsonNode schema = Document.resolved(declared);
    if (chance(15) || depth > 6) {
      return nonsense();
    }
    for (String choice : List.of("anyOf", "oneOf", "allOf")) {
      if (schema.has(choice)) {
        return value(schema.path(choice).get(random.nextInt(schema.path(choice).size())), depth);
      }
    }
    JsonNode examples = schema.path("examples");
    if (!examples.isEmpty() && chance(2)) {
      return examples.get(0);
    }
    if (schema.has("enum")) {
      return schema.path("enum").get(random.nextInt(schema.path("enum").size()));
    }
    return switch (type(schema)) {
      case "object" -> object(schema, depth);
      case "array" -> {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        for (int i = 0; i < random.nextInt(4); i++) {
          array.add(value(schema.path("items"), depth + 1));
        }
        yield array;
      }
      case "integer" -> JsonNodeFactory.instance.numberNode(random.nextInt(300));
      case "number" ->
          JsonNodeFactory.instance.numberNode(
              BigDecimal.valueOf(random.nextInt(), random.nextInt(12)));
      case "boolean" -> JsonNodeFactory.instance.booleanNode(random.nextBoolean());
      case "null" -> JsonNodeFactory.instance.nullNode();
      default -> JsonNodeFactory.instance.textNode(known());
    };
  }

  /** An account of the organization, the organization, or a text. */
  private String known() {
    return one(List.of(acme + "-a1", acme.id(), "text-" + random.nextInt(50)));
  }

  private static String type(JsonNode schema) {
    JsonNode type = schema.path("type");
    return type.isArray() ? type.get(0).asText() : type.asText("string");
  }

  private ObjectNode object(JsonNode schema, int depth) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    List<JsonNode> required = new ArrayList<>();
    schema.path("required").forEach(required::add);
    schema
        .path("properties")
        .properties()
        .forEach(
            property -> {
              boolean isRequired =
                  required.stream().anyMatch(name -> name.asText().equals(property.getKey()));
              if (isRequired ? !chance(20) : chance(2)) {
                object.set(property.getKey(), value(property.getValue(), depth + 1));
              }
            });
    if (chance(15)) {
      object.set(one(NONSENSE), nonsense());
    }
    return object;
  }

  private JsonNode nonsense() {
    return switch (random.nextInt(6)) {
      case 0 -> JsonNodeFactory.instance.numberNode(new BigDecimal("1e40"));
      case 1 -> JsonNodeFactory.instance.objectNode();
      case 2 -> JsonNodeFactory.instance.arrayNode().add(one(NONSENSE));
      case 3 -> JsonNodeFactory.instance.nullNode();
      default -> JsonNodeFactory.instance.textNode(one(NONSENSE));
    };
  }

  private static String write(JsonNode value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private String text(JsonNode schema) {
    if (chance(2)) {
      return one(NONSENSE);
    }
    JsonNode value = value(schema, 0);
    return value.isTextual() ? value.textValue() : write(value);
  }

  private String segment(JsonNode parameter) {
    String text = chance(3) ? known() : text(parameter.path("schema"));
    if (chance(20)) {
      return one(List.of("%", "%zz", "%ff", "%00", ";", "%2e%2e", "a%2fb"));
    }
    return text.isEmpty() ? "x" : encode(text);
  }

  private void add(StringBuilder query, String name, String value) {
    query
        .append(query.isEmpty() ? '?' : '&')
        .append(encode(name))
        .append('=')
        .append(encode(value));
  }

  /** A text that a header may have; the HTTP codec refuses others first. */
  private static String header(String text) {
    return text.replaceAll("[^ -~]", "?").trim();
  }

  /** True once in so many times. */
  private boolean chance(int times) {
    return random.nextInt(times) == 0;
  }

  private <T> T one(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }
}
