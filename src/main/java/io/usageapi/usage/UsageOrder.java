package io.usageapi.usage;

import io.usageapi.aggregate.AggregateId;
import io.usageapi.aggregate.Dimension;
import io.usageapi.aggregate.Granularity;
import io.usageapi.aggregate.UsageAggregate;
import io.usageapi.page.Position;
import io.usageapi.text.DecimalText;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/** The orders of usage. The id, in the same direction, makes each of them total. */
public enum UsageOrder {
  ID_DESC,
  ID_ASC,
  MONTH_DESC,
  MONTH_ASC,
  DAY_DESC,
  DAY_ASC,
  ACCOUNT_ID_DESC,
  ACCOUNT_ID_ASC,
  PRODUCT_ID_DESC,
  PRODUCT_ID_ASC,
  TOTAL_AMOUNT_DESC,
  TOTAL_AMOUNT_ASC;

  private static final int DAY_LENGTH = "2023-08-31".length();

  private final String field;
  private final boolean descending;

  UsageOrder() {
    String name = name().toLowerCase(Locale.ROOT);
    this.field = name.substring(0, name.lastIndexOf('_'));
    this.descending = name.endsWith("_desc");
  }

  /** The order that {@code order_by} names, if it is one. */
  public static Optional<UsageOrder> named(Granularity granularity, String text) {
    return Arrays.stream(values())
        .filter(order -> order.text().equals(text) && order.isOf(granularity))
        .findFirst();
  }

  /** By time, months order by month and days by day; only months order by amount. */
  private boolean isOf(Granularity granularity) {
    return isByAmount()
        ? granularity == Granularity.MONTH
        : field.equals(granularity.period())
            || Arrays.stream(Granularity.values()).noneMatch(each -> field.equals(each.period()));
  }

  /** The spelling in {@code order_by}. */
  public String text() {
    return field + (descending ? ":desc" : ":asc");
  }

  /** The columns it orders by, first to last. */
  List<String> columns(Granularity granularity) {
    return granularity.order(field);
  }

  /** Those of {@link #columns} that days have from their month, as {@link Granularity} says. */
  List<String> monthlyColumns(Granularity granularity) {
    return granularity.monthlyOrder(field);
  }

  /** Whether it orders by the id alone. */
  boolean isById() {
    return field.equals("id");
  }

  /** Whether it orders by the amount: the aggregates of one month only. */
  boolean isByAmount() {
    return field.equals("total_amount");
  }

  /** Whether it goes from high to low. */
  boolean descending() {
    return descending;
  }

  /** Where an aggregate stands in this order. */
  Position position(UsageAggregate aggregate) {
    Granularity granularity = aggregate.day() == null ? Granularity.MONTH : Granularity.DAY;
    return new Position(
        columns(granularity).stream().map(column -> text(column, aggregate)).toList());
  }

  private static String text(String column, UsageAggregate aggregate) {
    return switch (column) {
      case "id", "aggregate_id" -> AggregateId.text(aggregate.monthlyId());
      case "day" -> aggregate.day().toString();
      case "total_amount" -> DecimalText.plain(aggregate.totalAmount());
      default -> aggregate.key().value(dimension(column)).toString();
    };
  }

  /**
   * Checks that a position is one of this order.
   *
   * @throws IllegalArgumentException when it is not
   */
  @SuppressWarnings("CheckReturnValue")
  void check(Granularity granularity, Position position) {
    values(granularity, position);
  }

  /**
   * The values of {@link #columns} at a position.
   *
   * @throws IllegalArgumentException when it is not a position of this order
   */
  List<Object> values(Granularity granularity, Position position) {
    List<String> columns = columns(granularity);
    List<String> texts = position.values();
    if (texts.size() != columns.size()) {
      throw new IllegalArgumentException("not a position of " + text());
    }
    return IntStream.range(0, columns.size())
        .mapToObj(i -> value(columns.get(i), texts.get(i)))
        .toList();
  }

  private static Object value(String column, String text) {
    return switch (column) {
      case "id", "aggregate_id" -> AggregateId.parse(text);
      case "day" -> day(text);
      case "total_amount" -> DecimalText.parsePlain(text);
      default -> dimension(column).parse(text);
    };
  }

  private static Dimension dimension(String column) {
    return Dimension.valueOf(column.toUpperCase(Locale.ROOT));
  }

  private static LocalDate day(String text) {
    if (text.length() != DAY_LENGTH) {
      throw new IllegalArgumentException("not a day");
    }
    try {
      return LocalDate.parse(text);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("not a day", e);
    }
  }
}
