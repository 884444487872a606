package io.usageapi.usage;

import static io.usageapi.fixture.RatedRecord.aRecord;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.ServerResource;
import io.usageapi.fixture.Tokens;
import io.usageapi.fixture.RatedRecord;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(ServerResource.class)
class UsagePageTest {
  private static final int AGGREGATES = 23;

  private String organization;
  private String token;

  @BeforeEach
  void an_organization_with_usage() {
    organization = Api.newOrganization();
    token = Tokens.reader(organization);
    List<String> accounts = List.of(organization + "-a", organization + "-b", organization + "-ö");
    Api.provision(organization, accounts.toArray(String[]::new));
    List<RatedRecord> records =
        IntStream.range(0, AGGREGATES)
            .mapToObj(
                i ->
                    aRecord()
                        .account(accounts.get(i % 3))
                        .of("p" + i % 5)
                        .in("2026-0" + (1 + i % 4))
                        .with("description", "n" + i))
            .toList();
    Api.send(Tokens.operator(), records).then().statusCode(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "id:desc",
        "id:asc",
        "month:desc",
        "month:asc",
        "account_id:desc",
        "account_id:asc",
        "product_id:desc",
        "product_id:asc"
      })
  void next_and_prev_see_every_aggregate_once_in_every_order(String order) {
    String field = order.substring(0, order.indexOf(':'));
    Comparator<Map<String, Object>> comparator =
        Comparator.<Map<String, Object>, String>comparing(row -> (String) row.get(field))
            .thenComparing(row -> (String) row.get("id"));
    JsonPath first = Api.page(token, Map.of("order_by", order, "per_page", 5));

    List<Map<String, Object>> forward = Api.walk(token, first, "next");
    List<Map<String, Object>> backward =
        Api.walk(token, Api.follow(token, first.getString("last.href")), "prev");

    List<Map<String, Object>> sorted = new ArrayList<>(forward);
    sorted.sort(order.endsWith("desc") ? comparator.reversed() : comparator);
    assertThat(forward).hasSize(AGGREGATES).isEqualTo(sorted);
    assertThat(backward).isEqualTo(forward);
  }

  @Test
  void the_first_page_has_next_and_no_prev() {
    JsonPath page = Api.page(token, Map.of("per_page", 10));

    assertThat(page.getInt("count")).isEqualTo(10);
    assertThat(page.getInt("per_page")).isEqualTo(10);
    assertThat(page.getMap("$").keySet())
        .map(Object::toString)
        .containsExactly(
            "first", "last", "next", "self", "show", "count", "per_page", "_embedded", "_links");
    assertThat(page.getMap("_links").keySet())
        .map(Object::toString)
        .containsExactly("first", "last", "next", "self");
    assertThat(page.getString("show.href")).isEqualTo(page.getString("self.href"));
  }

  @Test
  void an_aggregate_has_exactly_the_fields_of_the_contract_in_their_order() {
    Map<String, Object> aggregate = Api.page(token, Map.of()).getMap("_embedded.usage[0]");

    assertThat(aggregate.keySet())
        .containsExactly(
            "id",
            "account_id",
            "product_id",
            "aggr_product_id",
            "month",
            "type",
            "description",
            "currency",
            "direction",
            "resolution",
            "unit",
            "price",
            "wallet_name",
            "number_of_units",
            "total_amount");
    assertThat((String) aggregate.get("id")).matches("[0-9a-f]{32}");
  }

  @Test
  void the_last_page_is_full_and_has_prev_but_no_next() {
    JsonPath first = Api.page(token, Map.of("per_page", 10));

    JsonPath last = Api.follow(token, first.getString("last.href"));

    assertThat(last.getInt("count")).isEqualTo(10);
    assertThat(last.getString("next.href")).isNull();
    assertThat(last.getString("prev.href")).isNotNull();
  }

  @Test
  void walking_prev_the_page_at_the_start_may_be_short() {
    JsonPath page = Api.page(token, Map.of("per_page", 10));
    page = Api.follow(token, page.getString("last.href"));
    page = Api.follow(token, page.getString("prev.href"));

    page = Api.follow(token, page.getString("prev.href"));

    assertThat(page.getInt("count")).isEqualTo(3);
    assertThat(page.getString("prev.href")).isNull();
    assertThat(page.getString("next.href")).isNotNull();
  }

  @Test
  void a_page_by_number_is_a_jump_into_the_same_order() {
    List<Map<String, Object>> all = Api.walk(token, Map.of());

    JsonPath third = Api.page(token, Map.of("per_page", 5, "page", 3));

    assertThat(third.getList("_embedded.usage")).isEqualTo(all.subList(10, 15));
    assertThat(Api.follow(token, third.getString("prev.href")).getList("_embedded.usage"))
        .isEqualTo(all.subList(5, 10));
    assertThat(Api.follow(token, third.getString("next.href")).getList("_embedded.usage"))
        .isEqualTo(all.subList(15, 20));
    assertThat(Api.follow(token, third.getString("self.href")).getList("_embedded.usage"))
        .isEqualTo(all.subList(10, 15));
  }

  @Test
  void past_the_end_a_page_is_empty_and_prev_is_last() {
    JsonPath page = Api.page(token, Map.of("page", 9));

    assertThat(page.getList("_embedded.usage")).isEmpty();
    assertThat(page.getString("next.href")).isNull();
    assertThat(page.getString("prev.href")).isEqualTo(page.getString("last.href"));
  }

  @Test
  void an_empty_result_has_only_first_last_self_and_show() {
    JsonPath page = Api.page(Tokens.reader(Api.newOrganization()), Map.of());

    assertThat(page.getInt("count")).isZero();
    assertThat(page.getMap("_links").keySet())
        .map(Object::toString)
        .containsExactly("first", "last", "self");
  }

  @Test
  void links_keep_the_filter_the_order_and_the_size() {
    String filter =
        "account_id in ('" + organization + "-a','" + organization + "-ö') and month ne '2026-04'";
    Map<String, Object> query = Map.of("filter", filter, "order_by", "month:asc", "per_page", 2);
    JsonPath first = Api.page(token, query);

    List<Map<String, Object>> rows = Api.walk(token, first, "next");

    assertThat(first.getString("next.href")).contains("%20").doesNotContain("+");
    assertThat(rows).hasSizeGreaterThan(4);
    assertThat(rows)
        .allSatisfy(
            row -> {
              assertThat(row.get("month")).isNotEqualTo("2026-04");
              assertThat(row.get("account_id")).isNotEqualTo(organization + "-b");
            });
    List<Map<String, Object>> backward =
        Api.walk(token, Api.follow(token, first.getString("last.href")), "prev");
    assertThat(backward).isEqualTo(rows);
  }

  @Test
  void walking_while_records_land_sees_all_that_was_there_exactly_once() {
    List<Map<String, Object>> before = Api.walk(token, Map.of());
    JsonPath page = Api.page(token, Map.of("per_page", 3));
    List<Object> seen = new ArrayList<>(page.getList("_embedded.usage.id"));

    while (page.getString("next.href") != null) {
      Api.send(aRecord().account(organization + "-a").with("description", "late" + seen.size()))
          .then()
          .statusCode(200);
      page = Api.follow(token, page.getString("next.href"));
      seen.addAll(page.getList("_embedded.usage.id"));
    }

    assertThat(seen).doesNotHaveDuplicates();
    assertThat(seen).containsAll(before.stream().map(row -> row.get("id")).toList());
  }

  @Test
  void a_cursor_of_another_organization_is_just_a_position() {
    JsonPath foreign = Api.page(token, Map.of("per_page", 5));
    String other = Api.newOrganization();
    Api.provision(other, other + "-x");
    Api.send(aRecord().account(other + "-x")).then().statusCode(200);

    List<String> accounts =
        Api.follow(Tokens.reader(other), foreign.getString("last.href"))
            .getList("_embedded.usage.account_id");

    assertThat(accounts).isEqualTo(Collections.singletonList(other + "-x"));
  }

  @Test
  void one_aggregate_is_read_by_its_id_and_only_by_its_organization() {
    Map<String, Object> aggregate = Api.page(token, Map.of()).getMap("_embedded.usage[0]");

    JsonPath one = Api.follow(token, Api.USAGE + "/" + aggregate.get("id"));

    assertThat(one.<String, Object>getMap("$")).isEqualTo(aggregate);
    for (String id : List.of(aggregate.get("id").toString(), "0".repeat(32), "nonsense")) {
      Api.as(Tokens.reader(Api.newOrganization()))
          .get(Api.USAGE + "/{id}", id)
          .then()
          .statusCode(404)
          .body("code", org.hamcrest.Matchers.equalTo("not_found"));
    }
  }

  @Test
  void following_self_gives_the_same_position_wherever_one_is() {
    JsonPath first = Api.page(token, Map.of("per_page", 5, "order_by", "month:asc"));
    JsonPath second = Api.follow(token, first.getString("next.href"));
    JsonPath last = Api.follow(token, first.getString("last.href"));
    JsonPath beforeLast = Api.follow(token, last.getString("prev.href"));

    for (JsonPath page : List.of(first, second, last, beforeLast)) {
      for (String link : List.of("self", "show", "_links.self")) {
        assertThat(Api.follow(token, page.getString(link + ".href")).<Object>get())
            .isEqualTo(page.<Object>get());
      }
      for (String link : List.of("first", "last", "next", "prev", "self")) {
        assertThat(page.getString("_links." + link + ".href"))
            .isEqualTo(page.getString(link + ".href"));
      }
    }
    assertThat(first.getString("self.href")).doesNotContain("cursor");
    assertThat(second.getString("first.href")).isEqualTo(first.getString("self.href"));
  }

  @Test
  void what_is_beyond_a_page_comes_and_goes_and_the_links_with_it() {
    JsonPath first = Api.page(token, Map.of("per_page", 10));
    JsonPath second = Api.follow(token, first.getString("next.href"));
    JsonPath third = Api.follow(token, second.getString("next.href"));

    assertThat(second.getString("prev.href")).isNotNull();
    assertThat(third.getString("next.href")).isNull();
    assertThat(third.getString("prev.href")).isNotNull();
    JsonPath back = Api.follow(token, third.getString("prev.href"));
    assertThat(back.getList("_embedded.usage")).isEqualTo(second.getList("_embedded.usage"));
    assertThat(back.getString("next.href")).isNotNull();
  }

  @Test
  void a_jump_over_exactly_100000_is_taken_and_one_further_is_not() {
    assertThat(Api.page(token, Map.of("page", 2001)).getInt("count")).isZero();
    assertThat(Api.page(token, Map.of("page", 100_001, "per_page", 1)).getInt("count")).isZero();
    for (Map<String, Integer> beyond :
        List.of(Map.of("page", 2002, "per_page", 50), Map.of("page", 100_002, "per_page", 1))) {
      Api.as(token)
          .queryParams(beyond)
          .get(Api.USAGE)
          .then()
          .statusCode(400)
          .body("fields.name", org.hamcrest.Matchers.contains("page"))
          .body("fields[0].description", org.hamcrest.Matchers.containsString("next"));
    }
  }

  @Test
  void a_cursor_is_not_bound_to_the_size_of_the_page() {
    JsonPath first = Api.page(token, Map.of("per_page", 5));
    List<Map<String, Object>> all = Api.walk(token, Map.of());

    JsonPath next =
        Api.follow(token, first.getString("next.href").replace("per_page=5", "per_page=7"));

    assertThat(next.getList("_embedded.usage")).isEqualTo(all.subList(5, 12));
  }
}
