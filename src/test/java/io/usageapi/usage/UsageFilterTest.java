package io.usageapi.usage;

import static io.usageapi.fixture.Organization.anOrganization;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.usageapi.filter.FilterReader;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Organization;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class UsageFilterTest {
  private final Organization acme = anOrganization();
  private final String own = acme + "-own";

  /** Four aggregates, told apart by their description: what a filter selects is a list of them. */
  @BeforeEach
  void four_aggregates() {
    acme.hasAccounts(own);
    acme.sends(
        aRecord().account(own).with("description", "1").with("direction", "INBOUND"),
        aRecord()
            .account(own)
            .with("description", "2")
            .with("direction", "OUTBOUND")
            .with("wallet_name", "50% of_it"),
        aRecord().account(own).with("description", "3").in("2026-03").with("wallet_name", "It's"),
        aRecord()
            .account(own)
            .with("description", "4")
            .in("2025-12")
            .with("currency", "USD")
            .with("type", "MESSAGE")
            .with("unit", "SEGMENTS")
            .with("wallet_name", "é"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "direction eq 'INBOUND'                               | 1",
        "direction ne 'INBOUND'                               | 2 3 4",
        "not direction eq 'INBOUND'                           | 2 3 4",
        "not direction ne 'INBOUND'                           | 1",
        "direction eq null                                    | 3 4",
        "direction ne null                                    | 1 2",
        "not (direction eq null)                              | 1 2",
        "direction in ('INBOUND','OTHER')                     | 1",
        "not direction in ('INBOUND','OTHER')                 | 2 3 4",
        "month ge '2026-01' and month lt '2026-03'            | 1 2",
        "month in ('2025-12', '2026-03')                      | 3 4",
        "month ge '2025-12' and month le '2026-03'            | 1 2 3 4",
        "month gt '2025-12' and month lt '2026-03' and direction eq null | ''",
        "month gt '2026-01' and month lt '2026-02'            | ''",
        "month ge '2026-02' and month le '2026-01'            | ''",
        "type in ('CALL','MESSAGE') and not month in ('2026-03') | 1 2 4",
        "not month gt '2026-01'                               | 1 2 4",
        "MONTH eq '2026-01' or month eq '2026-03'             | !",
        "month EQ '2026-03' OR Month eq '2026-01'             | !",
        "month EQ '2026-03' OR month Eq '2025-12'             | 3 4",
        "not month eq '2026-01' and currency eq 'USD'         | 4",
        "month eq '2026-01' or month eq '2026-03' and currency eq 'USD' | 1 2",
        "contains(wallet_name, '%')                           | 2",
        "contains(wallet_name, '_')                           | 2",
        "not contains(wallet_name, 'i')                       | 1 3 4",
        "wallet_name eq 'It''s'                               | 3",
        "wallet_name gt 'It''s'                               | 4",
        "not wallet_name gt 'It''s'                           | 1 2 3",
        "wallet_name lt 'Z'                                   | 2 3",
        "type ne 'CALL' or unit eq 'SEGMENTS'                 | 4",
        "aggr_product_id eq null and product_id eq 'voice'    | 1 2 3 4",
        "resolution ne 'MISSED'                               | 1 2 3 4",
        "account_id gt 'zzzz'                                 | ''",
        "contains(account_id, 'own')                          | 1 2 3 4",
        "(((((((((((((((((direction eq 'INBOUND'))))))))))))))))) | 1",
      })
  void a_filter_selects_by_two_valued_logic(String filter, String selected) {
    if (selected.equals("!")) {
      filter(filter).then().statusCode(400).body("code", equalTo("invalid_filter"));
      return;
    }
    assertThat(
            acme.walk("filter", filter).stream()
                .map(row -> (String) row.get("description"))
                .sorted()
                .reduce((a, b) -> a + " " + b)
                .orElse("''"))
        .isEqualTo(selected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "account_id eq '%s'",
        "account_id ne '%s'",
        "not account_id eq '%s'",
        "account_id in ('own','%s')",
        "month eq '2026-01' or account_id eq '%s'",
        "month eq '2026-01' and not (direction eq null or account_id ne '%s')",
      })
  void an_account_that_is_not_the_organizations_own_is_403_wherever_it_stands(String filter) {
    String foreignAccount = anOrganization().account("foreign");

    Response foreign = filter(filter.replace("own", own).formatted(foreignAccount));
    Response missing = filter(filter.replace("own", own).formatted("no-such-account"));

    foreign.then().statusCode(403).body("code", equalTo("account_not_in_organization"));
    assertThat(foreign.statusCode()).isEqualTo(missing.statusCode());
    assertThat(foreign.asByteArray()).isEqualTo(missing.asByteArray());
    assertThat(foreign.headers().asList().stream().map(h -> h.getName()).toList())
        .isEqualTo(missing.headers().asList().stream().map(h -> h.getName()).toList());
  }

  @Test
  void ranges_and_contains_search_inside_the_organization_and_are_never_403() {
    filter("account_id ge 'no-such-account' or contains(account_id, 'nothing')")
        .then()
        .statusCode(200);
  }

  @Test
  void an_error_names_the_position_and_what_was_expected() {
    filter("account_id eq")
        .then()
        .statusCode(400)
        .body("code", equalTo("invalid_filter"))
        .body("fields[0].name", equalTo("filter"))
        .body("fields[0].description", containsString("at character 14"))
        .body("fields[0].description", containsString("a literal in single quotes"));
  }

  @Test
  void the_values_of_a_filter_are_never_sql() {
    String filter = "wallet_name eq 'x''; DROP TABLE monthly_usage; --'";

    assertThat(acme.walk("filter", filter)).isEmpty();
    assertThat(acme.walk()).hasSize(4);
  }

  private Response filter(String filter) {
    return acme.asReader().queryParam("filter", filter).get(Api.USAGE);
  }

  @Test
  void every_400_comes_before_the_403_rule() {
    acme.asReader()
        .queryParam("filter", "account_id eq 'no-such-account'")
        .queryParam("per_page", "0")
        .get(Api.USAGE)
        .then()
        .statusCode(400)
        .body("code", equalTo("invalid_parameter"));
  }

  @Test
  void paths_and_names_are_case_sensitive() {
    acme.asReader().get("/Express/usage/month").then().statusCode(404);
    acme.asReader().queryParam("Filter", "x").get(Api.USAGE).then().statusCode(400);
    filter("account_id eq '" + own.toUpperCase(java.util.Locale.ROOT) + "'").then().statusCode(403);
    filter("direction eq 'inbound'").then().statusCode(400);
  }

  @Test
  void sixteen_levels_of_nesting_and_a_hundred_literals_are_taken() {
    String nested = "not (".repeat(16) + "direction eq 'INBOUND'" + ")".repeat(16);
    assertThat(selected(nested)).containsExactly("1");
    String literals =
        IntStream.range(0, 99).mapToObj(i -> "'w" + i + "',").collect(Collectors.joining());
    assertThat(selected("wallet_name in (" + literals + "'é')")).containsExactly("4");
    String compared =
        IntStream.range(0, 99).mapToObj(i -> "unit eq 'GB'or ").collect(Collectors.joining());
    assertThat(selected(compared + "unit eq 'SEGMENTS'")).containsExactly("4");
  }

  @Test
  void a_month_of_any_year_is_compared() {
    assertThat(selected("month gt '0000-01' and month lt '9999-12'")).hasSize(4);
    assertThat(selected("not month in ('0000-12','9999-01')")).hasSize(4);
  }

  private List<String> selected(String filter) {
    return acme.walk("filter", filter).stream()
        .map(row -> (String) row.get("description"))
        .toList();
  }

  @Test
  void the_bounds_of_a_filter_are_documented() {
    String document = Api.anonymous().get("/q/openapi?format=json").asString();

    assertThat(document)
        .contains(
            "At most %d levels of nesting and %d literals"
                .formatted(FilterReader.MAX_DEPTH, FilterReader.MAX_LITERALS));
  }

  @Test
  void an_aggregate_of_another_organization_and_one_that_does_not_exist_are_alike() {
    Object id = acme.page().row().get("id");
    Organization stranger = anOrganization();

    Response foreign = stranger.asReader().get(Api.USAGE + "/" + id);
    Response missing = stranger.asReader().get(Api.USAGE + "/" + "0".repeat(32));

    assertThat(foreign.statusCode()).isEqualTo(missing.statusCode()).isEqualTo(404);
    assertThat(foreign.asByteArray()).isEqualTo(missing.asByteArray());
    assertThat(foreign.headers().asList().stream().map(h -> h.getName()).toList())
        .isEqualTo(missing.headers().asList().stream().map(h -> h.getName()).toList());
  }
}
