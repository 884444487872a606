package io.usageapi.changes;

import io.usageapi.aggregate.Dimension;
import io.usageapi.http.QueryParameters;
import java.time.YearMonth;
import java.util.Optional;

/**
 * The parameters {@code month} and {@code with}: the months that are compared.
 *
 * @param current the month
 * @param previous the month that it is compared with
 */
record Months(YearMonth current, YearMonth previous) {
  private static final String MONTH = "month";
  private static final String WITH = "with";
  private static final YearMonth FIRST = YearMonth.of(0, 1);

  /**
   * Reads the parameters, and collects errors. The defaults are the latest whole month and the
   * month before {@code month}.
   *
   * @param now the month in progress
   */
  static Months read(QueryParameters parameters, YearMonth now) {
    YearMonth current = month(MONTH, parameters).orElse(now.minusMonths(1));
    YearMonth previous =
        month(WITH, parameters).orElse(current.equals(FIRST) ? current : current.minusMonths(1));
    if (current.equals(previous) && !parameters.anyRejected(MONTH)) {
      parameters.reject(WITH, "must be another month than " + current);
    }
    return new Months(current, previous);
  }

  private static Optional<YearMonth> month(String name, QueryParameters parameters) {
    try {
      return parameters.text(name).map(text -> (YearMonth) Dimension.MONTH.parse(text));
    } catch (IllegalArgumentException e) {
      parameters.reject(name, "must be a month like 2026-08");
      return Optional.empty();
    }
  }
}
