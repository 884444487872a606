package io.usageapi.usage;

import static io.usageapi.fixture.Organization.anOrganization;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.Page;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class UsagePageTest {
  private static final int AGGREGATES = 23;

  private final Organization acme = anOrganization();

  @BeforeEach
  void an_organization_with_usage() {
    List<String> accounts = List.of(acme.account("a"), acme.account("b"), acme.account("ö"));
    acme.sends(
        IntStream.range(0, AGGREGATES)
            .mapToObj(
                i ->
                    aRecord()
                        .account(accounts.get(i % 3))
                        .of("p" + i % 5)
                        .in("2026-0" + (1 + i % 4))
                        .with("description", "n" + i))
            .toList());
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
    Page first = acme.page("order_by", order, "per_page", 5);

    List<Map<String, Object>> forward = first.walk("next");
    List<Map<String, Object>> backward = first.last().walk("prev");

    List<Map<String, Object>> sorted = new ArrayList<>(forward);
    sorted.sort(order.endsWith("desc") ? comparator.reversed() : comparator);
    assertThat(forward).hasSize(AGGREGATES).isEqualTo(sorted);
    assertThat(backward).isEqualTo(forward);
  }

  @Test
  void the_first_page_has_next_and_no_prev() {
    Page page = acme.page("per_page", 10);

    assertThat(page.count()).isEqualTo(10);
    assertThat(page.json().getInt("per_page")).isEqualTo(10);
    assertThat(page.names("$"))
        .containsExactly(
            "first", "last", "next", "self", "show", "count", "per_page", "_embedded", "_links");
    assertThat(page.names("_links")).containsExactly("first", "last", "next", "self", "changes");
    assertThat(page.link("show")).isEqualTo(page.link("self"));
  }

  @Test
  void an_aggregate_has_exactly_the_fields_of_the_contract_in_their_order() {
    Map<String, Object> aggregate = acme.page().row();

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
    Page first = acme.page("per_page", 10);

    Page last = first.last();

    assertThat(last.count()).isEqualTo(10);
    assertThat(last.link("next")).isNull();
    assertThat(last.link("prev")).isNotNull();
  }

  @Test
  void walking_prev_the_page_at_the_start_may_be_short() {
    Page page = acme.page("per_page", 10);
    page = page.last();
    page = page.prev();

    page = page.prev();

    assertThat(page.count()).isEqualTo(3);
    assertThat(page.link("prev")).isNull();
    assertThat(page.link("next")).isNotNull();
  }

  @Test
  void a_page_by_number_is_a_jump_into_the_same_order() {
    List<Map<String, Object>> all = acme.walk();

    Page third = acme.page("per_page", 5, "page", 3);

    assertThat(third.rows()).isEqualTo(all.subList(10, 15));
    assertThat(third.prev().rows()).isEqualTo(all.subList(5, 10));
    assertThat(third.next().rows()).isEqualTo(all.subList(15, 20));
    assertThat(third.follow("self").rows()).isEqualTo(all.subList(10, 15));
  }

  @Test
  void past_the_end_a_page_is_empty_and_prev_is_last() {
    Page page = acme.page("page", 9);

    assertThat(page.rows()).isEmpty();
    assertThat(page.link("next")).isNull();
    assertThat(page.link("prev")).isEqualTo(page.link("last"));
  }

  @Test
  void an_empty_result_has_only_first_last_self_show_and_where_a_mirror_starts() {
    Page page = anOrganization().page();

    assertThat(page.count()).isZero();
    assertThat(page.names("_links")).containsExactly("first", "last", "self", "changes");
  }

  @Test
  void links_keep_the_filter_the_order_and_the_size() {
    String filter = "account_id in ('" + acme + "-a','" + acme + "-ö') and month ne '2026-04'";
    Page first = acme.page("filter", filter, "order_by", "month:asc", "per_page", 2);

    List<Map<String, Object>> rows = first.walk("next");

    assertThat(first.link("next")).contains("%20").doesNotContain("+");
    assertThat(rows).hasSizeGreaterThan(4);
    assertThat(rows)
        .allSatisfy(
            row -> {
              assertThat(row.get("month")).isNotEqualTo("2026-04");
              assertThat(row.get("account_id")).isNotEqualTo(acme + "-b");
            });
    assertThat(first.last().walk("prev")).isEqualTo(rows);
  }

  @Test
  void walking_while_records_land_sees_all_that_was_there_exactly_once() {
    List<Map<String, Object>> before = acme.walk();
    Page page = acme.page("per_page", 3);
    List<Object> seen = new ArrayList<>(page.column("id"));

    while (page.link("next") != null) {
      acme.sends(aRecord().account(acme + "-a").with("description", "late" + seen.size()));
      page = page.next();
      seen.addAll(page.column("id"));
    }

    assertThat(seen).doesNotHaveDuplicates();
    assertThat(seen).containsAll(Api.column(before, "id"));
  }

  @Test
  void a_cursor_of_another_organization_is_just_a_position() {
    Page foreign = acme.page("per_page", 5);
    Organization other = anOrganization();
    other.sends(aRecord());

    Page page = other.follow(foreign.link("last"));

    assertThat(page.column("account_id")).containsExactly(other.account());
  }

  @Test
  void one_aggregate_is_read_by_its_id_and_only_by_its_organization() {
    Map<String, Object> aggregate = acme.page().row();

    Page one = acme.follow(Api.USAGE + "/" + aggregate.get("id"));

    assertThat(one.json().<String, Object>getMap("$")).isEqualTo(aggregate);
    for (String id : List.of(aggregate.get("id").toString(), "0".repeat(32), "nonsense")) {
      anOrganization()
          .asReader()
          .get(Api.USAGE + "/{id}", id)
          .then()
          .statusCode(404)
          .body("code", org.hamcrest.Matchers.equalTo("not_found"));
    }
  }

  @Test
  void following_self_gives_the_same_position_wherever_one_is() {
    Page first = acme.page("per_page", 5, "order_by", "month:asc");
    Page second = first.next();
    Page last = first.last();
    Page beforeLast = last.prev();

    for (Page page : List.of(first, second, last, beforeLast)) {
      for (String link : List.of("self", "show", "_links.self")) {
        assertThat(page.follow(link).json().<Object>get()).isEqualTo(page.json().<Object>get());
      }
      for (String link : List.of("first", "last", "next", "prev", "self")) {
        assertThat(page.link("_links." + link)).isEqualTo(page.link(link));
      }
    }
    assertThat(first.link("self")).doesNotContain("cursor");
    assertThat(second.link("first")).isEqualTo(first.link("self"));
  }

  @Test
  void what_is_beyond_a_page_comes_and_goes_and_the_links_with_it() {
    Page first = acme.page("per_page", 10);
    Page second = first.next();
    Page third = second.next();

    assertThat(second.link("prev")).isNotNull();
    assertThat(third.link("next")).isNull();
    assertThat(third.link("prev")).isNotNull();
    Page back = third.prev();
    assertThat(back.rows()).isEqualTo(second.rows());
    assertThat(back.link("next")).isNotNull();
  }

  @Test
  void a_jump_over_exactly_100000_is_taken_and_one_further_is_not() {
    assertThat(acme.page("page", 2001).count()).isZero();
    assertThat(acme.page("page", 100_001, "per_page", 1).count()).isZero();
    for (Map<String, Integer> beyond :
        List.of(Map.of("page", 2002, "per_page", 50), Map.of("page", 100_002, "per_page", 1))) {
      acme.asReader()
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
    Page first = acme.page("per_page", 5);
    List<Map<String, Object>> all = acme.walk();

    Page next = acme.follow(first.link("next").replace("per_page=5", "per_page=7"));

    assertThat(next.rows()).isEqualTo(all.subList(5, 12));
  }
}
