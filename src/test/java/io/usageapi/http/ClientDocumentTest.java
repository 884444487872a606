package io.usageapi.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.quarkus.test.junit.QuarkusTest;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Document;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The OpenAPI document for generators, as the server serves it, has what generators can read. */
@QuarkusTest
class ClientDocumentTest {
  private static final Set<String> TYPES =
      Set.of("string", "number", "integer", "boolean", "array", "object");

  /** What OpenAPI 3.0 does not have, or a generated client would take too seriously. */
  private static final Set<String> FORBIDDEN = Set.of("default", "const", "examples", "anyOf");

  private JsonNode document;

  @BeforeEach
  void read() throws IOException {
    document =
        new ObjectMapper(new YAMLFactory())
            .readTree(
                Api.anonymous()
                    .get("/q/openapi-client.yaml")
                    .then()
                    .statusCode(200)
                    .contentType("application/yaml")
                    .extract()
                    .asString());
  }

  @Test
  void it_is_openapi_3_0_and_has_every_operation_of_the_full_document() {
    assertThat(document.path("openapi").asText()).isEqualTo("3.0.3");
    assertThat(operations(document.path("paths"))).isEqualTo(operations(Document.paths()));
    assertThat(document.at("/paths").findValues("operationId"))
        .isNotEmpty()
        .doesNotHaveDuplicates();
  }

  @Test
  void every_schema_keeps_the_rules() {
    List<String> broken = new ArrayList<>();
    each(
        "",
        document,
        (path, node) -> {
          boolean named = path.endsWith("/properties");
          boolean example = path.contains("/example");
          if (!named && !example && node.isObject()) {
            for (String rule : broken(node)) {
              broken.add(path + ": " + rule);
            }
          }
        });
    assertThat(broken).isEmpty();
  }

  private List<String> broken(JsonNode node) {
    List<String> rules = new ArrayList<>();
    if (node.has("$ref")) {
      check(rules, node.size() == 1, "a reference stands alone");
      check(rules, document.at(node.path("$ref").asText().substring(1)).isObject(), "it leads");
    }
    FORBIDDEN.forEach(name -> check(rules, !node.has(name), "no " + name));
    if (node.has("type") && !node.has("scheme")) {
      String type = node.path("type").asText();
      check(rules, TYPES.contains(type), "one type");
      check(
          rules, !type.equals("array") || (node.has("maxItems") && node.has("items")), "maxItems");
    }
    if (node.has("pattern")) {
      check(rules, node.path("pattern").asText().matches("\\^.*\\$"), "an anchored pattern");
    }
    check(rules, !node.has("enum") || !node.has("maxLength"), "no maxLength beside enum");
    check(rules, !node.has("enum") || !node.path("nullable").asBoolean(), "no nullable enum");
    if (node.has("content")) {
      Set<String> types = new TreeSet<>();
      node.path("content").fieldNames().forEachRemaining(types::add);
      check(rules, types.size() == 1, "one media type");
    }
    if (node.has("requestBody")) {
      check(rules, node.at("/requestBody/required").asBoolean(), "a body is required");
    }
    if (node.path("in").asText().equals("path")) {
      check(rules, node.has("example"), "a path parameter has an example");
    }
    node.path("headers").forEach(header -> check(rules, header.has("schema"), "inline headers"));
    return rules;
  }

  @Test
  void only_a_billing_file_is_not_json() {
    Set<String> types = new TreeSet<>();
    document
        .findValues("content")
        .forEach(content -> content.fieldNames().forEachRemaining(types::add));
    assertThat(types).containsExactly("application/json", "text/csv");
  }

  /** What is added without notice must not stop a client. */
  @Test
  void objects_and_enumerations_of_answers_are_open() {
    List<String> closed = new ArrayList<>();
    Set<String> seen = new TreeSet<>();
    List<JsonNode> next = new ArrayList<>(document.path("paths").findValues("responses"));
    next.add(document.at("/components/responses"));
    while (!next.isEmpty()) {
      JsonNode answer = next.remove(0);
      each(
          "",
          answer,
          (path, node) -> {
            boolean open = node.path("additionalProperties").asBoolean();
            if (node.has("enum") || (node.path("type").asText().equals("object") && !open)) {
              closed.add(seen + path);
            }
            String reference = node.path("$ref").asText();
            if (node.has("$ref") && seen.add(reference)) {
              next.add(document.at(reference.substring(1)));
            }
          });
    }
    assertThat(closed).isEmpty();
    assertThat(seen)
        .contains("#/components/schemas/UsageAggregate", "#/components/schemas/ErrorBody");
    assertThat(document.at("/components/schemas/ErrorBody/properties/code/description").asText())
        .contains("`invalid_filter`", "more may be added");
  }

  private static void check(List<String> rules, boolean kept, String rule) {
    if (!kept) {
      rules.add(rule);
    }
  }

  private static Map<String, String> operations(JsonNode paths) {
    Map<String, String> operations = new TreeMap<>();
    paths
        .properties()
        .forEach(
            path ->
                path.getValue()
                    .properties()
                    .forEach(
                        each ->
                            operations.put(
                                each.getKey() + " " + path.getKey(),
                                each.getValue().path("operationId").asText())));
    return operations;
  }

  private static void each(String path, JsonNode node, BiConsumer<String, JsonNode> visitor) {
    visitor.accept(path, node);
    node.properties().forEach(each -> each(path + "/" + each.getKey(), each.getValue(), visitor));
    if (node.isArray()) {
      node.forEach(each -> each(path + "/*", each, visitor));
    }
  }
}
