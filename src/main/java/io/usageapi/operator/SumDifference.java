package io.usageapi.operator;

import io.usageapi.aggregate.AggregateId;
import io.usageapi.aggregate.total.MonthTotal;
import io.usageapi.aggregate.total.MonthTotalDifference;
import io.usageapi.aggregate.total.MonthTotalDifference.Sums;
import io.usageapi.security.OrganizationId;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/**
 * A difference between an aggregate, of a month or a day, and the sum of its records.
 *
 * @param month the month of the aggregate
 * @param aggregate the id of the aggregate
 * @param day the day that differs; empty if the month differs
 * @param stored the stored sums; empty if there are records but no aggregate
 * @param units the sum of the records
 * @param amount the sum of the records
 * @param repaired whether the difference was added
 */
record SumDifference(
    OrganizationId organization,
    YearMonth month,
    UUID aggregate,
    Optional<LocalDate> day,
    Optional<Stored> stored,
    BigDecimal units,
    BigDecimal amount,
    boolean repaired) {
  private static final String NOTHING = "-";

  /** The stored sums of an aggregate, and its account. */
  record Stored(String account, BigDecimal units, BigDecimal amount) {}

  /** The units missing from the aggregate; negative if it has too many. */
  BigDecimal missingUnits() {
    return units.subtract(stored.map(Stored::units).orElse(BigDecimal.ZERO));
  }

  /** The amount missing from the aggregate; negative if it has too much. */
  BigDecimal missingAmount() {
    return amount.subtract(stored.map(Stored::amount).orElse(BigDecimal.ZERO));
  }

  SumDifference asRepaired() {
    return new SumDifference(organization, month, aggregate, day, stored, units, amount, true);
  }

  /** Records do not tell what their aggregate was for, so a lost aggregate stays lost. */
  boolean isRepairable() {
    return day.isPresent() || stored.isPresent();
  }

  /** Its line in the report, separated by tabs, which no id contains. */
  String line() {
    return String.join(
        "\t",
        "difference",
        "organization=" + organization.value(),
        day.map(date -> "day=" + date).orElse("month=" + month),
        "aggregate=" + AggregateId.text(aggregate),
        "account=" + stored.map(Stored::account).orElse(NOTHING),
        "units=" + stored.map(Stored::units).map(SumDifference::plain).orElse(NOTHING),
        "units_of_records=" + plain(units),
        "units_difference=" + plain(missingUnits()),
        "amount=" + stored.map(Stored::amount).map(SumDifference::plain).orElse(NOTHING),
        "amount_of_records=" + plain(amount),
        "amount_difference=" + plain(missingAmount()),
        "repaired=" + (isRepairable() ? repaired ? "yes" : "no" : "impossible"));
  }

  /** The line of a total that is not the sum of its aggregates. */
  static String line(OrganizationId organization, MonthTotalDifference total, boolean repaired) {
    MonthTotal.Key key = total.key();
    return String.join(
        "\t",
        "difference",
        "organization=" + organization.value(),
        "month=" + YearMonth.from(key.month()),
        "total=" + key.field() + " " + (key.value().isEmpty() ? NOTHING : key.value()),
        "kind=" + (key.topUp() ? "top_up" : "consumption"),
        "currency=" + key.currency(),
        "unit=" + key.unit() + (key.unitWord().isEmpty() ? "" : " " + key.unitWord()),
        "units=" + text(total.stored(), sums -> plain(sums.units())),
        "units_of_aggregates=" + text(total.aggregates(), sums -> plain(sums.units())),
        "amount=" + text(total.stored(), sums -> plain(sums.amount())),
        "amount_of_aggregates=" + text(total.aggregates(), sums -> plain(sums.amount())),
        "updated_at=" + text(total.stored(), sums -> sums.updatedAt().toString()),
        "updated_at_of_aggregates=" + text(total.aggregates(), sums -> sums.updatedAt().toString()),
        "repaired=" + (repaired ? "yes" : "no"));
  }

  private static String text(Optional<Sums> sums, Function<Sums, String> text) {
    return sums.map(text).orElse(NOTHING);
  }

  /** A number of each difference, for an array parameter. */
  static String[] texts(List<SumDifference> differences, Function<SumDifference, BigDecimal> of) {
    return differences.stream().map(of).map(BigDecimal::toPlainString).toArray(String[]::new);
  }

  private static String plain(BigDecimal number) {
    return number.stripTrailingZeros().toPlainString();
  }
}
