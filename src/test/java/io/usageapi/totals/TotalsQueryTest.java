package io.usageapi.totals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.usageapi.aggregate.Dimension;
import io.usageapi.aggregate.UsageUnit;
import io.usageapi.error.ApiException;
import io.usageapi.group.GroupOrder;
import io.usageapi.group.UsageKind;
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

  private static GroupOrder<Total> order(String query) {
    return read(query).selection().order();
  }

  @Test
  void without_parameters_consumption_is_added_by_currency() {
    TotalsQuery query = read(null);

    assertThat(query.selection().kind()).isEqualTo(UsageKind.CONSUMPTION);
    assertThat(query.selection().grouping().names()).containsExactly("currency");
    assertThat(query.selection().filter().tree()).isEmpty();
    assertThat(query.page().perPage()).isEqualTo(50);
    assertThat(query.page().start()).isEqualTo(new PageStart.First());
    assertThat(linked(query, query.page().start())).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "group_by=month | month currency | :asc",
        "group_by=wallet_name,unit | currency unit wallet_name | :asc",
        "group_by=month,unit&order_by=unit:desc | unit month currency | :desc",
        "group_by=type,month&order_by=type:asc | type month currency | :asc",
        "order_by=total_amount:desc | currency total_amount | :desc",
        "group_by=month&order_by=total_amount:asc | currency total_amount month | :asc"
      })
  void an_order_is_made_total_by_the_rest_of_the_group(String query, String keys, String end) {
    assertThat(order(query).text()).isEqualTo(keys.replace(' ', ',') + end);
  }

  @Test
  void no_value_is_ordered_as_an_empty_text() {
    assertThat(order("group_by=direction,type&order_by=total_amount:asc").sortKeys("t"))
        .containsExactly("t.currency", "t.total_amount", "t.type", "coalesce(t.direction, '')");
  }

  @Test
  void a_position_has_a_value_for_each_key() {
    Map<Dimension, Object> group = new EnumMap<>(Dimension.class);
    group.put(Dimension.MONTH, YearMonth.of(2026, 8));
    group.put(Dimension.CURRENCY, "EUR");
    group.put(Dimension.DIRECTION, null);
    group.put(Dimension.UNIT, UsageUnit.GB);
    Total total = new Total(group, null, new BigDecimal("-1.50"), null, Map.of());
    GroupOrder<Total> order = order("group_by=month,direction&order_by=total_amount:desc");

    Position position = order.position(total);

    assertThat(position.values()).containsExactly("EUR", "-1.5", "2026-08", "");
    assertThat(order.values(position))
        .isEqualTo(List.of("EUR", new BigDecimal("-1.5"), YearMonth.of(2026, 8), ""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "EUR",
        "EUR|1",
        "EUR|1|2026-08|x",
        "EUR||2026-08",
        "EUR|1.0|2026-08",
        "EUR|-0|2026-08",
        "EUR|01|2026-08",
        "EUR|+1|2026-08",
        "EUR|1e9|2026-08",
        "EUR|NaN|2026-08",
        "EUR|1.|2026-08",
        "EUR|1|2026-8",
        "EUR|1|2026-13",
        "EUR|1|",
        "E\0R|1|2026-08"
      })
  void what_is_no_position_of_an_order_is_refused(String values) {
    GroupOrder<Total> order = order("group_by=month&order_by=total_amount:desc");
    order.values(position("EUR|1|2026-08"));

    assertThatIllegalArgumentException().isThrownBy(() -> order.values(position(values)));
  }

  @Test
  void an_amount_of_any_length_is_refused_before_it_is_read() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> order("order_by=total_amount:asc").values(position("EUR|" + "9".repeat(101))));
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

  @ParameterizedTest
  @CsvSource({
    "1, 3, 0.333333",
    "2, 3, 0.666667",
    "0.0000005, 1, 0",
    "0.0000015, 1, 0.000002",
    "0.0000025, 1, 0.000002",
    "-1, 8, -0.125",
    "7, 7, 1",
    "1, 0, ",
    "0, 0, ",
    "1, -2, "
  })
  void a_share_is_rounded_half_even_and_there_is_none_of_nothing(
      BigDecimal amount, BigDecimal sum, BigDecimal share) {
    if (share == null) {
      assertThat(Total.share(amount, sum)).isNull();
    } else {
      assertThat(Total.share(amount, sum)).isEqualByComparingTo(share);
    }
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
