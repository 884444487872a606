package io.usageapi.usage;

import io.usageapi.aggregate.AggregateId;
import io.usageapi.aggregate.Granularity;
import io.usageapi.aggregate.UsageAggregate;
import io.usageapi.page.Position;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The orders of usage, each made total by the id in the same direction. The id of a day is that of
 * its month's aggregate and the day, and so they order as it does.
 */
public enum UsageOrder {
  ID_DESC("id:desc", Key.ID, true),
  ID_ASC("id:asc", Key.ID, false),
  MONTH_DESC("month:desc", Key.MONTH, true),
  MONTH_ASC("month:asc", Key.MONTH, false),
  DAY_DESC("day:desc", Key.DAY, true),
  DAY_ASC("day:asc", Key.DAY, false),
  ACCOUNT_ID_DESC("account_id:desc", Key.ACCOUNT_ID, true),
  ACCOUNT_ID_ASC("account_id:asc", Key.ACCOUNT_ID, false),
  PRODUCT_ID_DESC("product_id:desc", Key.PRODUCT_ID, true),
  PRODUCT_ID_ASC("product_id:asc", Key.PRODUCT_ID, false);

  private enum Key {
    ID,
    MONTH,
    DAY,
    ACCOUNT_ID,
    PRODUCT_ID
  }

  private final String text;
  private final Key key;
  private final boolean descending;

  UsageOrder(String text, Key key, boolean descending) {
    this.text = text;
    this.key = key;
    this.descending = descending;
  }

  /** The order {@code order_by} names, if it is one. */
  public static Optional<UsageOrder> named(Granularity granularity, String text) {
    Key absent = granularity == Granularity.DAY ? Key.MONTH : Key.DAY;
    return Arrays.stream(values())
        .filter(order -> order.text.equals(text) && order.key != absent)
        .findFirst();
  }

  /** The spelling in {@code order_by}. */
  public String text() {
    return text;
  }

  /** The columns it orders by, first to last. */
  List<String> columns(Granularity granularity) {
    boolean days = granularity == Granularity.DAY;
    return switch (key) {
      case ID -> days ? List.of("aggregate_id", "day") : List.of("id");
      case MONTH -> List.of("month", "id");
      case DAY -> List.of("day", "aggregate_id");
      case ACCOUNT_ID -> days ? List.of("account_id", "id", "day") : List.of("account_id", "id");
      case PRODUCT_ID -> days ? List.of("product_id", "id", "day") : List.of("product_id", "id");
    };
  }

  /**
   * Those of {@link #columns} that a day has from its month, first to last, as columns of the
   * month: it starts no earlier than where these do.
   */
  List<String> columnsOfMonth(Granularity granularity) {
    if (granularity == Granularity.MONTH) {
      return List.of();
    }
    return switch (key) {
      case ID -> List.of("id");
      case ACCOUNT_ID -> List.of("account_id", "id");
      case PRODUCT_ID -> List.of("product_id", "id");
      case MONTH, DAY -> List.of();
    };
  }

  /** Whether it orders by the id alone. */
  boolean isById() {
    return key == Key.ID;
  }

  /** Whether it goes from high to low. */
  boolean descending() {
    return descending;
  }

  /** Where an aggregate stands in this order. */
  Position position(UsageAggregate aggregate) {
    String first =
        switch (key) {
          case ID -> null;
          case MONTH -> aggregate.month();
          case DAY -> aggregate.day();
          case ACCOUNT_ID -> aggregate.accountId();
          case PRODUCT_ID -> aggregate.productId();
        };
    String last = aggregate.day() == null || key == Key.DAY ? null : aggregate.day();
    return new Position(
        Stream.of(first, aggregate.monthlyId(), last).filter(Objects::nonNull).toList());
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
   * The values of {@link #columns} at a position, as the database takes them.
   *
   * @throws IllegalArgumentException when it is not a position of this order
   */
  List<Object> values(Granularity granularity, Position position) {
    List<String> columns = columns(granularity);
    List<String> texts = position.values();
    if (texts.size() != columns.size()) {
      throw new IllegalArgumentException("not a position of " + text);
    }
    return IntStream.range(0, columns.size())
        .mapToObj(i -> value(columns.get(i), texts.get(i)))
        .toList();
  }

  private static Object value(String column, String text) {
    return switch (column) {
      case "id", "aggregate_id" -> AggregateId.parse(text);
      case "month" -> firstDay(text);
      case "day" -> day(text);
      default -> withoutNul(text);
    };
  }

  private static LocalDate firstDay(String month) {
    if (month.length() != "2023-08".length()) {
      throw new IllegalArgumentException("not a month");
    }
    try {
      return YearMonth.parse(month).atDay(1);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("not a month", e);
    }
  }

  private static LocalDate day(String day) {
    if (day.length() != "2023-08-31".length()) {
      throw new IllegalArgumentException("not a day");
    }
    try {
      return LocalDate.parse(day);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("not a day", e);
    }
  }

  private static String withoutNul(String text) {
    if (text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("not a text of the database");
    }
    return text;
  }
}
