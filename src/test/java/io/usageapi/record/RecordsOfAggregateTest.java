package io.usageapi.record;

import static io.usageapi.fixture.Organization.anOrganization;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.path.json.config.JsonPathConfig;
import io.restassured.path.json.config.JsonPathConfig.NumberReturnType;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.Page;
import io.usageapi.fixture.RatedRecord;
import io.usageapi.fixture.RawRequest;
import io.usageapi.page.Cursor;
import io.usageapi.page.PageStart;
import io.usageapi.page.Position;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
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

  private final Organization acme = anOrganization();
  private final List<RatedRecord> sent = new ArrayList<>();
  private Map<String, Object> aggregate;
  private String records;

  @BeforeEach
  void an_aggregate_with_records() {
    for (int time = 0; time < TIMES.size(); time++) {
      for (String id : IDS) {
        sent.add(
            record()
                .id(id + "-" + time)
                .with("occurred_at", TIMES.get(time))
                .units("0.1")
                .amount("-1.50"));
      }
    }
    List<RatedRecord> shuffled = new ArrayList<>(sent);
    Collections.shuffle(shuffled, new Random(1));
    acme.hasSent(shuffled);
    // Others of the same account and month.
    acme.hasSent(List.of(record().of("other"), record().with("wallet_name", null)));
    aggregate = aggregate("product_id eq 'voice' and wallet_name eq 'main'");
    records = Api.USAGE + "/" + aggregate.get("id") + "/records";
  }

  private RatedRecord record() {
    return aRecord()
        .in("2026-08")
        .with("aggr_product_id", "aggregated")
        .with("description", "Outbound calls")
        .with("direction", "OUTBOUND")
        .with("price", "0.0125")
        .with("wallet_name", "main");
  }

  private Map<String, Object> aggregate(String filter) {
    List<Map<String, Object>> found = acme.walk("filter", filter);
    assertThat(found).hasSize(1);
    return found.get(0);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 6, 35, 36, 37, 250})
  void next_and_prev_see_every_record_once_by_time_and_id(int perPage) {
    Page first = acme.follow(records + "?per_page=" + perPage);

    List<Map<String, Object>> forward = first.walk("next");
    List<Map<String, Object>> backward = first.last().walk("prev");

    assertThat(forward).extracting("id").isEqualTo(ids(sent));
    assertThat(backward).isEqualTo(forward);
  }

  private static List<Object> ids(List<RatedRecord> usage) {
    return usage.stream().map(each -> each.fields().get("id")).toList();
  }

  @Test
  void a_record_is_what_was_sent_and_when_it_was_received() {
    Map<String, Object> record = acme.follow(records).json().getMap("_embedded.records[18]");

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
        .containsEntry("account_id", acme.account())
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
    List<Map<String, Object>> all = acme.follow(records).walk("next");

    assertThat(all.stream().map(record -> record.get("occurred_at")).distinct())
        .containsExactlyElementsOf(TIMES);
  }

  @Test
  void the_records_add_up_to_their_aggregate() {
    List<Map<String, Object>> all = acme.follow(records + "?per_page=7").walk("next");

    assertThat(Api.sum(all, "number_of_units"))
        .isEqualByComparingTo(Api.sum(List.of(aggregate), "number_of_units"));
    assertThat(Api.sum(all, "total_amount"))
        .isEqualByComparingTo(Api.sum(List.of(aggregate), "total_amount"));
  }

  @Test
  void a_page_has_the_links_of_the_monthly_page_and_says_what_it_holds() {
    Page first = acme.follow(records + "?per_page=10");
    Page second = first.next();
    Page last = first.last();

    assertThat(first.names("$"))
        .containsExactly(
            "first", "last", "next", "self", "count", "per_page", "_embedded", "_links");
    assertThat(first.names("_links")).containsExactly("first", "last", "next", "self");
    assertThat(second.names("_links")).containsExactly("first", "last", "next", "prev", "self");
    assertThat(last.names("_links")).containsExactly("first", "last", "prev", "self");
    assertThat(second.count()).isEqualTo(10);
    assertThat(second.json().getInt("per_page")).isEqualTo(10);
    assertThat(first.link("first")).endsWith(records + "?per_page=10");
    assertThat(second.link("self")).isEqualTo(first.link("next"));
    assertThat(second.json().getMap("_links.prev")).isEqualTo(second.json().getMap("prev"));
  }

  @Test
  void without_per_page_there_are_fifty() {
    acme.hasSent(Stream.generate(this::record).limit(20).toList());

    Page page = acme.follow(records);

    assertThat(page.count()).isEqualTo(50);
    assertThat(page.json().getInt("per_page")).isEqualTo(50);
  }

  @Test
  void what_is_sent_meanwhile_moves_no_other_record() {
    Page first = acme.follow(records + "?per_page=20");
    acme.hasSent(List.of(record().with("occurred_at", TIMES.get(0)).id("0")));

    List<Map<String, Object>> walked = first.walk("next");

    assertThat(walked).extracting("id").isEqualTo(ids(sent));
  }

  @Test
  void all_records_are_exported_as_they_are_on_the_pages() throws IOException {
    RawRequest.Response csv = acme.get(records).accept("text/csv").send(server);
    RawRequest.Response ndjson = acme.get(records).accept("application/x-ndjson").send(server);
    List<Map<String, Object>> all = acme.follow(records + "?per_page=250").rows();

    List<String> lines = ndjson.text().lines().toList();
    assertThat(lines).hasSameSizeAs(all);
    for (int i = 0; i < lines.size(); i++) {
      JsonPathConfig decimals =
          JsonPathConfig.jsonPathConfig().numberReturnType(NumberReturnType.BIG_DECIMAL);
      assertThat(JsonPath.from(lines.get(i)).using(decimals).getMap("$")).isEqualTo(all.get(i));
    }
    List<Map<String, String>> cells = all.stream().map(RecordsOfAggregateTest::cells).toList();
    try (CSVParser parser =
        CSVParser.parse(
            csv.text(), CSVFormat.RFC4180.builder().setHeader().setSkipHeaderRecord(true).get())) {
      assertThat(parser.getHeaderNames()).containsExactlyElementsOf(all.get(0).keySet());
      assertThat(parser.stream().map(CSVRecord::toMap)).isEqualTo(cells);
    }
    assertThat(csv.header("Content-Disposition"))
        .hasValue("attachment; filename=\"usage-records.csv\"");
    assertThat(ndjson.header("Content-Disposition").orElseThrow()).contains("records.ndjson");
    assertThat(csv.header("Cache-Control")).hasValue("no-store");
  }

  private static Map<String, String> cells(Map<String, Object> row) {
    Map<String, String> cells = new LinkedHashMap<>();
    row.forEach((name, value) -> cells.put(name, Objects.toString(value, "")));
    return cells;
  }

  @ParameterizedTest
  @ValueSource(strings = {"text/csv", "application/x-ndjson"})
  void an_export_of_records_has_no_pages_and_no_records_of_others(String type) {
    acme.asReader()
        .accept(type)
        .get(records + "?per_page=1&cursor=x")
        .then()
        .statusCode(400)
        .body("fields.name", containsInAnyOrder("per_page", "cursor"));
    acme.asReader().accept(type).head(records).then().statusCode(200);
    for (String method : List.of("GET", "HEAD")) {
      anOrganization().asReader().accept(type).request(method, records).then().statusCode(404);
    }
  }

  @Test
  void hal_is_answered_when_asked_for() {
    acme.asReader()
        .accept("application/hal+json")
        .get(records)
        .then()
        .statusCode(200)
        .header("Content-Type", equalTo("application/hal+json;charset=UTF-8"))
        .body("count", equalTo(36));
  }

  @Test
  void a_cursor_of_another_aggregate_or_list_is_400() {
    Object other = aggregate("product_id eq 'other'").get("id");
    String ofOther = cursor(acme.follow(Api.USAGE + "/" + other + "/records").link("last"));
    String ofMonths = cursor(acme.page().link("last"));

    for (String cursor : List.of(ofOther, ofMonths)) {
      acme.asReader()
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
      acme.asReader()
          .queryParam(
              "cursor",
              new Cursor(start, Cursor.Binding.of((String) aggregate.get("id"), "occurred_at:asc"))
                  .text())
          .get(records)
          .then()
          .statusCode(400)
          .body("code", equalTo("invalid_cursor"));
    }
  }

  @Test
  void past_either_end_there_is_nothing_but_the_way_back() {
    Page behind = at(new PageStart.After(new Position(List.of("9999-01-01T00:00:00Z", ""))));
    Page before = at(new PageStart.Before(new Position(List.of("0000-01-01T00:00:00Z", ""))));

    assertThat(behind.count()).isZero();
    assertThat(behind.link("next")).isNull();
    assertThat(behind.link("prev")).isEqualTo(behind.link("last"));
    assertThat(before.count()).isZero();
    assertThat(before.link("prev")).isNull();
    assertThat(before.link("next")).isEqualTo(before.link("first"));
  }

  private Page at(PageStart start) {
    return acme.follow(
        records
            + "?cursor="
            + new Cursor(start, Cursor.Binding.of((String) aggregate.get("id"), "occurred_at:asc"))
                .text());
  }

  @Test
  void an_id_of_another_organization_of_none_or_malformed_is_the_same_404() {
    String stranger = anOrganization().reader();

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
    acme.sends(again, again.amount(9)).body("accepted", equalTo(0));

    List<Map<String, Object>> all = acme.follow(records).walk("next");

    assertThat(all).extracting("id").isEqualTo(ids(sent));
  }
}
