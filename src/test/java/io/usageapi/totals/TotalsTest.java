package io.usageapi.totals;

import static io.usageapi.fixture.Usage.aUsage;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.RawRequest;
import io.usageapi.fixture.ServerResource;
import io.usageapi.fixture.TestPostgres;
import io.usageapi.fixture.Tokens;
import io.usageapi.fixture.Usage;
import java.math.BigDecimal;
import java.net.URI;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(ServerResource.class)
class TotalsTest {
  private static final String EVERY_FIELD =
      "account_id,product_id,aggr_product_id,month,type,direction,resolution,wallet_name";

  @TestHTTPResource URI server;

  private String organization;
  private String token;

  @BeforeEach
  void an_organization() {
    organization = Api.newOrganization();
    token = Tokens.reader(organization);
    Api.provision(organization, organization);
  }

  private Usage usage() {
    return aUsage().account(organization);
  }

  private void send(Usage... records) {
    Api.send(records).then().statusCode(200).body("accepted", equalTo(records.length));
  }

  private JsonPath page(Map<String, ?> parameters) {
    return Api.page(Api.TOTALS, token, parameters);
  }

  private List<Map<String, Object>> totals(Map<String, ?> parameters) {
    return Api.walk(token, page(parameters), "next", "totals");
  }

  private static List<String> texts(List<Map<String, Object>> rows) {
    return rows.stream().map(row -> row.values().toString()).toList();
  }

  @Test
  void without_a_group_there_is_one_total_for_each_currency_and_unit() {
    send(
        usage().month("2026-01").units("1.5").amount("0.1"),
        usage().month("2026-02").product("data").units("2.25").amount("0.02"),
        usage().with("currency", "USD").units(4).amount(40),
        usage().with("unit", "SECONDS").units(8).amount(80));

    assertThat(texts(totals(Map.of())))
        .containsExactly(
            "[EUR, MINUTES, 3.75, 0.12]", "[EUR, SECONDS, 8, 80]", "[USD, MINUTES, 4, 40]");
  }

  @Test
  void a_total_has_the_fields_asked_for_in_the_order_of_an_aggregate() {
    send(usage());

    assertThat(totals(Map.of("group_by", "wallet_name,month,product_id")).get(0).keySet())
        .containsExactly(
            "product_id",
            "month",
            "currency",
            "unit",
            "wallet_name",
            "number_of_units",
            "total_amount");
    assertThat(totals(Map.of("group_by", EVERY_FIELD)).get(0).keySet())
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
            "total_amount");
  }

  @Test
  void units_that_are_many_are_not_added() {
    send(
        usage().with("unit", "OTHER").units(1).amount(10),
        usage().with("unit", "OTHER").product("b").units(2).amount(20),
        usage().with("unit", "GB").units(3).amount(30));

    assertThat(texts(totals(Map.of())))
        .containsExactly("[EUR, GB, 3, 30]", "[EUR, OTHER, null, 30]");
  }

  @Test
  void top_ups_are_left_out_and_come_alone_when_they_are_asked_for() {
    send(
        usage().amount(1),
        usage().with("type", "RECHARGE").amount(10),
        usage().with("type", "CREDIT_COMMIT").amount(100),
        usage().with("type", "MESSAGE").amount(1000));

    assertThat(texts(totals(Map.of()))).containsExactly("[EUR, MINUTES, 2, 1001]");
    assertThat(texts(totals(Map.of("kind", "consumption"))))
        .containsExactly("[EUR, MINUTES, 2, 1001]");
    assertThat(texts(totals(Map.of("kind", "top_up")))).containsExactly("[EUR, MINUTES, 2, 110]");
    assertThat(texts(totals(Map.of("kind", "top_up", "group_by", "type"))))
        .containsExactly(
            "[CREDIT_COMMIT, EUR, MINUTES, 1, 100]", "[RECHARGE, EUR, MINUTES, 1, 10]");
  }

  @Test
  void the_kind_counts_beside_the_filter() {
    send(usage().amount(1), usage().with("type", "RECHARGE").amount(10));

    assertThat(totals(Map.of("filter", "type eq 'RECHARGE'"))).isEmpty();
    assertThat(totals(Map.of("kind", "top_up", "filter", "type eq 'CALL'"))).isEmpty();
    assertThat(texts(totals(Map.of("filter", "type in ('RECHARGE','CALL') or month ge '2000-01'"))))
        .containsExactly("[EUR, MINUTES, 1, 1]");
    assertThat(texts(totals(Map.of("kind", "top_up", "filter", "not type eq 'CALL'"))))
        .containsExactly("[EUR, MINUTES, 1, 10]");
  }

  @Test
  void the_filter_says_what_is_added() {
    send(
        usage().product("a").month("2026-01").amount(1),
        usage().product("a").month("2026-02").amount(10),
        usage().product("b").month("2026-02").amount(100));

    assertThat(texts(totals(Map.of("group_by", "product_id", "filter", "month eq '2026-02'"))))
        .containsExactly("[a, EUR, MINUTES, 1, 10]", "[b, EUR, MINUTES, 1, 100]");
    assertThat(totals(Map.of("filter", "account_id eq '" + organization + "'"))).hasSize(1);
    assertThat(totals(Map.of("filter", "month eq '1999-01'"))).isEmpty();
  }

  @Test
  void corrections_are_added_and_a_total_of_0_stays() {
    send(usage().units("2.5").amount("0.3"), usage().units("-2.5").amount("-0.30"));

    assertThat(texts(totals(Map.of()))).containsExactly("[EUR, MINUTES, 0, 0]");
  }

  @Test
  void sums_lose_no_digit() {
    String large = "999999999999999999999999999999.000000000000000000000000000001";
    send(
        usage().product("a").units(large).amount(large),
        usage().product("b").units(large).amount(large),
        usage().product("c").units("-0.1").amount("-0.1"));

    assertThat(texts(totals(Map.of())))
        .containsExactly(
            "[EUR, MINUTES, "
                + "1999999999999999999999999999997.900000000000000000000000000002, "
                + "1999999999999999999999999999997.900000000000000000000000000002]");
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
    send(
        usage().with(field, high).amount(1),
        usage().product("other").amount(2),
        usage().amount(4),
        usage().with(field, low).amount(8));
    Map<String, String> ascending = Map.of("group_by", field, "per_page", "1");

    List<Map<String, Object>> forward = totals(ascending);

    assertThat(forward).extracting(row -> row.get(field)).containsExactly(null, low, high);
    assertThat(forward.get(0)).containsKey(field);
    assertThat(Api.sum(forward.subList(0, 1), "total_amount")).isEqualByComparingTo("6");
    assertThat(totals(Map.of("group_by", field, "per_page", 1, "order_by", field + ":desc")))
        .extracting(row -> row.get(field))
        .containsExactly(high, low, null);
    JsonPath last = Api.follow(token, page(ascending).getString("last.href"));
    assertThat(Api.walk(token, last, "prev", "totals")).isEqualTo(forward);
  }

  @Test
  void equal_amounts_are_ordered_by_the_rest_of_the_group() {
    send(
        usage().product("a").amount(2),
        usage().product("b").amount("2.00"),
        usage().product("c").amount(10),
        usage().product("d").amount(-1),
        usage().product("e").amount(2));

    for (String order : List.of("total_amount:asc", "total_amount:desc")) {
      Map<String, ?> query = Map.of("group_by", "product_id", "per_page", 2, "order_by", order);
      List<String> products = new ArrayList<>(List.of("d", "a", "b", "e", "c"));
      if (order.endsWith("desc")) {
        Collections.reverse(products);
      }
      assertThat(totals(query)).extracting(row -> row.get("product_id")).isEqualTo(products);
      JsonPath last = Api.follow(token, page(query).getString("last.href"));
      assertThat(Api.walk(token, last, "prev", "totals"))
          .extracting(row -> row.get("product_id"))
          .isEqualTo(products);
    }
  }

  @Test
  void without_an_order_it_is_by_the_first_field_of_the_group() {
    send(
        usage().product("b").month("2026-01"),
        usage().product("a").month("2026-02"),
        usage().product("a").month("2026-01"));

    assertThat(texts(totals(Map.of("group_by", "month,product_id"))))
        .containsExactly(
            "[a, 2026-01, EUR, MINUTES, 1, 1]",
            "[a, 2026-02, EUR, MINUTES, 1, 1]",
            "[b, 2026-01, EUR, MINUTES, 1, 1]");
    assertThat(texts(totals(Map.of("group_by", "month,product_id", "order_by", "month:desc"))))
        .containsExactly(
            "[a, 2026-02, EUR, MINUTES, 1, 1]",
            "[b, 2026-01, EUR, MINUTES, 1, 1]",
            "[a, 2026-01, EUR, MINUTES, 1, 1]");
  }

  private void five_products() {
    send(
        usage().product("a").amount(1),
        usage().product("b").amount(2),
        usage().product("c").amount(4),
        usage().product("d").amount(8),
        usage().product("e").amount(16));
  }

  @Test
  void a_page_has_the_members_and_links_of_a_page_of_usage() {
    five_products();
    Map<String, ?> query = Map.of("group_by", "product_id", "per_page", 2, "kind", "consumption");

    JsonPath first = page(query);
    JsonPath second = Api.follow(token, first.getString("next.href"));
    JsonPath last = Api.follow(token, first.getString("last.href"));

    assertThat(first.getMap("$").keySet())
        .map(Object::toString)
        .containsExactly(
            "first", "last", "next", "self", "show", "count", "per_page", "_embedded", "_links");
    assertThat(first.getMap("_links").keySet())
        .map(Object::toString)
        .containsExactly("first", "last", "next", "self");
    assertThat(first.getMap("_embedded").keySet()).map(Object::toString).containsExactly("totals");
    assertThat(first.getInt("count")).isEqualTo(2);
    assertThat(first.getInt("per_page")).isEqualTo(2);
    assertThat(first.getString("show.href")).isEqualTo(first.getString("self.href"));
    assertThat(second.getMap("_links").keySet())
        .map(Object::toString)
        .containsExactly("first", "last", "next", "prev", "self");
    assertThat(last.getList("_embedded.totals.product_id")).isEqualTo(List.of("d", "e"));
    assertThat(last.getString("next")).isNull();
    assertThat(last.getString("prev.href")).isNotNull();
    assertThat(Api.follow(token, second.getString("self.href")).getString("_embedded"))
        .isEqualTo(second.getString("_embedded"));
    assertThat(second.getString("first.href")).isEqualTo(first.getString("self.href"));
    assertThat(first.getString("self.href"))
        .endsWith(Api.TOTALS + "?group_by=product_id&kind=consumption&per_page=2");
  }

  @Test
  void without_totals_there_are_no_links_onward() {
    JsonPath page = page(Map.of("group_by", "month"));

    assertThat(page.getInt("count")).isZero();
    assertThat(page.getMap("_links").keySet())
        .map(Object::toString)
        .containsExactly("first", "last", "self");
    assertThat(Api.follow(token, page.getString("last.href")).getInt("count")).isZero();
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
    String next = page(Map.of("group_by", "product_id", "per_page", 2)).getString("next.href");
    String cursor = next.replaceFirst(".*cursor=", "");

    Api.as(token)
        .urlEncodingEnabled(false)
        .get(Api.TOTALS + "?" + query + "&cursor=" + cursor)
        .then()
        .statusCode(400)
        .body("code", equalTo("invalid_cursor"));
    assertThat(
            Api.follow(token, Api.TOTALS + "?group_by=product_id&per_page=1&cursor=" + cursor)
                .getList("_embedded.totals.product_id"))
        .isEqualTo(List.of("c"));
  }

  @Test
  void links_can_be_followed_where_texts_are_longest() {
    String longest = "😀".repeat(40);
    for (String end : List.of("a", "b", "c")) {
      String text = longest + end;
      Api.provision(organization, organization + text);
      send(
          aUsage()
              .account(organization + text)
              .product(text + "p".repeat(80))
              .with("aggr_product_id", text + "p".repeat(80))
              .with("wallet_name", text + "p".repeat(80))
              .with("type", "SPEECH_TRANSCRIPTION")
              .with("direction", "OUTBOUND")
              .with("resolution", "VOICEMAIL")
              .with("unit", "CONVERSATIONS")
              .amount("-" + "9".repeat(30) + "." + "9".repeat(30)));
    }
    Map<String, ?> query =
        Map.of("group_by", EVERY_FIELD, "per_page", 1, "order_by", "total_amount:desc");

    List<Map<String, Object>> forward = totals(query);

    assertThat(forward).hasSize(3);
    JsonPath last = Api.follow(token, page(query).getString("last.href"));
    assertThat(Api.walk(token, last, "prev", "totals")).isEqualTo(forward);
  }

  /** By fields of the group: what was there throughout is met once, whatever comes meanwhile. */
  @ParameterizedTest
  @ValueSource(strings = {"product_id:asc", "product_id:desc", "month:asc"})
  void a_walk_meets_every_group_once_while_records_land(String order) {
    List<Usage> before = new ArrayList<>();
    for (int i = 10; i < 30; i += 2) {
      before.add(usage().product("p" + i));
    }
    send(before.toArray(Usage[]::new));
    JsonPath page = page(Map.of("group_by", "product_id,month", "per_page", 3, "order_by", order));
    List<String> met = new ArrayList<>(page.getList("_embedded.totals.product_id"));
    for (int i = 11; page.getString("next.href") != null; i += 2) {
      send(
          usage().product("p" + i % 30),
          usage().product("p10").amount(5),
          usage().product("p28").amount(-5));
      page = Api.follow(token, page.getString("next.href"));
      met.addAll(page.getList("_embedded.totals.product_id"));
    }

    assertThat(met)
        .doesNotHaveDuplicates()
        .containsAll(
            before.stream().map(record -> (String) record.fields().get("product_id")).toList());
  }

  @Test
  void it_has_a_tag_until_usage_changes() {
    five_products();
    RawRequest request = RawRequest.get(Api.TOTALS + "?group_by=month").token(token);
    String tag = request.send(server).header("ETag").orElseThrow();

    RawRequest.Response again = request.header("If-None-Match", tag).send(server);

    assertThat(again.status()).isEqualTo(304);
    assertThat(again.body()).isEmpty();
    assertThat(again.header("Cache-Control"))
        .hasValue("private, no-cache, max-age=0, must-revalidate");
    assertThat(again.header("Vary")).hasValue("Accept, Accept-Encoding");
    for (String other : List.of("", "?group_by=product_id", "?group_by=month&kind=top_up")) {
      assertThat(RawRequest.get(Api.TOTALS + other).token(token).send(server).header("ETag"))
          .isPresent()
          .isNotEqualTo(Optional.of(tag));
    }
    send(usage().product("a"));
    assertThat(request.header("If-None-Match", tag).send(server).status()).isEqualTo(200);
  }

  @Test
  void a_304_and_the_head_of_an_export_add_nothing_up() throws Exception {
    five_products();
    String target = Api.TOTALS + "?group_by=product_id";
    RawRequest page = RawRequest.get(target).token(token);
    RawRequest csv = page.header("Accept", "text/csv");
    String tag = page.send(server).header("ETag").orElseThrow();
    String tagOfCsv = csv.send(server).header("ETag").orElseThrow();
    try (Connection connection = TestPostgres.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("LOCK TABLE monthly_usage IN ACCESS EXCLUSIVE MODE");

      assertThat(page.header("If-None-Match", tag).send(server).status()).isEqualTo(304);
      assertThat(csv.header("If-None-Match", tagOfCsv).send(server).status()).isEqualTo(304);
      RawRequest.Response head = csv.method("HEAD").send(server);
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.header("ETag")).hasValue(tagOfCsv);
      connection.rollback();
    }
  }

  @Test
  void the_csv_has_a_column_for_each_field_of_the_totals() {
    send(
        usage().product("=1+1").month("2026-02").units("1.50").amount("-0.10"),
        usage().product("a,\"b\"").with("unit", "OTHER").with("wallet_name", "@w").amount("1e3"));

    assertThat(csv("?group_by=wallet_name,product_id,month"))
        .isEqualTo(
            "product_id,month,currency,unit,wallet_name,number_of_units,total_amount\r\n"
                + "'=1+1,2026-02,EUR,MINUTES,,1.5,-0.1\r\n"
                + "\"a,\"\"b\"\"\",2026-01,EUR,OTHER,'@w,,1000\r\n");
    assertThat(csv("")).startsWith("currency,unit,number_of_units,total_amount\r\nEUR,");
    assertThat(csv("?kind=top_up")).isEqualTo("currency,unit,number_of_units,total_amount\r\n");
  }

  private String csv(String query) {
    return RawRequest.get(Api.TOTALS + query)
        .header("Accept", "text/csv")
        .token(token)
        .send(server)
        .text();
  }

  /** More than a batch of the database's, and in the asked order. */
  @Test
  void an_export_has_every_total_of_the_pages_once() {
    List<Usage> records = new ArrayList<>();
    for (int i = 0; i < 1203; i++) {
      records.add(usage().product("p" + i).amount(new BigDecimal(i % 97).movePointLeft(1)));
    }
    send(records.toArray(Usage[]::new));
    Map<String, ?> query = Map.of("group_by", "product_id", "order_by", "total_amount:desc");

    List<String> lines =
        Api.as(token)
            .accept("application/x-ndjson")
            .queryParams(query)
            .get(Api.TOTALS)
            .asString()
            .lines()
            .toList();

    assertThat(lines).hasSize(1203);
    List<Map<String, Object>> pages =
        Api.walk(
            token,
            page(
                Map.of("group_by", "product_id", "order_by", "total_amount:desc", "per_page", 250)),
            "next",
            "totals");
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
      Api.as(token)
          .accept(type)
          .queryParam("group_by", EVERY_FIELD)
          .get(Api.TOTALS)
          .then()
          .statusCode(200);
    }
    Api.as(token).header("If-None-Match", "*").get(Api.TOTALS).then().statusCode(304);
    Api.as(token).queryParam("page", "1").get(Api.TOTALS).then().statusCode(400);
  }
}
