package io.usageapi.totals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.usageapi.aggregate.Dimension;
import io.usageapi.aggregate.UsageUnit;
import io.usageapi.error.ApiException;
import io.usageapi.http.Link;
import io.usageapi.page.PageStart;
import io.usageapi.page.Position;
import io.usageapi.security.OrganizationId;
import java.math.BigDecimal;
import java.time.YearMonth;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TotalsQueryTest {
  private static TotalsQuery read(String query) {
    return TotalsQuery.of(new OrganizationId("acme"), query);
  }

  private static TotalsOrder order(String query) {
    return read(query).selection().order();
  }

  @Test
  void without_parameters_consumption_is_added_by_currency_and_unit() {
    TotalsQuery query = read(null);

    assertThat(query.selection().kind()).isEqualTo(UsageKind.CONSUMPTION);
    assertThat(query.selection().grouping().names()).containsExactly("currency", "unit");
    assertThat(query.selection().filter().tree()).isEmpty();
    assertThat(query.page().perPage()).isEqualTo(50);
    assertThat(query.page().start()).isEqualTo(new PageStart.First());
    assertThat(linked(query, query.page().start())).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "group_by=month | month currency unit | :asc",
        "group_by=wallet_name | currency unit wallet_name | :asc",
        "group_by=month&order_by=unit:desc | unit month currency | :desc",
        "group_by=type,month&order_by=type:asc | type month currency unit | :asc",
        "order_by=total_amount:desc | total_amount currency unit | :desc",
        "group_by=month&order_by=total_amount:asc | total_amount month currency unit | :asc"
      })
  void an_order_is_made_total_by_the_rest_of_the_group(String query, String keys, String end) {
    assertThat(order(query).text()).isEqualTo(keys.replace(' ', ',') + end);
  }

  @Test
  void no_value_is_ordered_as_an_empty_text() {
    assertThat(order("group_by=direction,type&order_by=total_amount:asc").sortKeys("t"))
        .containsExactly(
            "t.total_amount", "t.type", "t.currency", "coalesce(t.direction, '')", "t.unit");
  }

  @Test
  void a_position_has_a_value_for_each_key() {
    Map<Dimension, Object> group = new EnumMap<>(Dimension.class);
    group.put(Dimension.MONTH, YearMonth.of(2026, 8));
    group.put(Dimension.CURRENCY, "EUR");
    group.put(Dimension.DIRECTION, null);
    group.put(Dimension.UNIT, UsageUnit.GB);
    Total total = new Total(group, null, new BigDecimal("-1.50"));
    TotalsOrder order = order("group_by=month,direction&order_by=total_amount:desc");

    Position position = order.position(total);

    assertThat(position.values()).containsExactly("-1.5", "2026-08", "EUR", "", "GB");
    assertThat(order.values(position))
        .isEqualTo(List.of(new BigDecimal("-1.5"), YearMonth.of(2026, 8), "EUR", "", "GB"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1",
        "1|2026-08|EUR",
        "1|2026-08|EUR|GB|x",
        "|2026-08|EUR|GB",
        "1.0|2026-08|EUR|GB",
        "-0|2026-08|EUR|GB",
        "01|2026-08|EUR|GB",
        "+1|2026-08|EUR|GB",
        "1e9|2026-08|EUR|GB",
        "NaN|2026-08|EUR|GB",
        "1.|2026-08|EUR|GB",
        "1|2026-8|EUR|GB",
        "1|2026-13|EUR|GB",
        "1||EUR|GB",
        "1|2026-08|E\0R|GB"
      })
  void what_is_no_position_of_an_order_is_refused(String values) {
    TotalsOrder order = order("group_by=month&order_by=total_amount:desc");
    order.values(position("1|2026-08|EUR|GB"));

    assertThatIllegalArgumentException().isThrownBy(() -> order.values(position(values)));
  }

  @Test
  void an_amount_of_any_length_is_refused_before_it_is_read() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> order("order_by=total_amount:asc").values(position("9".repeat(101) + "|EUR|GB")));
  }

  private static Position position(String values) {
    return new Position(Arrays.asList(values.split("\\|", -1)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "group_by=month",
        "group_by=type,month&kind=top_up&order_by=type:desc&per_page=7",
        "filter=month+eq+'2026-01'&order_by=total_amount:asc"
      })
  void what_a_link_says_is_read_as_the_same_query(String query) {
    TotalsQuery sent = read(query);
    PageStart start = new PageStart.Last();

    TotalsQuery followed = read(linked(sent, start));

    assertThat(followed.page().start()).isEqualTo(start);
    assertThat(followed.selection()).isEqualTo(sent.selection());
    assertThat(followed.page().perPage()).isEqualTo(sent.page().perPage());
  }

  /** The query of the link to a place. */
  private static String linked(TotalsQuery query, PageStart start) {
    return query
        .page()
        .link(start, new Link("").with(query.page().given()))
        .href()
        .replaceFirst("^[?]", "");
  }

  @Test
  void the_order_of_the_names_in_a_group_does_not_count_for_a_cursor() {
    String cursor =
        linked(read("group_by=type,month"), new PageStart.Last()).replaceFirst(".*cursor=", "");

    assertThat(read("group_by=month,type&cursor=" + cursor).page().start())
        .isEqualTo(new PageStart.Last());
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> read("group_by=month&cursor=" + cursor));
  }
}
