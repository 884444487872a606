package io.usageapi.totals;

import static io.usageapi.fixture.Organization.anOrganization;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.Page;
import io.usageapi.fixture.RatedRecord;
import io.usageapi.fixture.RawRequest;
import io.usageapi.fixture.TestPostgres;
import java.math.BigDecimal;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class TotalsTest {
  private static final String EVERY_FIELD =
      "account_id,product_id,aggr_product_id,month,type,direction,resolution,unit,wallet_name";

  @TestHTTPResource URI server;

  private final Organization acme = anOrganization();

  private List<Map<String, Object>> totals(Object... query) {
    return acme.totals(query).walk("next");
  }

  private static List<String> texts(List<Map<String, Object>> rows) {
    return rows.stream().map(row -> row.values().toString()).toList();
  }

  @Test
  void money_is_added_across_units_and_units_are_told_where_a_group_has_only_one() {
    acme.hasSent(
        aRecord().in("2026-01").units("1.5").amount("0.1"),
        aRecord().in("2026-02").of("data").units("2.25").amount("0.02"),
        aRecord().with("currency", "USD").units(4).amount(40),
        aRecord().with("unit", "SECONDS").units(8).amount(80));

    assertThat(texts(totals()))
        .containsExactly("[EUR, null, null, 80.12, 1]", "[USD, MINUTES, 4, 40, 1]");
    assertThat(texts(totals("group_by", "unit")))
        .containsExactly(
            "[EUR, MINUTES, 3.75, 0.12, 0.001498]",
            "[EUR, SECONDS, 8, 80, 0.998502]",
            "[USD, MINUTES, 4, 40, 1]");
    assertThat(texts(totals("group_by", "product_id")))
        .containsExactly(
            "[data, EUR, MINUTES, 2.25, 0.02, 0.00025]",
            "[voice, EUR, null, null, 80.1, 0.99975]",
            "[voice, USD, MINUTES, 4, 40, 1]");
  }

  @Test
  void a_total_has_the_fields_asked_for_in_the_order_of_an_aggregate() {
    acme.hasSent(aRecord());

    assertThat(totals("group_by", "wallet_name,month,product_id").get(0).keySet())
        .containsExactly(
            "product_id",
            "month",
            "currency",
            "unit",
            "wallet_name",
            "number_of_units",
            "total_amount",
            "share");
    assertThat(totals("group_by", EVERY_FIELD).get(0).keySet())
        .containsExactly(
            "account_id",
            "product_id",
            "aggr_product_id",
            "month",
            "type",
            "currency",
            "direction",
            "resolution",
            "unit",
            "wallet_name",
            "number_of_units",
            "total_amount",
            "share");
  }

  @Test
  void other_without_a_word_stands_for_many_units() {
    acme.hasSent(
        aRecord().with("unit", "OTHER").units(1).amount(10),
        aRecord().with("unit", "OTHER").of("b").units(2).amount(20),
        aRecord().with("unit", "GB").units(3).amount(30));

    assertThat(texts(totals("group_by", "unit")))
        .containsExactly("[EUR, GB, 3, 30, 0.5]", "[EUR, OTHER, null, 30, 0.5]");
    assertThat(texts(totals("filter", "unit eq 'OTHER'")))
        .containsExactly("[EUR, null, null, 30, 1]");
  }

  @Test
  void a_share_is_of_what_is_selected_and_null_where_that_is_not_positive() {
    acme.hasSent(
        aRecord().of("a").amount(3),
        aRecord().of("b").amount(-1),
        aRecord().of("c").in("2026-02").amount(6),
        aRecord().of("a").with("currency", "USD").amount(1),
        aRecord().of("b").with("currency", "USD").amount(-1));

    assertThat(
            Api.column(
                totals("group_by", "product_id", "per_page", 1, "order_by", "total_amount:desc"),
                "share"))
        .map(share -> share == null ? null : share.toString())
        .containsExactly(null, null, "0.75", "0.375", "-0.125");
    assertThat(
            Api.column(totals("group_by", "product_id", "filter", "month eq '2026-01'"), "share"))
        .map(share -> share == null ? null : share.toString())
        .containsExactly("1.5", null, "-0.5", null);
  }

  @Test
  void included_fields_say_what_holds_for_the_whole_group() {
    acme.hasSent(
        aRecord().of("a").with("description", "Calls"),
        aRecord().of("a").with("description", "Calls").in("2026-02"),
        aRecord().of("b").with("description", "Calls"),
        aRecord().of("b").with("description", "Texts"),
        aRecord().of("c").with("description", "Calls"),
        aRecord().of("c").with("currency", "EUR").with("unit", "GB"));
    Object[] query = {"group_by", "month,product_id", "include", "updated_at,description"};

    List<Map<String, Object>> rows = totals(query);

    assertThat(Api.column(rows, "description")).containsExactly("Calls", "Calls", null, null);
    assertThat(rows.get(0).keySet()).endsWith("share", "description", "updated_at");
    assertThat(Api.column(rows, "updated_at"))
        .containsOnly(acme.page("include", "updated_at").row().get("updated_at"));
    assertThat(totals("group_by", "month", "include", "month_status").get(0))
        .containsEntry("month_status", "OPEN");
    assertThat(csv("?group_by=month&include=month_status,description,updated_at"))
        .matches(
            "(?s)month,currency,unit,number_of_units,total_amount,share,description,updated_at,"
                + "month_status\r\n2026-01,EUR,,,5,0.833333,,2[-0-9T:.]+Z,OPEN\r\n.*");
  }

  @Test
  void top_ups_are_left_out_and_come_alone_when_they_are_asked_for() {
    acme.hasSent(
        aRecord().amount(1),
        aRecord().with("type", "RECHARGE").amount(10),
        aRecord().with("type", "CREDIT_COMMIT").amount(100),
        aRecord().with("type", "MESSAGE").amount(1000));

    assertThat(texts(totals())).containsExactly("[EUR, MINUTES, 2, 1001, 1]");
    assertThat(texts(totals("kind", "consumption"))).containsExactly("[EUR, MINUTES, 2, 1001, 1]");
    assertThat(texts(totals("kind", "top_up"))).containsExactly("[EUR, MINUTES, 2, 110, 1]");
    assertThat(texts(totals("kind", "top_up", "group_by", "type")))
        .containsExactly(
            "[CREDIT_COMMIT, EUR, MINUTES, 1, 100, 0.909091]",
            "[RECHARGE, EUR, MINUTES, 1, 10, 0.090909]");
  }

  @Test
  void the_kind_counts_beside_the_filter() {
    acme.hasSent(aRecord().amount(1), aRecord().with("type", "RECHARGE").amount(10));

    assertThat(totals("filter", "type eq 'RECHARGE'")).isEmpty();
    assertThat(totals("kind", "top_up", "filter", "type eq 'CALL'")).isEmpty();
    assertThat(texts(totals("filter", "type in ('RECHARGE','CALL') or month ge '2000-01'")))
        .containsExactly("[EUR, MINUTES, 1, 1, 1]");
    assertThat(texts(totals("kind", "top_up", "filter", "not type eq 'CALL'")))
        .containsExactly("[EUR, MINUTES, 1, 10, 1]");
  }

  @Test
  void the_filter_says_what_is_added() {
    acme.hasSent(
        aRecord().of("a").in("2026-01").amount(1),
        aRecord().of("a").in("2026-02").amount(10),
        aRecord().of("b").in("2026-02").amount(100));

    assertThat(texts(totals("group_by", "product_id", "filter", "month eq '2026-02'")))
        .containsExactly(
            "[a, EUR, MINUTES, 1, 10, 0.090909]", "[b, EUR, MINUTES, 1, 100, 0.909091]");
    assertThat(totals("filter", "account_id eq '" + acme + "'")).hasSize(1);
    assertThat(totals("filter", "month eq '1999-01'")).isEmpty();
  }

  @Test
  void corrections_are_added_and_a_total_of_0_stays() {
    acme.hasSent(aRecord().units("2.5").amount("0.3"), aRecord().units("-2.5").amount("-0.30"));

    assertThat(texts(totals())).containsExactly("[EUR, MINUTES, 0, 0, null]");
  }

  @Test
  void sums_lose_no_digit() {
    String large = "999999999999999999999999999999.000000000000000000000000000001";
    acme.hasSent(
        aRecord().of("a").units(large).amount(large),
        aRecord().of("b").units(large).amount(large),
        aRecord().of("c").units("-0.1").amount("-0.1"));

    assertThat(texts(totals()))
        .containsExactly(
            "[EUR, MINUTES, "
                + "1999999999999999999999999999997.900000000000000000000000000002, "
                + "1999999999999999999999999999997.900000000000000000000000000002, 1]");
  }

  @ParameterizedTest
  @CsvSource({
    "direction, INBOUND, OUTBOUND",
    "resolution, ANSWERED, MISSED",
    "aggr_product_id, a, b",
    "wallet_name, a, b"
  })
  void no_value_is_a_group_of_its_own_and_stands_where_an_empty_text_would(
      String field, String low, String high) {
    acme.hasSent(
        aRecord().with(field, high).amount(1),
        aRecord().of("other").amount(2),
        aRecord().amount(4),
        aRecord().with(field, low).amount(8));
    Object[] ascending = {"group_by", field, "per_page", "1"};

    List<Map<String, Object>> forward = totals(ascending);

    assertThat(forward).extracting(row -> row.get(field)).containsExactly(null, low, high);
    assertThat(forward.get(0)).containsKey(field);
    assertThat(Api.sum(forward.subList(0, 1), "total_amount")).isEqualByComparingTo("6");
    assertThat(totals("group_by", field, "per_page", 1, "order_by", field + ":desc"))
        .extracting(row -> row.get(field))
        .containsExactly(high, low, null);
    Page last = acme.totals(ascending).last();
    assertThat(last.walk("prev")).isEqualTo(forward);
  }

  @Test
  void equal_amounts_are_ordered_by_the_rest_of_the_group() {
    acme.hasSent(
        aRecord().of("a").amount(2),
        aRecord().of("b").amount("2.00"),
        aRecord().of("c").amount(10),
        aRecord().of("d").amount(-1),
        aRecord().of("e").amount(2));

    for (String order : List.of("total_amount:asc", "total_amount:desc")) {
      Object[] query = {"group_by", "product_id", "per_page", 2, "order_by", order};
      List<String> products = new ArrayList<>(List.of("d", "a", "b", "e", "c"));
      if (order.endsWith("desc")) {
        Collections.reverse(products);
      }
      assertThat(totals(query)).extracting(row -> row.get("product_id")).isEqualTo(products);
      Page last = acme.totals(query).last();
      assertThat(last.walk("prev")).extracting(row -> row.get("product_id")).isEqualTo(products);
    }
  }

  @Test
  void without_an_order_it_is_by_the_first_field_of_the_group() {
    acme.hasSent(
        aRecord().of("b").in("2026-01"),
        aRecord().of("a").in("2026-02"),
        aRecord().of("a").in("2026-01"));

    assertThat(texts(totals("group_by", "month,product_id")))
        .containsExactly(
            "[a, 2026-01, EUR, MINUTES, 1, 1, 0.333333]",
            "[a, 2026-02, EUR, MINUTES, 1, 1, 0.333333]",
            "[b, 2026-01, EUR, MINUTES, 1, 1, 0.333333]");
    assertThat(texts(totals("group_by", "month,product_id", "order_by", "month:desc")))
        .containsExactly(
            "[a, 2026-02, EUR, MINUTES, 1, 1, 0.333333]",
            "[b, 2026-01, EUR, MINUTES, 1, 1, 0.333333]",
            "[a, 2026-01, EUR, MINUTES, 1, 1, 0.333333]");
  }

  private void five_products() {
    acme.hasSent(
        aRecord().of("a").amount(1),
        aRecord().of("b").amount(2),
        aRecord().of("c").amount(4),
        aRecord().of("d").amount(8),
        aRecord().of("e").amount(16));
  }

  @Test
  void a_page_has_the_members_and_links_of_a_page_of_usage() {
    five_products();
    Object[] query = {"group_by", "product_id", "per_page", 2, "kind", "consumption"};

    Page first = acme.totals(query);
    Page second = first.next();
    Page last = first.last();

    assertThat(first.json().getMap("$").keySet())
        .map(Object::toString)
        .containsExactly(
            "first", "last", "next", "self", "show", "count", "per_page", "_embedded", "_links");
    assertThat(first.json().getMap("_links").keySet())
        .map(Object::toString)
        .containsExactly("first", "last", "next", "self");
    assertThat(first.json().getMap("_embedded").keySet())
        .map(Object::toString)
        .containsExactly("totals");
    assertThat(first.count()).isEqualTo(2);
    assertThat(first.json().getInt("per_page")).isEqualTo(2);
    assertThat(first.link("show")).isEqualTo(first.link("self"));
    assertThat(second.names("_links")).containsExactly("first", "last", "next", "prev", "self");
    assertThat(last.column("product_id")).isEqualTo(List.of("d", "e"));
    assertThat(last.json().getString("next")).isNull();
    assertThat(last.link("prev")).isNotNull();
    assertThat(second.follow("self").json().getString("_embedded"))
        .isEqualTo(second.json().getString("_embedded"));
    assertThat(second.link("first")).isEqualTo(first.link("self"));
    assertThat(first.link("self"))
        .endsWith(Api.TOTALS + "?group_by=product_id&kind=consumption&per_page=2");
  }

  @Test
  void without_totals_there_are_no_links_onward() {
    Page page = acme.totals("group_by", "month");

    assertThat(page.count()).isZero();
    assertThat(page.json().getMap("_links").keySet())
        .map(Object::toString)
        .containsExactly("first", "last", "self");
    assertThat(page.last().count()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "group_by=month",
        "group_by=product_id,month",
        "group_by=product_id&kind=top_up",
        "group_by=product_id&order_by=product_id:desc",
        "group_by=product_id&order_by=total_amount:asc",
        "group_by=product_id&filter=month%20ge%20'2000-01'"
      })
  void a_cursor_belongs_to_its_group_kind_filter_and_order(String query) {
    five_products();
    String next = acme.totals("group_by", "product_id", "per_page", 2).link("next");
    String cursor = next.replaceFirst(".*cursor=", "");

    acme.asReader()
        .urlEncodingEnabled(false)
        .get(Api.TOTALS + "?" + query + "&cursor=" + cursor)
        .then()
        .statusCode(400)
        .body("code", equalTo("invalid_cursor"));
    assertThat(
            acme.follow(Api.TOTALS + "?group_by=product_id&per_page=1&cursor=" + cursor)
                .column("product_id"))
        .isEqualTo(List.of("c"));
  }

  @Test
  void links_can_be_followed_where_texts_are_longest() {
    String longest = "😀".repeat(40);
    for (String end : List.of("a", "b", "c")) {
      String text = longest + end;
      acme.hasAccounts(acme + text);
      acme.hasSent(
          aRecord()
              .account(acme + text)
              .of(text + "p".repeat(80))
              .with("aggr_product_id", text + "p".repeat(80))
              .with("wallet_name", text + "p".repeat(80))
              .with("type", "SPEECH_TRANSCRIPTION")
              .with("direction", "OUTBOUND")
              .with("resolution", "VOICEMAIL")
              .with("unit", "CONVERSATIONS")
              .amount("-" + "9".repeat(30) + "." + "9".repeat(30)));
    }
    Object[] query = {"group_by", EVERY_FIELD, "per_page", 1, "order_by", "total_amount:desc"};

    List<Map<String, Object>> forward = totals(query);

    assertThat(forward).hasSize(3);
    Page last = acme.totals(query).last();
    assertThat(last.walk("prev")).isEqualTo(forward);
  }

  /** By fields of the group: what was there throughout is met once, whatever comes meanwhile. */
  @ParameterizedTest
  @ValueSource(strings = {"product_id:asc", "product_id:desc", "month:asc"})
  void a_walk_meets_every_group_once_while_records_land(String order) {
    List<RatedRecord> before = new ArrayList<>();
    for (int i = 10; i < 30; i += 2) {
      before.add(aRecord().of("p" + i));
    }
    acme.hasSent(before.toArray(RatedRecord[]::new));
    Page page = acme.totals("group_by", "product_id,month", "per_page", 3, "order_by", order);
    List<Object> met = new ArrayList<>(page.column("product_id"));
    for (int i = 11; page.link("next") != null; i += 2) {
      acme.hasSent(
          aRecord().of("p" + i % 30),
          aRecord().of("p10").amount(5),
          aRecord().of("p28").amount(-5));
      page = page.next();
      met.addAll(page.column("product_id"));
    }

    assertThat(met)
        .doesNotHaveDuplicates()
        .containsAll(before.stream().map(record -> record.fields().get("product_id")).toList());
  }

  @Test
  void it_has_a_tag_until_usage_changes() {
    five_products();
    RawRequest request = acme.get(Api.TOTALS + "?group_by=month");
    String tag = request.send(server).header("ETag").orElseThrow();

    RawRequest.Response again = request.header("If-None-Match", tag).send(server);

    assertThat(again.status()).isEqualTo(304);
    assertThat(again.body()).isEmpty();
    assertThat(again.header("Cache-Control"))
        .hasValue("private, no-cache, max-age=0, must-revalidate");
    assertThat(again.header("Vary")).hasValue("Accept, Accept-Encoding");
    for (String other : List.of("", "?group_by=product_id", "?group_by=month&kind=top_up")) {
      assertThat(acme.get(Api.TOTALS + other).send(server).header("ETag"))
          .isPresent()
          .isNotEqualTo(Optional.of(tag));
    }
    acme.hasSent(aRecord().of("a"));
    assertThat(request.header("If-None-Match", tag).send(server).status()).isEqualTo(200);
  }

  @Test
  void a_304_and_the_head_of_an_export_add_nothing_up() throws Exception {
    five_products();
    String target = Api.TOTALS + "?group_by=product_id";
    RawRequest page = acme.get(target);
    RawRequest csv = page.accept("text/csv");
    String tag = page.send(server).header("ETag").orElseThrow();
    String tagOfCsv = csv.send(server).header("ETag").orElseThrow();
    TestPostgres.whileLocked(
        "monthly_usage, month_total",
        () -> {
          assertThat(page.header("If-None-Match", tag).send(server).status()).isEqualTo(304);
          assertThat(csv.header("If-None-Match", tagOfCsv).send(server).status()).isEqualTo(304);
          RawRequest.Response head = csv.method("HEAD").send(server);
          assertThat(head.status()).isEqualTo(200);
          assertThat(head.header("ETag")).hasValue(tagOfCsv);
        });
  }

  @Test
  void the_csv_has_a_column_for_each_field_of_the_totals() {
    acme.hasSent(
        aRecord().of("=1+1").in("2026-02").units("1.50").amount("-0.10"),
        aRecord().of("a,\"b\"").with("unit", "OTHER").with("wallet_name", "@w").amount("1e3"));

    assertThat(csv("?group_by=wallet_name,product_id,month"))
        .isEqualTo(
            "product_id,month,currency,unit,wallet_name,number_of_units,total_amount,share\r\n"
                + "'=1+1,2026-02,EUR,MINUTES,,1.5,-0.1,-0.0001\r\n"
                + "\"a,\"\"b\"\"\",2026-01,EUR,,'@w,,1000,1.0001\r\n");
    assertThat(csv("")).startsWith("currency,unit,number_of_units,total_amount,share\r\nEUR,");
    assertThat(csv("?kind=top_up"))
        .isEqualTo("currency,unit,number_of_units,total_amount,share\r\n");
  }

  private String csv(String query) {
    return acme.get(Api.TOTALS + query).accept("text/csv").send(server).text();
  }

  /** More than a batch of the database's, and in the asked order. */
  @Test
  void an_export_has_every_total_of_the_pages_once() {
    List<RatedRecord> records = new ArrayList<>();
    for (int i = 0; i < 1203; i++) {
      records.add(aRecord().of("p" + i).amount(new BigDecimal(i % 97).movePointLeft(1)));
    }
    acme.hasSent(records.toArray(RatedRecord[]::new));

    List<String> lines =
        acme.asReader()
            .accept("application/x-ndjson")
            .queryParams("group_by", "product_id", "order_by", "total_amount:desc")
            .get(Api.TOTALS)
            .asString()
            .lines()
            .toList();

    assertThat(lines).hasSize(1203);
    List<Map<String, Object>> pages =
        acme.totals("group_by", "product_id", "order_by", "total_amount:desc", "per_page", 250)
            .walk("next");
    assertThat(JsonPath.from("[" + String.join(",", lines) + "]").<String>getList("product_id"))
        .containsExactlyElementsOf(
            pages.stream().map(row -> (String) row.get("product_id")).toList());
    assertThat(csv("?group_by=product_id").lines()).hasSize(1204).doesNotHaveDuplicates();
  }

  @Test
  void it_is_documented() {
    five_products();
    // Held against the document on the way.
    for (String type :
        List.of("application/json", "application/hal+json", "text/csv", "application/x-ndjson")) {
      acme.asReader()
          .accept(type)
          .queryParam("group_by", EVERY_FIELD)
          .get(Api.TOTALS)
          .then()
          .statusCode(200);
    }
    acme.asReader().header("If-None-Match", "*").get(Api.TOTALS).then().statusCode(304);
    acme.asReader().queryParam("page", "1").get(Api.TOTALS).then().statusCode(400);
  }
}
