package io.usageapi.account;

import io.quarkus.panache.common.Sort;
import java.util.Arrays;
import java.util.Optional;

/** The orders of accounts, each made total by the id in the same direction; no name sorts last. */
public enum AccountOrder {
  ID_ASC("id:asc", false, Sort.Direction.Ascending),
  ID_DESC("id:desc", false, Sort.Direction.Descending),
  NAME_ASC("name:asc", true, Sort.Direction.Ascending),
  NAME_DESC("name:desc", true, Sort.Direction.Descending);

  private final String text;
  private final boolean byName;
  private final Sort.Direction direction;

  AccountOrder(String text, boolean byName, Sort.Direction direction) {
    this.text = text;
    this.byName = byName;
    this.direction = direction;
  }

  /** The order {@code order_by} names, if it is one. */
  static Optional<AccountOrder> named(String text) {
    return Arrays.stream(values()).filter(order -> order.text.equals(text)).findFirst();
  }

  /** The order as the database takes it. */
  Sort sort() {
    return byName
        ? Sort.by("name", direction, Sort.NullPrecedence.NULLS_LAST).and("id", direction)
        : Sort.by("id", direction);
  }
}
