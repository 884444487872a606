package io.usageapi.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.usageapi.aggregate.AggregateKey;
import io.usageapi.aggregate.Dimension;
import io.usageapi.aggregate.Granularity;
import io.usageapi.aggregate.UsageAggregate;
import io.usageapi.aggregate.UsageType;
import io.usageapi.aggregate.UsageUnit;
import io.usageapi.page.Position;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class UsageOrderTest {
  private static final String ID = "0a7c0f0d1b3c4b8b9d2f6c5e4a3b2c1d";
  private static final UUID UUID_OF_ID = UUID.fromString("0a7c0f0d-1b3c-4b8b-9d2f-6c5e4a3b2c1d");
  private static final UsageAggregate AGGREGATE = aggregate(null);
  private static final UsageAggregate DAY = aggregate(LocalDate.of(2023, 8, 31));

  private static UsageAggregate aggregate(LocalDate day) {
    return new UsageAggregate(
        UUID_OF_ID,
        AggregateKey.of(
            Map.of(
                    Dimension.ACCOUNT_ID,
                    "acme-eu",
                    Dimension.PRODUCT_ID,
                    "voice-out",
                    Dimension.MONTH,
                    YearMonth.of(2023, 8),
                    Dimension.TYPE,
                    UsageType.CALL,
                    Dimension.CURRENCY,
                    "EUR",
                    Dimension.UNIT,
                    UsageUnit.MINUTES)
                ::get),
        day,
        BigDecimal.ONE,
        BigDecimal.TEN,
        null,
        null,
        false);
  }

  @Test
  void the_orders_are_those_of_the_contract() {
    assertThat(Arrays.stream(UsageOrder.values()).map(UsageOrder::text))
        .containsExactlyInAnyOrder(
            "id:desc",
            "id:asc",
            "month:desc",
            "month:asc",
            "day:desc",
            "day:asc",
            "account_id:desc",
            "account_id:asc",
            "product_id:desc",
            "product_id:asc",
            "total_amount:desc",
            "total_amount:asc");
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.MATCH_NONE, names = "DAY_.*")
  void an_order_is_found_by_its_name(UsageOrder order) {
    assertThat(UsageOrder.named(Granularity.MONTH, order.text())).contains(order);
    assertThat(order.descending()).isEqualTo(order.text().endsWith(":desc"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "id",
        "id:",
        ":desc",
        "ID:desc",
        "id:DESC",
        "id: desc",
        "id:desc ",
        "id desc",
        "ID_DESC",
        "price:asc",
        "day:asc",
        "id:desc,month:asc"
      })
  void another_name_is_no_order(String text) {
    assertThat(UsageOrder.named(Granularity.MONTH, text)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "id:asc, id",
    "month:desc, month id",
    "account_id:asc, account_id id",
    "product_id:desc, product_id id",
    "total_amount:desc, total_amount id"
  })
  void an_order_is_made_total_by_the_id(String text, String columns) {
    assertThat(UsageOrder.named(Granularity.MONTH, text).orElseThrow().columns(Granularity.MONTH))
        .containsExactly(columns.split(" ", -1));
  }

  @Test
  void a_position_is_what_an_aggregate_is_ordered_by() {
    assertThat(UsageOrder.ID_DESC.position(AGGREGATE)).isEqualTo(position(ID));
    assertThat(UsageOrder.MONTH_ASC.position(AGGREGATE)).isEqualTo(position("2023-08", ID));
    assertThat(UsageOrder.ACCOUNT_ID_ASC.position(AGGREGATE)).isEqualTo(position("acme-eu", ID));
    assertThat(UsageOrder.PRODUCT_ID_DESC.position(AGGREGATE)).isEqualTo(position("voice-out", ID));
    assertThat(UsageOrder.TOTAL_AMOUNT_ASC.position(AGGREGATE)).isEqualTo(position("10", ID));
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.MATCH_NONE, names = "DAY_.*")
  void a_position_has_a_value_for_each_column(UsageOrder order) {
    Position position = order.position(AGGREGATE);
    order.check(Granularity.MONTH, position);
    assertThat(order.values(Granularity.MONTH, position))
        .hasSameSizeAs(order.columns(Granularity.MONTH))
        .endsWith(UUID_OF_ID);
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.MATCH_NONE,
      names = {"MONTH_.*", "TOTAL_AMOUNT_.*"})
  void a_position_of_a_day_has_a_value_for_each_column(UsageOrder order) {
    List<Object> values = order.values(Granularity.DAY, order.position(DAY));

    assertThat(UsageOrder.named(Granularity.DAY, order.text())).contains(order);
    assertThat(values)
        .hasSameSizeAs(order.columns(Granularity.DAY))
        .contains(UUID_OF_ID, LocalDate.of(2023, 8, 31));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> order.check(Granularity.DAY, UsageOrder.ID_ASC.position(AGGREGATE)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "2023-02-29", "2023-8-1", "2023-08", "+023-08-01", "2023-08-001"})
  void a_position_without_a_proper_day_is_refused(String day) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> UsageOrder.ID_ASC.check(Granularity.DAY, position(ID, day)));
  }

  @Test
  void days_have_no_order_by_month_or_amount() {
    assertThat(UsageOrder.named(Granularity.DAY, "month:asc")).isEmpty();
    assertThat(UsageOrder.named(Granularity.DAY, "total_amount:asc")).isEmpty();
  }

  @Test
  void the_values_are_of_the_types_of_the_columns() {
    assertThat(UsageOrder.ID_ASC.values(Granularity.MONTH, position(ID)))
        .isEqualTo(List.of(UUID_OF_ID));
    assertThat(UsageOrder.MONTH_DESC.values(Granularity.MONTH, position("2023-08", ID)))
        .isEqualTo(List.of(YearMonth.of(2023, 8), UUID_OF_ID));
    assertThat(UsageOrder.ACCOUNT_ID_DESC.values(Granularity.MONTH, position("é 😀", ID)))
        .isEqualTo(List.of("é 😀", UUID_OF_ID));
    assertThat(UsageOrder.PRODUCT_ID_ASC.values(Granularity.MONTH, position("", ID)))
        .isEqualTo(List.of("", UUID_OF_ID));
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.MATCH_NONE, names = "DAY_.*")
  void a_position_of_another_size_is_refused(UsageOrder order) {
    assertRefused(order, position());
    assertRefused(order, position("2023-08", ID, ID));
  }

  @Test
  void a_position_of_another_order_is_refused() {
    assertRefused(UsageOrder.ID_DESC, position("2023-08", ID));
    assertRefused(UsageOrder.MONTH_DESC, position(ID));
    assertRefused(UsageOrder.MONTH_DESC, position("acme-eu", ID));
    assertRefused(UsageOrder.TOTAL_AMOUNT_DESC, position("1.0", ID));
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.MATCH_NONE, names = "DAY_.*")
  void a_position_without_a_proper_id_is_refused(UsageOrder order) {
    for (String id : List.of("", "zz", ID.substring(1), ID.toUpperCase(Locale.ROOT))) {
      assertRefused(
          order,
          order.columns(Granularity.MONTH).size() == 1 ? position(id) : position("2023-08", id));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "2023-13",
        "2023-00",
        "2023-8",
        "202-08",
        "-202-08",
        "+999-01",
        "2023-08-01",
        "20230-8",
        "٢٠٢٣-08",
        "2023_08"
      })
  void a_position_without_a_proper_month_is_refused(String month) {
    assertRefused(UsageOrder.MONTH_ASC, position(month, ID));
  }

  @Test
  void a_position_with_what_the_database_cannot_hold_is_refused() {
    assertRefused(UsageOrder.ACCOUNT_ID_ASC, position("a\0b", ID));
    assertRefused(UsageOrder.PRODUCT_ID_ASC, position("\0", ID));
  }

  private static Position position(String... values) {
    return new Position(List.of(values));
  }

  private static void assertRefused(UsageOrder order, Position position) {
    assertThatIllegalArgumentException().isThrownBy(() -> order.check(Granularity.MONTH, position));
  }
}
