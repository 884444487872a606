package io.usageapi.usage;

import static io.usageapi.fixture.Organization.anOrganization;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.Page;
import io.usageapi.fixture.RatedRecord;
import io.usageapi.fixture.TestPostgres;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Contract, "include": the word that came for a unit that is {@code OTHER}. */
@QuarkusTest
class UnitWordTest {
  private static final String INCLUDED = "?order_by=product_id%3Aasc&include=unit_word";

  /** By product: a word, another, none, and a unit that needs none. */
  private static final List<String> WORDS = Arrays.asList("GB-Hours", "=x", null, null);

  private final Organization acme = anOrganization();

  @BeforeEach
  void fourUnits() throws SQLException {
    acme.hasSent(other("a", 1), other("b", 2), other("c", 4), aRecord().of("d").units(8));
    // Only imports bring a word.
    TestPostgres.storeUnitWord(acme.id(), "a", WORDS.get(0));
    TestPostgres.storeUnitWord(acme.id(), "b", WORDS.get(1));
  }

  private static RatedRecord other(String product, int units) {
    return aRecord().of(product).with("unit", "OTHER").units(units).amount(units);
  }

  @ParameterizedTest
  @ValueSource(strings = {Api.USAGE, Api.DAYS})
  void it_is_the_last_field_of_an_aggregate_in_every_format(String path) {
    for (String type : List.of("application/json", "application/hal+json")) {
      List<Map<String, Object>> rows = acme.pageOf(path, "include", "unit_word").walk("next");
      assertThat(rows)
          .hasSize(4)
          .allSatisfy(
              row -> assertThat(new ArrayList<>(row.keySet())).last().isEqualTo("unit_word"));
      read(type, path + INCLUDED)
          .body("_embedded.usage.unit_word", equalTo(WORDS))
          .body("_embedded.usage.unit", contains("OTHER", "OTHER", "OTHER", "MINUTES"));
      String one = path + "/" + rows.get(0).get("id");
      read(type, one + "?include=unit_word")
          .body("unit_word", equalTo(rows.get(0).get("unit_word")));
    }
    assertThat(text("text/csv", path + INCLUDED).lines().map(line -> line.replaceAll(".*,", "")))
        .containsExactly("unit_word", "GB-Hours", "'=x", "", "");
    assertThat(
            text("application/x-ndjson", path + INCLUDED)
                .lines()
                .map(line -> line.replaceAll(".*\"unit_word\":", "")))
        .containsExactly("\"GB-Hours\"}", "\"=x\"}", "null}", "null}");
    assertThat(text("application/json", path)).doesNotContain("unit_word");
    read("application/json", path + "?include=unit_word,updated_at")
        .body("_embedded.usage[0].updated_at", notNullValue());
  }

  @Test
  void totals_are_divided_by_it_and_those_of_one_word_have_a_number() {
    acme.hasSent(other("e", 16));

    assertThat(text("text/csv", Api.TOTALS + "?group_by=unit"))
        .isEqualTo(
            """
            currency,unit,number_of_units,total_amount,share
            EUR,MINUTES,8,1,0.041667
            EUR,OTHER,,23,0.958333
            """
                .replace("\n", "\r\n"));
    assertThat(text("text/csv", Api.TOTALS + "?group_by=unit&include=unit_word"))
        .isEqualTo(
            """
            currency,unit,unit_word,number_of_units,total_amount,share
            EUR,MINUTES,,8,1,0.041667
            EUR,OTHER,,,20,0.833333
            EUR,OTHER,'=x,2,2,0.083333
            EUR,OTHER,GB-Hours,1,1,0.041667
            """
                .replace("\n", "\r\n"));
  }

  @ParameterizedTest
  @CsvSource({"unit_word:asc", "unit_word:desc", "total_amount:desc"})
  void totals_are_walked_by_it_both_ways(String order) {
    List<Object> all =
        Api.column(
            acme.totals("group_by", "unit", "include", "unit_word", "order_by", order).walk("next"),
            "unit_word");
    Page first =
        acme.totals("group_by", "unit", "include", "unit_word", "order_by", order, "per_page", 1);

    assertThat(all).hasSize(4).contains("GB-Hours", "=x", null);
    assertThat(first.link("next")).contains("include=unit_word");
    assertThat(Api.column(first.walk("next"), "unit_word")).isEqualTo(all);
  }

  @Test
  void totals_with_it_take_no_cursor_of_totals_without_it() {
    String next = acme.totals("group_by", "unit", "per_page", 1).link("next");
    acme.asReader()
        .urlEncodingEnabled(false)
        .get(next + "&include=unit_word")
        .then()
        .statusCode(400)
        .body("code", equalTo("invalid_cursor"));
  }

  private String text(String type, String target) {
    return read(type, target).extract().asString();
  }

  private ValidatableResponse read(String type, String target) {
    return acme.asReader()
        .urlEncodingEnabled(false)
        .accept(type)
        .get(target)
        .then()
        .statusCode(200);
  }
}
