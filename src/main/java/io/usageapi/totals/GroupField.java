package io.usageapi.totals;

import java.time.YearMonth;
import java.util.Locale;
import java.util.regex.Pattern;

/** A field that totals are grouped by, in the order that an aggregate has them in. */
enum GroupField {
  ACCOUNT_ID,
  PRODUCT_ID,
  AGGR_PRODUCT_ID,
  MONTH,
  TYPE,
  CURRENCY,
  DIRECTION,
  RESOLUTION,
  UNIT,
  WALLET_NAME;

  private static final Pattern YEAR_AND_MONTH = Pattern.compile("[0-9]{4}-(0[1-9]|1[0-2])");

  /** Its name on the wire, which is also the column's. */
  String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether it is part of every group, so that nothing unlike is added. */
  boolean always() {
    return this == CURRENCY || this == UNIT;
  }

  /** What it is ordered by, of a table: no value stands where an empty text would. */
  String sortKey(String table) {
    return switch (this) {
      case AGGR_PRODUCT_ID, DIRECTION, RESOLUTION, WALLET_NAME ->
          "coalesce(" + table + "." + wireName() + ", '')";
      default -> table + "." + wireName();
    };
  }

  /**
   * The value of {@link #sortKey} that a text of a position stands for, as the database takes it.
   *
   * @throws IllegalArgumentException when it stands for none
   */
  Object sortValue(String text) {
    if (this == MONTH) {
      if (!YEAR_AND_MONTH.matcher(text).matches()) {
        throw new IllegalArgumentException("not a month");
      }
      return YearMonth.parse(text).atDay(1);
    }
    if (text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("not a text of the database");
    }
    return text;
  }
}
