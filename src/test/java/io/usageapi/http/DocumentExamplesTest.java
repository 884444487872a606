package io.usageapi.http;

import static io.usageapi.fixture.Organization.anOrganization;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.test.junit.QuarkusTest;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Document;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.Tokens;
import org.junit.jupiter.api.Test;

/** The server accepts the examples of the document. */
@QuarkusTest
class DocumentExamplesTest {
  private static final ObjectMapper JSON = new ObjectMapper();

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
