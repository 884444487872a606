package io.usageapi.http;

import static org.hamcrest.Matchers.equalTo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.test.junit.QuarkusTest;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Document;
import io.usageapi.fixture.Tokens;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The examples of the document are sent, and are taken. */
@QuarkusTest
class DocumentExamplesTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void an_account_and_a_record_made_of_the_examples_are_taken_and_read_back() {
    String organization = Api.newOrganization();
    ObjectNode account = exampleOf("AccountBody");
    account.put("organization_id", organization);
    Api.as(Tokens.operator())
        .contentType("application/json")
        .body(account.toString())
        .put(Api.ACCOUNTS + "/{id}", organization)
        .then()
        .statusCode(201)
        .body(
            "name",
            equalTo(Document.schema("AccountBody").at("/properties/name/examples/0").asText()));

    ObjectNode record = exampleOf("UsageRecord");
    record.put("account_id", organization);
    record.put("organization_id", organization);
    Api.as(Tokens.operator())
        .contentType("application/json")
        .body(JSON.createObjectNode().set("records", JSON.createArrayNode().add(record)).toString())
        .post(Api.RECORDS)
        .then()
        .statusCode(200)
        .body("accepted", equalTo(1));

    List<Map<String, Object>> rows = Api.walk(Tokens.reader(organization), Map.of());
    org.assertj.core.api.Assertions.assertThat(rows.get(0).get("product_id"))
        .isEqualTo(record.get("product_id").asText());
  }

  @Test
  void an_event_made_of_the_examples_is_taken() {
    String organization = Api.newOrganization();
    Api.provision(organization, organization);
    ObjectNode event = exampleOf("UsageEvent");
    ((ObjectNode) event.get("data")).put("account_id", organization);

    Api.post(
            Tokens.operator(),
            "application/cloudevents-batch+json",
            JSON.createArrayNode().add(event).toString())
        .then()
        .statusCode(200)
        .body("accepted", equalTo(1));
  }

  @Test
  void the_csv_of_the_example_is_taken() {
    String organization = Api.newOrganization();
    Api.provision(organization, organization);
    String csv =
        Document.operation("POST", Api.RECORDS)
            .orElseThrow()
            .path("requestBody")
            .path("content")
            .path("text/csv")
            .path("example")
            .asText();

    Api.post(Tokens.operator(), "text/csv", csv.replace("acme-eu", organization))
        .then()
        .statusCode(200)
        .body("accepted", equalTo(1));
  }

  /** Every field by its example; where it is one of an enumeration, by the first. */
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
