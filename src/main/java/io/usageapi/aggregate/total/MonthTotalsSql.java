package io.usageapi.aggregate.total;

import io.usageapi.aggregate.Dimension;
import io.usageapi.aggregate.UsageType;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The parts of statements on totals of months. */
public final class MonthTotalsSql {
  private static final String KEY =
      "organization_id, field, top_up, month, value, currency, unit, unit_word";

  /** Inserts what follows, a query of {@link #totals} or rows with the same columns. */
  public static final String INSERT =
      """
      INSERT INTO month_total
        (%s, number_of_units, total_amount, updated_at)
      """
          .formatted(KEY);

  /** Adds to a total that is there. */
  public static final String OR_ADD =
      """
      ON CONFLICT (%s) DO UPDATE SET
        number_of_units = month_total.number_of_units + excluded.number_of_units,
        total_amount = month_total.total_amount + excluded.total_amount,
        updated_at = greatest(month_total.updated_at, excluded.updated_at)
      """
          .formatted(KEY);

  private static final String TOP_UPS =
      Dimension.TYPE.constants().values().stream()
          .filter(type -> ((UsageType) type).isTopUp())
          .map(type -> "'" + type.name() + "'")
          .collect(Collectors.joining(", "));

  private MonthTotalsSql() {}

  /**
   * The query of the totals of rows that have the columns of aggregates. It first adds up what has
   * all fields in common, which is usually much less, and then by each field.
   *
   * @param units the expression of the units, and so on
   * @param from the rows, with a condition
   */
  public static String totals(String units, String amount, String updatedAt, String from) {
    return """
    SELECT m.organization_id, f.field, m.type IN (%s) AS top_up, m.month,
      coalesce(f.value, '') AS value, m.currency, m.unit, coalesce(m.unit_word, '') AS unit_word,
      sum(m.number_of_units) AS number_of_units, sum(m.total_amount) AS total_amount,
      max(m.updated_at) AS updated_at
    FROM (
      SELECT organization_id, %s, sum(%s) AS number_of_units,
        sum(%s) AS total_amount, max(%s) AS updated_at
      FROM %s
      GROUP BY organization_id, %s) AS m,
      unnest(ARRAY[%s], ARRAY[%s]) AS f (field, value)
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
    """
        .formatted(
            TOP_UPS,
            list(MonthTotal.COLUMNS, Dimension::column),
            units,
            amount,
            updatedAt,
            from,
            list(MonthTotal.COLUMNS, Dimension::column),
            list(MonthTotal.FIELDS, field -> "'" + field.column() + "'"),
            list(MonthTotal.FIELDS, field -> "m." + field.column()));
  }

  private static String list(List<Dimension> dimensions, Function<Dimension, String> text) {
    return dimensions.stream().map(text).collect(Collectors.joining(", "));
  }
}
