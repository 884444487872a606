package io.usageapi.http;

import static io.usageapi.fixture.Organization.anOrganization;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.quarkus.test.junit.QuarkusTest;
import io.usageapi.aggregate.AggregateId;
import io.usageapi.aggregate.AggregateKey;
import io.usageapi.aggregate.Dimension;
import io.usageapi.error.ErrorCode;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Document;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.Tokens;
import io.usageapi.security.OrganizationId;
import java.time.YearMonth;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The server accepts the examples of the document. */
@QuarkusTest
class DocumentExamplesTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What makes something comes before what reads it, and what takes it back last. */
  private static final List<String> ORDER = List.of("PUT", "POST", "GET", "DELETE");

  private final Organization acme = anOrganization();

  @Test
  void an_account_and_a_record_of_the_examples_are_accepted_and_read_back() {
    ObjectNode account = exampleOf("AccountBody");
    account.put("organization_id", acme.id());
    Api.putAccount(Tokens.operator(), acme.id(), account.toString())
        .statusCode(201)
        .body(
            "name",
            equalTo(Document.schema("AccountBody").at("/properties/name/examples/0").asText()));

    ObjectNode record = exampleOf("UsageRecord");
    record.put("account_id", acme.id());
    record.put("organization_id", acme.id());
    isAccepted(
        "application/json", JSON.createObjectNode().set("records", arrayOf(record)).toString());

    assertThat(acme.page().row().get("product_id")).isEqualTo(record.get("product_id").asText());
  }

  @Test
  void an_event_of_the_examples_is_accepted() {
    ObjectNode event = exampleOf("UsageEvent");
    ((ObjectNode) event.get("data")).put("account_id", acme.account());

    isAccepted("application/cloudevents-batch+json", arrayOf(event).toString());
  }

  @Test
  void the_csv_of_the_example_is_accepted() {
    JsonNode types =
        Document.operation("POST", Api.RECORDS).orElseThrow().at("/requestBody/content");
    String csv = types.path("text/csv").path("example").asText();

    isAccepted("text/csv", csv.replace("acme-eu", acme.account()));
  }

  /** As with Swagger UI's "Execute" on one operation after another. */
  @Test
  void every_operation_answers_the_request_that_its_examples_make() {
    String token = Tokens.granting(Tokens.ALL_SCOPES, acme.id());
    Document.operations()
        .sorted(Comparator.comparing(operation -> ORDER.indexOf(operation.method())))
        .forEach(
            operation -> {
              Map<String, JsonNode> bodies = new LinkedHashMap<>();
              operation
                  .described()
                  .at("/requestBody/content")
                  .properties()
                  .forEach(each -> bodies.put(each.getKey(), body(each.getValue())));
              if (bodies.isEmpty()) {
                bodies.put("application/json", TextNode.valueOf(""));
              }
              bodies.forEach(
                  (type, body) ->
                      assertThat(
                              Api.raw(token)
                                  .contentType(type)
                                  .body(
                                      ofAcme(body.isTextual() ? body.asText() : body.toString())
                                          .getBytes(UTF_8))
                                  .request(operation.method(), address(operation))
                                  .statusCode())
                          .as("%s %s", operation.name(), type)
                          .isIn(200, 201));
            });
  }

  @Test
  void the_id_of_the_example_is_that_of_the_example_record() {
    JsonNode record =
        Document.operation("POST", Api.RECORDS)
            .orElseThrow()
            .at("/requestBody/content/application~1json/example/records/0");
    AggregateKey key =
        AggregateKey.of(
            each -> {
              JsonNode value = record.path(each.column());
              if (each == Dimension.MONTH) {
                return YearMonth.parse(record.path("occurred_at").asText().substring(0, 7));
              }
              return value.isNumber() ? value.decimalValue() : value.textValue();
            });

    assertThat(AggregateId.text(key.id(new OrganizationId("acme"))))
        .isEqualTo(Document.root().at("/components/parameters/id/example").asText());
  }

  @Test
  void every_status_of_an_error_has_an_example_of_its_own() {
    Map<String, Set<String>> codes = new TreeMap<>();
    Document.operations()
        .forEach(
            operation ->
                operation
                    .described()
                    .path("responses")
                    .properties()
                    .forEach(
                        response -> {
                          JsonNode type =
                              Document.resolved(response.getValue())
                                  .at("/content/application~1json");
                          if (type.at("/schema/$ref").asText().endsWith("/Error")) {
                            codes
                                .computeIfAbsent(response.getKey(), status -> new TreeSet<>())
                                .add(type.at("/example/code").asText());
                            assertThat(type.path("example").properties())
                                .extracting(Map.Entry::getKey)
                                .contains("code", "message", "fields");
                          }
                        }));
    Set<String> all = new TreeSet<>();
    codes.forEach(
        (status, its) ->
            its.forEach(
                code -> {
                  assertThat(all.add(code)).as("%s of %s only", code, status).isTrue();
                  assertThat(ErrorCode.valueOf(code.toUpperCase(Locale.ROOT)).status())
                      .as("%s %s", status, code)
                      .isIn(Integer.parseInt(status), 400);
                }));
  }

  /** A path with the examples of its parameters, in the organization of this test. */
  private String address(Document.Operation operation) {
    String path = operation.path();
    for (JsonNode declared : operation.described().path("parameters")) {
      JsonNode parameter = Document.resolved(declared);
      if (parameter.path("in").asText().equals("path")) {
        String example = parameter.path("example").asText();
        assertThat(example).as("%s %s", operation.name(), parameter).isNotEmpty();
        if (path.startsWith(Api.USAGE) || path.startsWith(Api.DAYS)) {
          // An id is a digest that the organization is part of.
          String aggregate =
              acme.page("filter", "aggr_product_id eq 'voice'").row().get("id").toString();
          example =
              path.startsWith(Api.USAGE)
                  ? aggregate
                  : aggregate.substring(0, 24) + example.substring(24);
        }
        path = path.replace("{" + parameter.path("name").asText() + "}", ofAcme(example));
      }
    }
    return path;
  }

  private String ofAcme(String text) {
    return text.replaceAll("acme-eu|\\bacme\\b(?!-)", acme.id());
  }

  private static JsonNode body(JsonNode mediaType) {
    if (mediaType.has("example")) {
      return mediaType.path("example");
    }
    JsonNode schema = mediaType.path("schema");
    String reference = schema.findValue("$ref").asText();
    ObjectNode one = exampleOf(reference.substring(reference.lastIndexOf('/') + 1));
    return schema.has("items") ? arrayOf(one) : one;
  }

  private static void isAccepted(String type, String body) {
    Api.post(Tokens.operator(), type, body).then().statusCode(200).body("accepted", equalTo(1));
  }

  private static JsonNode arrayOf(JsonNode one) {
    return JSON.createArrayNode().add(one);
  }

  /** Every field with its example, or with the first value of its enumeration. */
  private static ObjectNode exampleOf(String schema) {
    ObjectNode object = JSON.createObjectNode();
    Document.schema(schema)
        .path("properties")
        .properties()
        .forEach(field -> object.set(field.getKey(), example(field.getValue())));
    return object;
  }

  private static JsonNode example(JsonNode field) {
    if (field.has("examples")) {
      return field.path("examples").get(0).deepCopy();
    }
    String reference =
        field.has("$ref") ? field.path("$ref").asText() : field.at("/anyOf/0/$ref").asText();
    return Document.schema(reference.substring(reference.lastIndexOf('/') + 1)).path("enum").get(0);
  }
}
