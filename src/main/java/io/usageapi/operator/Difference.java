package io.usageapi.operator;

import io.usageapi.aggregate.AggregateId;
import io.usageapi.security.OrganizationId;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.Optional;
import java.util.UUID;

/**
 * An aggregate that is not the sum of its records, of a month or of a day.
 *
 * @param organization whose it is
 * @param month its month
 * @param aggregate the id of the month's aggregate
 * @param day the day of it that differs; empty where the month does
 * @param stored what the aggregate says; empty where records are there but no aggregate is
 * @param units the sum of the records' units
 * @param amount the sum of the records' amounts
 * @param repaired whether the difference was added
 */
record Difference(
    OrganizationId organization,
    YearMonth month,
    UUID aggregate,
    Optional<LocalDate> day,
    Optional<Stored> stored,
    BigDecimal units,
    BigDecimal amount,
    boolean repaired) {
  private static final String NOTHING = "-";

  /**
   * What an aggregate says.
   *
   * @param account whose usage it sums
   */
  record Stored(String account, BigDecimal units, BigDecimal amount) {}

  /** By how many units the aggregate is short of its records; negative where it has too many. */
  BigDecimal missingUnits() {
    return units.subtract(stored.map(Stored::units).orElse(BigDecimal.ZERO));
  }

  /** By which amount the aggregate is short of its records; negative where it has too much. */
  BigDecimal missingAmount() {
    return amount.subtract(stored.map(Stored::amount).orElse(BigDecimal.ZERO));
  }

  Difference asRepaired() {
    return new Difference(organization, month, aggregate, day, stored, units, amount, true);
  }

  /** Whether what it is of is known: of records without an aggregate it is not. */
  boolean isRepairable() {
    return day.isPresent() || stored.isPresent();
  }

  /** Its line of the report: fields between tabs, which no id holds. */
  String line() {
    return String.join(
        "\t",
        "difference",
        "organization=" + organization.value(),
        day.map(date -> "day=" + date).orElse("month=" + month),
        "aggregate=" + AggregateId.text(aggregate),
        "account=" + stored.map(Stored::account).orElse(NOTHING),
        "units=" + stored.map(Stored::units).map(Difference::plain).orElse(NOTHING),
        "units_of_records=" + plain(units),
        "units_difference=" + plain(missingUnits()),
        "amount=" + stored.map(Stored::amount).map(Difference::plain).orElse(NOTHING),
        "amount_of_records=" + plain(amount),
        "amount_difference=" + plain(missingAmount()),
        "repaired=" + (isRepairable() ? repaired ? "yes" : "no" : "impossible"));
  }

  private static String plain(BigDecimal number) {
    return number.stripTrailingZeros().toPlainString();
  }
}
