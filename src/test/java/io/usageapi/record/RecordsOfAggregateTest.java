package io.usageapi.record;

import static io.usageapi.fixture.RatedRecord.aRecord;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.RawRequest;
import io.usageapi.fixture.ServerResource;
import io.usageapi.fixture.Tokens;
import io.usageapi.fixture.RatedRecord;
import io.usageapi.page.Cursor;
import io.usageapi.page.PageStart;
import io.usageapi.page.Position;
import java.math.BigDecimal;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(ServerResource.class)
class RecordsOfAggregateTest {
  /** In their order as they are answered; several records share each. */
  private static final List<String> TIMES =
      List.of(
          "2026-08-01T00:00:00Z",
          "2026-08-01T00:00:00.000001Z",
          "2026-08-01T00:00:00.000002Z",
          "2026-08-15T12:00:00.100Z",
          "2026-08-15T12:00:00.120500Z",
          "2026-08-31T23:59:59.999999Z");

  /** By code point, U+FF5E comes before U+1F600; by UTF-16 unit it comes after. */
  private static final List<String> IDS = List.of("A", "a b", "a", "b'\\%", "～", "😀");

  @TestHTTPResource URI server;

  private final String organization = Api.newOrganization();
  private final String token = Tokens.reader(organization);
  private final List<RatedRecord> sent = new ArrayList<>();
  private Map<String, Object> aggregate;
  private String records;

  @BeforeEach
  void an_aggregate_with_records() {
    Api.provision(organization, organization);
    for (int time = 0; time < TIMES.size(); time++) {
      for (String id : IDS) {
        sent.add(
            charge()
                .id(id + "-" + time)
                .with("occurred_at", TIMES.get(time))
                .units("0.1")
                .amount("-1.50"));
      }
    }
    List<RatedRecord> shuffled = new ArrayList<>(sent);
    Collections.shuffle(shuffled, new Random(1));
    send(shuffled);
    // Others of the same account and month.
    send(List.of(charge().of("other"), charge().with("wallet_name", null)));
    aggregate = aggregate("product_id eq 'voice' and wallet_name eq 'main'");
    records = Api.USAGE + "/" + aggregate.get("id") + "/records";
  }

  private RatedRecord charge() {
    return aRecord()
        .account(organization)
        .in("2026-08")
        .with("aggr_product_id", "aggregated")
        .with("description", "Outbound calls")
        .with("direction", "OUTBOUND")
        .with("price", "0.0125")
        .with("wallet_name", "main");
  }

  private static void send(List<RatedRecord> usage) {
    Api.send(Tokens.operator(), usage)
        .then()
        .statusCode(200)
        .body("accepted", equalTo(usage.size()));
  }

  private Map<String, Object> aggregate(String filter) {
    List<Map<String, Object>> found = Api.walk(token, Map.of("filter", filter));
    assertThat(found).hasSize(1);
    return found.get(0);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 6, 35, 36, 37, 250})
  void next_and_prev_see_every_record_once_by_time_and_id(int perPage) {
    JsonPath first = Api.follow(token, records + "?per_page=" + perPage);

    List<Map<String, Object>> forward = Api.walk(token, first, "next", "records");
    List<Map<String, Object>> backward =
        Api.walk(token, Api.follow(token, first.getString("last.href")), "prev", "records");

    assertThat(forward).extracting("id").isEqualTo(ids(sent));
    assertThat(backward).isEqualTo(forward);
  }

  private static List<Object> ids(List<RatedRecord> usage) {
    return usage.stream().map(each -> each.fields().get("id")).toList();
  }

  @Test
  void a_record_is_what_was_sent_and_when_it_was_received() {
    Map<String, Object> record = Api.follow(token, records).getMap("_embedded.records[18]");

    assertThat(record.keySet())
        .containsExactly(
            "id",
            "account_id",
            "product_id",
            "aggr_product_id",
            "occurred_at",
            "received_at",
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
    assertThat(record)
        .containsEntry("id", "A-3")
        .containsEntry("account_id", organization)
        .containsEntry("product_id", "voice")
        .containsEntry("aggr_product_id", "aggregated")
        .containsEntry("occurred_at", "2026-08-15T12:00:00.100Z")
        .containsEntry("type", "CALL")
        .containsEntry("description", "Outbound calls")
        .containsEntry("currency", "EUR")
        .containsEntry("direction", "OUTBOUND")
        .containsEntry("resolution", null)
        .containsEntry("unit", "MINUTES")
        .containsEntry("price", new BigDecimal("0.0125"))
        .containsEntry("wallet_name", "main")
        .containsEntry("number_of_units", new BigDecimal("0.1"))
        .containsEntry("total_amount", new BigDecimal("-1.5"));
    assertThat((String) record.get("received_at"))
        .matches("2[0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9:]{8}([.][0-9]{3}([0-9]{3})?)?Z");
  }

  @Test
  void times_are_answered_in_utc_with_as_many_digits_as_they_need() {
    List<Map<String, Object>> all = Api.walk(token, Api.follow(token, records), "next", "records");

    assertThat(all.stream().map(record -> record.get("occurred_at")).distinct())
        .containsExactlyElementsOf(TIMES);
  }

  @Test
  void the_records_add_up_to_their_aggregate() {
    List<Map<String, Object>> all =
        Api.walk(token, Api.follow(token, records + "?per_page=7"), "next", "records");

    assertThat(Api.sum(all, "number_of_units"))
        .isEqualByComparingTo(Api.sum(List.of(aggregate), "number_of_units"));
    assertThat(Api.sum(all, "total_amount"))
        .isEqualByComparingTo(Api.sum(List.of(aggregate), "total_amount"));
  }

  @Test
  void a_page_has_the_links_of_the_monthly_page_and_says_what_it_holds() {
    JsonPath first = Api.follow(token, records + "?per_page=10");
    JsonPath second = Api.follow(token, first.getString("next.href"));
    JsonPath last = Api.follow(token, first.getString("last.href"));

    assertThat(keys(first, "$"))
        .containsExactly(
            "first", "last", "next", "self", "count", "per_page", "_embedded", "_links");
    assertThat(keys(first, "_links")).containsExactly("first", "last", "next", "self");
    assertThat(keys(second, "_links")).containsExactly("first", "last", "next", "prev", "self");
    assertThat(keys(last, "_links")).containsExactly("first", "last", "prev", "self");
    assertThat(second.getInt("count")).isEqualTo(10);
    assertThat(second.getInt("per_page")).isEqualTo(10);
    assertThat(first.getString("first.href")).endsWith(records + "?per_page=10");
    assertThat(second.getString("self.href")).isEqualTo(first.getString("next.href"));
    assertThat(second.getMap("_links.prev")).isEqualTo(second.getMap("prev"));
  }

  private static List<String> keys(JsonPath page, String path) {
    return page.getMap(path).keySet().stream().map(Object::toString).toList();
  }

  @Test
  void without_per_page_there_are_fifty() {
    send(Stream.generate(this::charge).limit(20).toList());

    JsonPath page = Api.follow(token, records);

    assertThat(page.getInt("count")).isEqualTo(50);
    assertThat(page.getInt("per_page")).isEqualTo(50);
  }

  @Test
  void what_is_sent_meanwhile_moves_no_other_record() {
    JsonPath first = Api.follow(token, records + "?per_page=20");
    send(List.of(charge().with("occurred_at", TIMES.get(0)).id("0")));

    List<Map<String, Object>> walked = Api.walk(token, first, "next", "records");

    assertThat(walked).extracting("id").isEqualTo(ids(sent));
  }

  @Test
  void hal_is_answered_when_asked_for() {
    Api.as(token)
        .header("Accept", "application/hal+json")
        .get(records)
        .then()
        .statusCode(200)
        .header("Content-Type", equalTo("application/hal+json;charset=UTF-8"))
        .body("count", equalTo(36));
  }

  @Test
  void a_cursor_of_another_aggregate_or_list_is_400() {
    Object other = aggregate("product_id eq 'other'").get("id");
    String ofOther =
        cursor(Api.follow(token, Api.USAGE + "/" + other + "/records").getString("last.href"));
    String ofMonths = cursor(Api.page(token, Map.of()).getString("last.href"));

    for (String cursor : List.of(ofOther, ofMonths)) {
      Api.as(token)
          .queryParam("cursor", cursor)
          .get(records)
          .then()
          .statusCode(400)
          .body("code", equalTo("invalid_cursor"))
          .body("fields.name", equalTo(List.of("cursor")));
    }
  }

  private static String cursor(String href) {
    return href.replaceFirst(".*cursor=", "");
  }

  static Stream<Position> positions_of_no_record() {
    return Stream.of(
        new Position(List.of()),
        new Position(List.of("2026-08-01T00:00:00Z")),
        new Position(List.of("2026-08-01T00:00:00Z", "a", "b")),
        new Position(List.of("2026-08-01T00:00:00Z", "a\0")),
        new Position(List.of("", "a")),
        new Position(List.of("nonsense", "a")),
        new Position(List.of("2026-08-01T00:00:00.000Z", "a")),
        new Position(List.of("2026-08-01T00:00:00.000000001Z", "a")),
        new Position(List.of("2026-08-01T02:00:00+02:00", "a")),
        new Position(List.of("+1000000-08-01T00:00:00Z", "a")),
        new Position(List.of("-0001-08-01T00:00:00Z", "a")));
  }

  @ParameterizedTest
  @MethodSource("positions_of_no_record")
  void a_forged_cursor_is_400(Position position) {
    for (PageStart start : List.of(new PageStart.After(position), new PageStart.Before(position))) {
      Api.as(token)
          .queryParam(
              "cursor", Cursor.of(start, (String) aggregate.get("id"), "occurred_at:asc").text())
          .get(records)
          .then()
          .statusCode(400)
          .body("code", equalTo("invalid_cursor"));
    }
  }

  @Test
  void past_either_end_there_is_nothing_but_the_way_back() {
    JsonPath behind = at(new PageStart.After(new Position(List.of("9999-01-01T00:00:00Z", ""))));
    JsonPath before = at(new PageStart.Before(new Position(List.of("0000-01-01T00:00:00Z", ""))));

    assertThat(behind.getInt("count")).isZero();
    assertThat(behind.getString("next.href")).isNull();
    assertThat(behind.getString("prev.href")).isEqualTo(behind.getString("last.href"));
    assertThat(before.getInt("count")).isZero();
    assertThat(before.getString("prev.href")).isNull();
    assertThat(before.getString("next.href")).isEqualTo(before.getString("first.href"));
  }

  private JsonPath at(PageStart start) {
    return Api.follow(
        token,
        records
            + "?cursor="
            + Cursor.of(start, (String) aggregate.get("id"), "occurred_at:asc").text());
  }

  @Test
  void an_id_of_another_organization_of_none_or_malformed_is_the_same_404() {
    String stranger = Tokens.reader(Api.newOrganization());

    List<String> answers =
        Stream.of(records, Api.USAGE + "/" + "0".repeat(32) + "/records", Api.USAGE + "/x/records")
            .map(
                target ->
                    RawRequest.get(target)
                        .header("X-Request-Id", "same")
                        .token(stranger)
                        .send(server))
            .map(response -> response.status() + " " + response.text())
            .toList();

    assertThat(answers).allMatch(answer -> answer.startsWith("404 ")).containsOnly(answers.get(0));
  }

  @Test
  void a_duplicate_and_a_conflict_are_not_among_the_records() {
    RatedRecord again = sent.get(0);
    Api.send(again, again.amount(9)).then().statusCode(200).body("accepted", equalTo(0));

    List<Map<String, Object>> all = Api.walk(token, Api.follow(token, records), "next", "records");

    assertThat(all).extracting("id").isEqualTo(ids(sent));
  }
}
