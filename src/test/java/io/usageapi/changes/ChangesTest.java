package io.usageapi.changes;

import static io.usageapi.fixture.Organization.anOrganization;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.Page;
import io.usageapi.fixture.RawRequest;
import java.net.URI;
import java.time.Clock;
import java.time.YearMonth;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** TotalsPropertiesTest holds any changes against sums of the usage. */
@QuarkusTest
class ChangesTest {
  private static final String HEADER =
      "product_id,currency,unit,previous_amount,current_amount,change,previous_units,"
          + "current_units,by_quantity,by_price\r\n";

  @TestHTTPResource URI server;

  private final Organization acme = anOrganization();

  private Page changes(Object... query) {
    return acme.changes(query);
  }

  private static List<String> texts(List<Map<String, Object>> rows) {
    return rows.stream().map(row -> row.values().toString()).toList();
  }

  /** Dearer; more; new; gone; of another unit; mixed; from nothing; periodic; in dollars. */
  private void nine_products() {
    acme.hasSent(
        aRecord().of("a").units(10).amount(100),
        aRecord().of("a").in("2026-02").units(10).amount("130.5"),
        aRecord().of("b").units(10).amount("2.00"),
        aRecord().of("b").in("2026-02").units("25.5").amount("5.10"),
        aRecord().of("c").in("2026-02").units(3).amount(7),
        aRecord().of("d").units(3).amount(8),
        aRecord().of("e").units(1).amount(1),
        aRecord().of("e").in("2026-02").with("unit", "GB").units(1).amount(3),
        aRecord().of("f").units(1).amount(1),
        aRecord().of("f").in("2026-02").units(1).amount(1),
        aRecord().of("f").in("2026-02").with("unit", "GB").units(1).amount(0),
        aRecord().of("g").units(0).amount("0.5"),
        aRecord().of("g").in("2026-02").units(2).amount(2),
        aRecord().of("h").units(3).amount(10),
        aRecord().of("h").in("2026-02").units(4).amount("13.34"),
        aRecord().of("i").with("currency", "USD").units(2).amount(4),
        aRecord().of("i").with("currency", "USD").in("2026-02").units(1).amount(2),
        aRecord().of("z").in("2026-03").amount(1000),
        aRecord().of("z").in("2025-12").amount(1000),
        aRecord().of("z").in("2026-02").with("type", "RECHARGE").amount(1000));
  }

  @Test
  void a_change_has_parts_where_both_months_have_one_and_the_same_unit() {
    nine_products();

    assertThat(texts(changes("month", "2026-02", "group_by", "product_id").rows()))
        .containsExactly(
            "[a, EUR, MINUTES, 100, 130.5, 30.5, 10, 10, 0, 30.5]",
            "[d, EUR, MINUTES, 8, 0, -8, null, null, null, null]",
            "[c, EUR, MINUTES, 0, 7, 7, null, null, null, null]",
            "[h, EUR, MINUTES, 10, 13.34, 3.34, 3, 4, 3.3333333333, 0.0066666667]",
            "[b, EUR, MINUTES, 2, 5.1, 3.1, 10, 25.5, 3.1, 0]",
            "[e, EUR, null, 1, 3, 2, null, null, null, null]",
            "[g, EUR, MINUTES, 0.5, 2, 1.5, 0, 2, null, null]",
            "[f, EUR, null, 1, 1, 0, null, null, null, null]",
            "[i, USD, MINUTES, 4, 2, -2, 2, 1, -2, 0]");
  }

  @ParameterizedTest
  @CsvSource({"largest_change,adchbegfi", "change,achbegfdi", "-change,dfgebhcai"})
  void currencies_come_together_and_each_is_ordered(String order, String products) {
    nine_products();
    Page first =
        changes("month", "2026-02", "group_by", "product_id", "order_by", order, "per_page", 2);

    assertThat(String.join("", Api.column(first.walk("next"), "product_id").toArray(String[]::new)))
        .isEqualTo(products);
    assertThat(first.last().walk("prev")).isEqualTo(first.walk("next"));
    assertThat(first.link("next")).contains("month=2026-02&with=2026-01&");
  }

  @Test
  void the_answer_says_which_months_are_compared() {
    nine_products();
    YearMonth last = YearMonth.now(Clock.systemUTC()).minusMonths(1);

    Page page = changes("group_by", "product_id");
    Page years = changes("month", "2026-03", "with", "2025-12", "group_by", "product_id");

    assertThat(page.names("$"))
        .startsWith("month", "with", "first", "last")
        .endsWith("self", "show", "count", "per_page", "_embedded", "_links");
    assertThat(page.json().getString("month")).isEqualTo(last.toString());
    assertThat(page.json().getString("with")).isEqualTo(last.minusMonths(1).toString());
    assertThat(page.link("self"))
        .endsWith("?month=" + last + "&with=" + last.minusMonths(1) + "&group_by=product_id");
    assertThat(texts(years.rows())).containsExactly("[z, EUR, MINUTES, 1000, 1000, 0, 1, 1, 0, 0]");
    assertThat(years.follow("self").rows()).isEqualTo(years.rows());
  }

  @Test
  void a_filter_or_a_group_of_one_month_makes_what_is_in_it_new_or_gone() {
    nine_products();
    String products = "product_id in ('a', 'h')";
    String inFebruary = products + " and month eq '2026-02'";

    assertThat(texts(changes("month", "2026-02", "filter", inFebruary).rows()))
        .containsExactly("[EUR, MINUTES, 0, 143.84, 143.84, null, null, null, null]");
    assertThat(texts(changes("month", "2026-02", "group_by", "month", "filter", products).rows()))
        .containsExactly(
            "[2026-02, EUR, MINUTES, 0, 143.84, 143.84, null, null, null, null]",
            "[2026-01, EUR, MINUTES, 110, 0, -110, null, null, null, null]");
  }

  @Test
  void a_cursor_belongs_to_its_months() {
    nine_products();
    String next = changes("month", "2026-02", "group_by", "product_id", "per_page", 2).link("next");

    acme.asReader()
        .urlEncodingEnabled(false)
        .get(next.replace("month=2026-02", "month=2026-03"))
        .then()
        .statusCode(400)
        .body("code", equalTo("invalid_cursor"));
  }

  @Test
  void kind_filter_and_export_are_those_of_totals() {
    nine_products();
    String query = Api.CHANGES + "?month=2026-02&group_by=product_id";
    RawRequest csv = acme.get(query + "&kind=top_up").accept("text/csv");
    RawRequest.Response all = csv.send(server);

    assertThat(all.text()).isEqualTo(HEADER + "z,EUR,MINUTES,0,1000,1000,,,,\r\n");
    assertThat(all.header("Content-Disposition"))
        .hasValueSatisfying(file -> assertThat(file).contains("usage-changes.csv"));
    assertThat(csv.header("If-None-Match", all.header("ETag").orElseThrow()).send(server).status())
        .isEqualTo(304);
    assertThat(csv.method("HEAD").send(server).header("ETag")).isEqualTo(all.header("ETag"));
    assertThat(
            acme.get(query + "&filter=product_id%20in%20('b','h')")
                .accept("application/x-ndjson")
                .send(server)
                .text()
                .lines())
        .hasSize(2);
    assertThat(
            acme.get(query + "&filter=product_id%20eq%20'q'")
                .accept("text/csv")
                .send(server)
                .text())
        .isEqualTo(HEADER);
  }
}
