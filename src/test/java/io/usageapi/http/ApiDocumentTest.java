package io.usageapi.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.ServerResource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The OpenAPI document is a promise: a change of it is a change of a file, seen in review. */
@QuarkusTest
@QuarkusTestResource(ServerResource.class)
class ApiDocumentTest {
  private static final Path COMMITTED = Path.of("docs", "openapi.yaml");

  @Test
  void the_document_is_the_committed_one() throws IOException {
    String served = Api.anonymous().accept("application/yaml").get("/q/openapi").asString();

    if (Boolean.getBoolean("openapi.update")) {
      Files.writeString(COMMITTED, served);
    }
    assertThat(served)
        .as("run the tests with -Dopenapi.update=true and look at what changed")
        .isEqualTo(Files.readString(COMMITTED));
  }

  @Test
  void every_operation_parameter_and_field_is_described() throws IOException {
    JsonNode document =
        new ObjectMapper().readTree(Api.anonymous().get("/q/openapi?format=json").asString());
    List<String> undescribed = new ArrayList<>();

    document
        .path("paths")
        .properties()
        .forEach(
            path ->
                path.getValue()
                    .properties()
                    .forEach(
                        operation -> {
                          String name = operation.getKey() + " " + path.getKey();
                          require(operation.getValue(), name, undescribed);
                          operation
                              .getValue()
                              .path("parameters")
                              .forEach(
                                  parameter ->
                                      require(
                                          parameter.has("$ref")
                                              ? document.at(
                                                  parameter.path("$ref").asText().substring(1))
                                              : parameter,
                                          name + " " + parameter.path("name"),
                                          undescribed));
                          assertThat(operation.getValue().path("operationId").asText())
                              .isNotEmpty();
                          assertThat(operation.getValue().path("responses").properties())
                              .extracting(response -> response.getKey())
                              .contains("400", "401", "403", "406", "429", "500", "503");
                        }));
    document
        .path("components")
        .path("schemas")
        .properties()
        .forEach(
            schema ->
                schema
                    .getValue()
                    .path("properties")
                    .properties()
                    .forEach(
                        field ->
                            require(
                                field.getValue(),
                                schema.getKey() + "." + field.getKey(),
                                undescribed)));

    assertThat(undescribed).isEmpty();
  }

  @Test
  void names_are_in_snake_case() throws IOException {
    JsonNode schemas =
        new ObjectMapper()
            .readTree(Api.anonymous().get("/q/openapi?format=json").asString())
            .path("components")
            .path("schemas");

    schemas.forEach(
        schema ->
            schema
                .path("properties")
                .fieldNames()
                .forEachRemaining(
                    name ->
                        assertThat(Set.of("_links", "_embedded").contains(name) ? "x" : name)
                            .matches("[a-z][a-z_]*")));
  }

  @Test
  void every_field_that_is_a_value_has_an_example() throws IOException {
    List<String> without = new ArrayList<>();
    new ObjectMapper()
        .readTree(Api.anonymous().get("/q/openapi?format=json").asString())
        .path("components")
        .path("schemas")
        .properties()
        .forEach(
            schema ->
                schema
                    .getValue()
                    .path("properties")
                    .properties()
                    .forEach(
                        field -> {
                          JsonNode value = field.getValue();
                          boolean holder =
                              value.has("items")
                                  || value.path("$ref").asText().matches(".*(Link|Links|Embedded)");
                          if (!holder && !value.has("examples")) {
                            without.add(schema.getKey() + "." + field.getKey());
                          }
                        }));

    assertThat(without).isEmpty();
  }

  private static void require(JsonNode node, String name, List<String> undescribed) {
    if (node.path("description").asText().isEmpty()) {
      undescribed.add(name);
    }
  }
}
