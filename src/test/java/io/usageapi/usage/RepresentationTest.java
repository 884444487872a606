package io.usageapi.usage;

import static io.usageapi.fixture.Organization.anOrganization;
import static io.usageapi.fixture.RatedRecord.FOCUS_HEADER;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static io.usageapi.fixture.RatedRecord.focusRow;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Import;
import io.usageapi.fixture.Organization;
import io.usageapi.text.DecimalText;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The same answers in other forms: decimals as text, and HAL. */
@QuarkusTest
class RepresentationTest {
  private static final String TEXT = ";IEEE754Compatible=true";
  private static final String HAL = "application/hal+json";

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

  private final Organization acme = anOrganization();
  private String id;
  private String day;

  @BeforeEach
  void usage_that_no_double_holds() {
    acme.hasSent(
        aRecord()
            .with("price", "0.1")
            .units("16777217")
            .amount("123456789012345678901234567890.000000000000000001"),
        aRecord().in("2026-02").amount("-0.30"));
    Import.of(acme.writer(), "bill")
        .put(FOCUS_HEADER + focusRow(acme, acme.account(), "s", "2026-01-01T00:00:00Z", "0.1"));
    id = acme.page("filter", "type eq 'CALL' and month eq '2026-01'").row().get("id").toString();
    day = acme.days("filter", "day eq '2026-01-15'").row().get("id").toString();
  }

  private String target(String path) {
    return path.replace("{id}", id).replace("{day}", day);
  }

  private JsonNode read(String path, String accept, String type) throws IOException {
    Response response =
        Api.as(acme.granted("express-accounts-usage:read express-accounts-usage:write"))
            .accept(accept)
            .get(target(path));
    assertThat(response.statusCode()).as(response.asString()).isEqualTo(200);
    assertThat(response.contentType()).isEqualTo(type + ";charset=UTF-8");
    return JSON.readTree(response.asString());
  }

  /** With the numbers that are no counts as strings of the same digits, and no other difference. */
  @ParameterizedTest
  @CsvSource({
    "/express/usage/month, 9, application/json",
    "/express/usage/month, 9, application/hal+json",
    "/express/usage/month/{id}, 3, application/json",
    "/express/usage/month/{id}, 3, application/hal+json",
    "/express/usage/month/{id}/records, 3, application/json",
    "/express/usage/day, 9, application/json",
    "/express/usage/day/{day}, 3, application/json",
    "/express/usage/month/totals?group_by=type, 6, application/json",
    "/express/usage/month/changes?month=2026-02&group_by=account_id, 7, application/json",
    "/express/usage/imports/bill, 1, application/json",
  })
  void decimals_are_strings_of_the_same_digits_when_asked_for(String path, int most, String type)
      throws IOException {
    JsonNode plain = read(path, type, type);
    JsonNode text = read(path, type + TEXT, type + TEXT);

    assertThat(asText(plain)).isBetween(1, most);
    assertThat(text).isEqualTo(plain);
    assertThat(read(path, type + ", " + type + TEXT + ";q=0.9", type)).isNotEqualTo(plain);
  }

  /** Makes decimals strings, and says how many there were. */
  private static int asText(JsonNode node) {
    int made = 0;
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      boolean isCount = field.getKey().matches("count|per_page|rows");
      if (field.getValue().isNumber() && !isCount) {
        String digits = DecimalText.plain(field.getValue().decimalValue());
        ((ObjectNode) node).put(field.getKey(), digits);
        made++;
      }
      made += asText(((ObjectNode) node).get(field.getKey()));
    }
    if (node.isArray()) {
      for (JsonNode each : node) {
        made += asText(each);
      }
    }
    return made;
  }

  @Test
  void an_error_has_no_decimals() {
    acme.asReader()
        .accept("application/json" + TEXT)
        .get(Api.USAGE + "?page=0")
        .then()
        .statusCode(400)
        .contentType("application/json");
  }

  @ParameterizedTest
  @ValueSource(strings = {Api.USAGE, Api.DAYS})
  void in_hal_each_aggregate_has_links_that_lead_to_it_and_to_its_records(String path)
      throws IOException {
    JsonNode page = read(path, HAL, HAL);
    JsonNode plain = read(path, "*/*", "application/json");

    assertThat(page.at("/_embedded/usage")).hasSize(3);
    for (JsonNode aggregate : page.at("/_embedded/usage")) {
      JsonNode links = aggregate.path("_links");
      JsonNode itself = read(href(links, "self"), HAL, HAL);
      assertThat(itself).isEqualTo(aggregate);
      assertThat(read(href(links, "records"), HAL, HAL).path("count").intValue()).isEqualTo(1);
      if (path.equals(Api.DAYS)) {
        JsonNode month = read(href(links, "month"), HAL, HAL);
        assertThat(month.at("/_links/records")).isEqualTo(links.path("records"));
      }
      JsonNode unused = ((ObjectNode) aggregate).remove("_links");
    }
    // Nothing else differs, and nothing of it is in the published shape.
    assertThat(page).isEqualTo(plain);
  }

  private static String href(JsonNode links, String relation) {
    String href = links.path(relation).path("href").textValue();
    assertThat(href).startsWith("http://localhost:");
    return href.replaceFirst("http://[^/]+", "");
  }

  @Test
  void in_hal_what_has_no_address_has_no_links() throws IOException {
    for (String path :
        List.of(Api.TOTALS, Api.CHANGES + "?month=2026-02", Api.USAGE + "/{id}/records")) {
      assertThat(read(path, HAL, HAL)).isEqualTo(read(path, "*/*", "application/json"));
    }
  }
}
