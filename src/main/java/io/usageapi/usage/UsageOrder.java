package io.usageapi.usage;

import io.usageapi.page.Position;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The orders of monthly usage, each made total by the id in the same direction. */
public enum UsageOrder {
  ID_DESC("id:desc", Key.ID, true),
  ID_ASC("id:asc", Key.ID, false),
  MONTH_DESC("month:desc", Key.MONTH, true),
  MONTH_ASC("month:asc", Key.MONTH, false),
  ACCOUNT_ID_DESC("account_id:desc", Key.ACCOUNT_ID, true),
  ACCOUNT_ID_ASC("account_id:asc", Key.ACCOUNT_ID, false),
  PRODUCT_ID_DESC("product_id:desc", Key.PRODUCT_ID, true),
  PRODUCT_ID_ASC("product_id:asc", Key.PRODUCT_ID, false);

  private enum Key {
    ID,
    MONTH,
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
  public static Optional<UsageOrder> named(String text) {
    return Arrays.stream(values()).filter(order -> order.text.equals(text)).findFirst();
  }

  /** The spelling in {@code order_by}. */
  public String text() {
    return text;
  }

  /** The columns it orders by, first to last. */
  List<String> columns() {
    return switch (key) {
      case ID -> List.of("id");
      case MONTH -> List.of("month", "id");
      case ACCOUNT_ID -> List.of("account_id", "id");
      case PRODUCT_ID -> List.of("product_id", "id");
    };
  }

  /** Whether it goes from high to low. */
  boolean descending() {
    return descending;
  }

  /** Where an aggregate stands in this order. */
  Position position(UsageAggregate aggregate) {
    return new Position(
        switch (key) {
          case ID -> List.of(aggregate.id());
          case MONTH -> List.of(aggregate.month(), aggregate.id());
          case ACCOUNT_ID -> List.of(aggregate.accountId(), aggregate.id());
          case PRODUCT_ID -> List.of(aggregate.productId(), aggregate.id());
        });
  }

  /**
   * Checks that a position is one of this order.
   *
   * @throws IllegalArgumentException when it is not
   */
  @SuppressWarnings("CheckReturnValue")
  void check(Position position) {
    values(position);
  }

  /**
   * The values of {@link #columns()} at a position, as the database takes them.
   *
   * @throws IllegalArgumentException when it is not a position of this order
   */
  List<Object> values(Position position) {
    List<String> texts = position.values();
    if (texts.size() != columns().size()) {
      throw new IllegalArgumentException("not a position of " + text);
    }
    Object id = AggregateId.parse(texts.get(texts.size() - 1));
    return switch (key) {
      case ID -> List.of(id);
      case MONTH -> List.of(firstDay(texts.get(0)), id);
      case ACCOUNT_ID, PRODUCT_ID -> List.of(withoutNul(texts.get(0)), id);
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

  private static String withoutNul(String text) {
    if (text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("not a text of the database");
    }
    return text;
  }
}
