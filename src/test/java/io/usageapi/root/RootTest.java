package io.usageapi.root;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.test.junit.QuarkusTest;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Document;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The root of the API. */
@QuarkusTest
class RootTest {
  @ParameterizedTest
  @ValueSource(strings = {"application/json", "application/hal+json"})
  void anybody_finds_every_resource_of_the_document_and_its_parameters(String type)
      throws IOException {
    Map<String, List<String>> found = new TreeMap<>();
    for (JsonNode link : links(type)) {
      String template = link.path("href").asText().replaceFirst("https?://[^/]+", "");
      assertThat(link.path("templated").asBoolean()).isEqualTo(template.contains("{"));
      String path = template.replaceFirst("\\{\\?.*", "");
      String query = template.substring(path.length()).replaceAll("[{}?]", "");
      found.put(path, query.isEmpty() ? List.of() : List.of(query.split(",", -1)));
    }
    List<String> expected = new ArrayList<>(Document.pathNames());
    expected.addAll(List.of("/q/openapi", "/explorer/"));

    assertThat(found.keySet()).containsExactlyInAnyOrderElementsOf(expected);
    found.forEach(
        (path, parameters) -> assertThat(parameters(path)).as(path).containsAll(parameters));
  }

  @Test
  void its_links_are_absolute_and_it_takes_no_parameters() throws IOException {
    assertThat(links("application/json").path("account").path("href").asText())
        .matches("http://localhost:\\d+/express/accounts/\\{id}");
    Api.anonymous().get("/express?nonsense=1").then().statusCode(400);
    Api.anonymous().post("/express").then().statusCode(405);
  }

  private static List<String> parameters(String path) {
    List<String> names = new ArrayList<>();
    Document.operation("GET", path)
        .ifPresent(
            get ->
                get.path("parameters")
                    .forEach(each -> names.add(Document.resolved(each).path("name").asText())));
    return names;
  }

  private static JsonNode links(String type) throws IOException {
    String root =
        Api.anonymous()
            .accept(type)
            .get("/express")
            .then()
            .statusCode(200)
            .contentType(type)
            .extract()
            .asString();
    return new ObjectMapper().readTree(root).path("_links");
  }
}
