package io.usageapi.usage;

import static io.usageapi.fixture.Organization.anOrganization;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.emptyOrNullString;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.junit.QuarkusTest;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.Page;
import io.usageapi.fixture.RatedRecord;
import io.usageapi.months.MonthRepository;
import io.usageapi.security.OrganizationId;
import jakarta.inject.Inject;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Usage by day, which adds up to that by month; and what either can be asked for beside. */
@QuarkusTest
class DailyUsageTest {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final List<String> SUMS = List.of("number_of_units", "total_amount");

  @Inject MonthRepository months;

  private final Organization acme = anOrganization();
  private final long seed = Long.getLong("test.usageapi.seed", 8112963841460664L);
  private final Random random = new Random(seed);

  @BeforeEach
  void makeAccounts() {
    acme.account();
    acme.account("2");
  }

  private RatedRecord at(String time) {
    return aRecord().with("occurred_at", time);
  }

  private List<Map<String, Object>> walk(Object... query) {
    return acme.days(query).walk("next");
  }

  private List<String> days(String filter) {
    return walk("filter", filter, "order_by", "day:asc").stream()
        .map(row -> (String) row.get("day"))
        .toList();
  }

  @Test
  void a_day_is_what_its_month_is_with_the_day_behind_the_month() {
    acme.hasSent(
        at("2026-01-31T23:59:59.999999Z").units("1.5").amount("0.1"),
        at("2026-02-01T01:30:00+02:00").units(2).amount("0.2"),
        at("2026-01-01T00:00:00Z").units(4).amount("0.4"));
    Map<String, Object> month = acme.walk().get(0);

    List<Map<String, Object>> days = walk("order_by", "day:asc");

    List<String> names = new ArrayList<>(month.keySet());
    names.add(names.indexOf("month") + 1, "day");
    assertThat(days)
        .hasSize(2)
        .allSatisfy(day -> assertThat(day.keySet()).containsExactlyElementsOf(names));
    assertThat(days.get(1))
        .containsEntry("day", "2026-01-31")
        .containsEntry("month", "2026-01")
        .containsEntry("id", ((String) month.get("id")).substring(0, 24) + "20260131");
    assertThat(new BigDecimal(days.get(1).get("number_of_units").toString()))
        .isEqualByComparingTo("3.5");
    assertThat(Api.sum(days, "total_amount")).isEqualByComparingTo("0.7");
  }

  @Test
  void the_days_of_any_records_add_up_to_their_months_in_any_order_walked_either_way() {
    List<RatedRecord> records = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      LocalDate day = LocalDate.of(2026, 1, 1).plusDays(random.nextInt(70));
      records.add(
          at(day + "T12:00:00Z")
              .account(acme + (random.nextBoolean() ? "" : "-2"))
              .of("p" + random.nextInt(3))
              .with("direction", random.nextBoolean() ? null : "INBOUND")
              .units(BigDecimal.valueOf(random.nextLong(), 1 + random.nextInt(12)))
              .amount(BigDecimal.valueOf(random.nextLong(), 1 + random.nextInt(12))));
    }
    for (List<RatedRecord> part :
        List.of(records.subList(0, 7), records.subList(7, 300), records)) {
      acme.sends(part).body("rejected", equalTo(0));
    }

    List<Map<String, Object>> all = walk("per_page", 250);

    assertThat(grouped(all)).isEqualTo(grouped(acme.walk("per_page", 250)));
    Map<String, BigDecimal> sent = new TreeMap<>();
    records.forEach(
        record ->
            sent.merge(
                ((String) record.fields().get("occurred_at")).substring(0, 10),
                (BigDecimal) record.fields().get("total_amount"),
                BigDecimal::add));
    Map<String, BigDecimal> found = new TreeMap<>();
    all.forEach(
        row ->
            found.merge(
                (String) row.get("day"),
                new BigDecimal(row.get("total_amount").toString()),
                BigDecimal::add));
    assertThat(found.keySet()).isEqualTo(sent.keySet());
    sent.forEach((day, sum) -> assertThat(found.get(day)).as(day).isEqualByComparingTo(sum));
    for (String field : List.of("id", "day", "account_id", "product_id")) {
      for (String direction : List.of("asc", "desc")) {
        String order = field + ":" + direction;
        Page first = acme.days("order_by", order, "per_page", 15 + random.nextInt(60));
        List<Map<String, Object>> walked = first.walk("next");
        String what = order + ", -Dtest.usageapi.seed=" + seed;
        assertThat(walked).as(what).containsExactlyInAnyOrderElementsOf(all);
        Comparator<Map<String, Object>> comparator =
            Comparator.<Map<String, Object>, String>comparing(row -> (String) row.get(field))
                .thenComparing(row -> (String) row.get("id"));
        assertThat(walked)
            .as(what)
            .isSortedAccordingTo(
                direction.equals("asc") ? comparator : Collections.reverseOrder(comparator));
        assertThat(first.last().walk("prev")).as(what).isEqualTo(walked);
      }
    }
    assertThat(acme.days("page", 3, "per_page", 20).column("id"))
        .isEqualTo(acme.days("per_page", 60).column("id").subList(40, 60));
  }

  /** The sums by all that is not the day. */
  private static Map<Map<String, Object>, List<BigDecimal>> grouped(
      List<Map<String, Object>> rows) {
    Map<Map<String, Object>, List<BigDecimal>> grouped = new LinkedHashMap<>();
    for (Map<String, Object> row : rows) {
      Map<String, Object> key = new LinkedHashMap<>(row);
      Stream.of("id", "day").forEach(key::remove);
      SUMS.forEach(key::remove);
      grouped.merge(
          key,
          SUMS.stream().map(sum -> plain(row.get(sum))).toList(),
          (a, b) -> List.of(plain(a.get(0).add(b.get(0))), plain(a.get(1).add(b.get(1)))));
    }
    return grouped;
  }

  private static BigDecimal plain(Object number) {
    return new BigDecimal(number.toString()).stripTrailingZeros();
  }

  @Test
  void days_are_filtered_as_months_are() {
    acme.hasSent(
        at("2026-01-30T12:00:00Z"),
        at("2026-01-31T12:00:00Z"),
        at("2026-02-01T12:00:00Z").of("sms"));

    assertThat(days("day eq '2026-01-31'")).containsExactly("2026-01-31");
    assertThat(days("day ne '2026-01-31'")).containsExactly("2026-01-30", "2026-02-01");
    assertThat(days("day ge '2026-01-31' and not day gt '2026-02-01'"))
        .containsExactly("2026-01-31", "2026-02-01");
    assertThat(days("day in ('2026-01-30','2026-02-01','2024-02-29')"))
        .containsExactly("2026-01-30", "2026-02-01");
    assertThat(days("month eq '2026-01' and day lt '2026-01-31' or product_id eq 'sms'"))
        .containsExactly("2026-01-30", "2026-02-01");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "day eq '2026-02-29'",
        "day eq '2026-1-1'",
        "day eq '2026-01'",
        "day eq null",
        "contains(day, '2026')",
        "days eq '2026-01-01'"
      })
  void what_is_no_filter_by_day_is_refused(String filter) {
    acme.asReader()
        .queryParam("filter", filter)
        .get(Api.DAYS)
        .then()
        .statusCode(400)
        .body("code", equalTo("invalid_filter"));
  }

  @ParameterizedTest
  @CsvSource({"/express/usage/day, month:asc", "/express/usage/month, day:asc"})
  void an_order_of_the_other_is_refused(String path, String order) {
    acme.asReader()
        .queryParam("order_by", order)
        .get(path)
        .then()
        .statusCode(400)
        .body("fields[0].name", equalTo("order_by"));
  }

  @Test
  void months_have_no_day_to_filter_by_and_a_cursor_of_theirs_is_none_of_days() {
    acme.hasSent(at("2026-01-30T12:00:00Z"), at("2026-02-01T12:00:00Z"));
    acme.asReader()
        .queryParam("filter", "day eq '2026-01-30'")
        .get(Api.USAGE)
        .then()
        .statusCode(400)
        .body("code", equalTo("invalid_filter"));

    String next = acme.page("per_page", 1).link("next");
    acme.asReader()
        .urlEncodingEnabled(false)
        .get(next.replace("/usage/month", "/usage/day"))
        .then()
        .statusCode(400)
        .body("code", equalTo("invalid_cursor"));
  }

  @Test
  void a_foreign_account_is_refused() {
    acme.asReader()
        .queryParam("filter", "account_id eq 'nobodys'")
        .get(Api.DAYS)
        .then()
        .statusCode(403)
        .body("code", equalTo("account_not_in_organization"));
  }

  @Test
  void one_day_is_had_by_its_id() {
    acme.hasSent(at("2026-01-30T12:00:00Z"), at("2026-01-31T12:00:00Z"));
    Map<String, Object> day = walk().get(1);
    String id = (String) day.get("id");

    assertThat(acme.asReader().get(Api.DAYS + "/" + id).jsonPath().<String, Object>getMap(""))
        .containsEntry("id", id)
        .containsEntry("day", day.get("day"));
    String month = (String) acme.walk().get(0).get("id");
    for (String other :
        List.of(month, id.substring(0, 24) + "20260129", id.substring(0, 24) + "20260230", "x")) {
      acme.asReader().get(Api.DAYS + "/" + other).then().statusCode(404);
    }
    anOrganization().asReader().get(Api.DAYS + "/" + id).then().statusCode(404);
  }

  @Test
  void a_page_of_days_is_answered_304_until_something_changes() {
    acme.hasSent(at("2026-01-30T12:00:00Z"));
    String tag = acme.asReader().get(Api.DAYS).then().statusCode(200).extract().header("ETag");

    acme.asReader().header("If-None-Match", tag).get(Api.DAYS).then().statusCode(304);
    acme.asReader().header("If-None-Match", tag).get(Api.USAGE).then().statusCode(200);
    acme.hasSent(at("2026-01-30T12:00:00Z"));
    acme.asReader().header("If-None-Match", tag).get(Api.DAYS).then().statusCode(200);
  }

  @Test
  void days_are_exported_with_what_is_asked_for() {
    acme.hasSent(at("2026-01-30T12:00:00Z"), at("2026-01-31T12:00:00Z"));

    String csv = export("text/csv", Api.DAYS, "?order_by=day%3Aasc&include=month_status");
    List<String> lines = csv.lines().toList();
    assertThat(lines.get(0))
        .isEqualTo(
            "id,account_id,product_id,aggr_product_id,month,day,type,description,currency,"
                + "direction,resolution,unit,price,wallet_name,number_of_units,total_amount,"
                + "month_status");
    assertThat(lines).hasSize(3);
    assertThat(lines.get(2)).contains(",2026-01,2026-01-31,CALL,").endsWith(",1,1,OPEN");
    assertThat(export("application/x-ndjson", Api.DAYS, "?order_by=day%3Aasc").lines())
        .hasSize(2)
        .first()
        .satisfies(
            line -> assertThat(line).contains("\"month\":\"2026-01\",\"day\":\"2026-01-30\","));
    assertThat(export("text/csv", Api.USAGE, "?include=updated_at").lines().findFirst())
        .get()
        .satisfies(line -> assertThat(line).endsWith(",number_of_units,total_amount,updated_at"));
  }

  private String export(String type, String path, String query) {
    return acme.asReader()
        .urlEncodingEnabled(false)
        .accept(type)
        .get(path + query)
        .then()
        .statusCode(200)
        .extract()
        .asString();
  }

  @ParameterizedTest
  @ValueSource(strings = {Api.USAGE, Api.DAYS})
  void what_is_included_stands_at_the_end_and_links_keep_it(String path) {
    Instant before = Instant.now().minusSeconds(60);
    acme.hasSent(at("2026-01-30T12:00:00Z"), at("2026-02-01T12:00:00Z"));

    Page page = acme.pageOf(path, "include", "month_status,updated_at", "per_page", 1);

    assertThat(page.link("self")).contains("include=month_status%2Cupdated_at");
    assertThat(page.link("last")).contains("include=");
    List<Map<String, Object>> rows = page.walk("next");
    assertThat(rows)
        .hasSize(2)
        .allSatisfy(
            row -> {
              List<String> names = List.copyOf(row.keySet());
              assertThat(names.subList(names.size() - 3, names.size()))
                  .containsExactly("total_amount", "updated_at", "month_status");
              assertThat(row).containsEntry("month_status", "OPEN");
              assertThat(Instant.parse((String) row.get("updated_at")))
                  .isBetween(before, Instant.now().plusSeconds(60));
            });
    String one = path + "/" + rows.get(0).get("id");
    assertThat(
            acme.asReader()
                .get(one + "?include=updated_at")
                .jsonPath()
                .<String, Object>getMap("")
                .keySet())
        .contains("updated_at")
        .doesNotContain("month_status");
    assertThat(acme.asReader().get(one).jsonPath().<String, Object>getMap("").keySet())
        .doesNotContain("updated_at", "month_status");
    acme.asReader().get(path).then().body("_embedded.usage[0].updated_at", emptyOrNullString());
  }

  @Test
  void the_time_of_the_last_change_moves_with_what_is_changed_and_nothing_else() {
    acme.hasSent(at("2026-01-30T12:00:00Z"), at("2026-01-31T12:00:00Z"));
    List<Map<String, Object>> before = walk("include", "updated_at");

    acme.hasSent(at("2026-01-31T13:00:00Z"));

    List<Map<String, Object>> after = walk("include", "updated_at");
    assertThat((String) after.get(0).get("updated_at"))
        .isNotEqualTo(before.get(0).get("updated_at"));
    assertThat(after.get(1)).isEqualTo(before.get(1));
  }

  @Test
  void a_month_that_is_closed_says_so_and_changes_what_is_held() {
    acme.hasSent(at("2026-01-31T12:00:00Z"), at("2026-02-01T12:00:00Z"));
    String query = "?include=month_status&order_by=id%3Aasc";
    String tag = acme.asReader().urlEncodingEnabled(false).get(Api.DAYS + query).header("ETag");

    assertThat(
            months
                .close(new OrganizationId(acme.id()), YearMonth.of(2026, 1), PATIENCE)
                .await()
                .atMost(PATIENCE))
        .isTrue();

    acme.asReader()
        .urlEncodingEnabled(false)
        .header("If-None-Match", tag)
        .get(Api.DAYS + query)
        .then()
        .statusCode(200);
    for (String path : List.of(Api.USAGE, Api.DAYS)) {
      List<Map<String, Object>> rows = acme.follow(path + query).walk("next");
      assertThat(rows)
          .hasSize(2)
          .allSatisfy(
              row ->
                  assertThat(row)
                      .containsEntry(
                          "month_status", row.get("month").equals("2026-01") ? "CLOSED" : "OPEN"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nothing",
        "updated_at,",
        ",",
        "updated_at,updated_at",
        "UPDATED_AT",
        "updated_at month_status"
      })
  void what_cannot_be_included_is_refused(String include) {
    for (String path : List.of(Api.USAGE, Api.DAYS, Api.USAGE + "/x", Api.DAYS + "/x")) {
      acme.asReader()
          .queryParam("include", include)
          .get(path)
          .then()
          .statusCode(400)
          .body("code", equalTo("invalid_parameter"))
          .body("fields.name", equalTo(List.of("include")));
    }
  }
}
