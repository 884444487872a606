package io.usageapi.group;

import io.usageapi.aggregate.Dimension;
import io.usageapi.aggregate.total.MonthTotal;
import io.usageapi.sql.SqlBuilder;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * The rows that groups are added up from: the monthly aggregates, or the totals of months by a
 * field, which are few. Both add up to the same.
 *
 * @param field the field of the totals; empty for the aggregates
 */
public record GroupSource(Optional<Dimension> field) {
  static final GroupSource AGGREGATES = new GroupSource(Optional.empty());

  /** The columns that totals by any field have. */
  private static final Set<Dimension> ALWAYS =
      Set.of(Dimension.MONTH, Dimension.CURRENCY, Dimension.UNIT, Dimension.UNIT_WORD);

  /** The totals that have all columns of a selection, or else the aggregates. */
  static GroupSource of(GroupSelection<?> selection) {
    Set<Dimension> others = new HashSet<>(selection.columns());
    others.removeAll(ALWAYS);
    if (others.isEmpty()) {
      return new GroupSource(Optional.of(MonthTotal.FIELDS.get(0)));
    }
    return others.size() == 1 && MonthTotal.FIELDS.containsAll(others)
        ? new GroupSource(others.stream().findFirst())
        : AGGREGATES;
  }

  /** Whether these are totals, which may be stale. */
  boolean isTotals() {
    return field.isPresent();
  }

  /**
   * Whether it has at most one row for a group by unit and word, so that there is nothing to add up
   * by those.
   */
  public boolean isAddedUpBy(Grouping grouping) {
    return field.map(by -> grouping.has(by) && grouping.has(Dimension.MONTH)).orElse(false);
  }

  /** Appends the rows of a selection, named {@code m}, with a condition. */
  public void append(GroupSelection<?> selection, SqlBuilder sql) {
    if (field.isEmpty()) {
      sql.append("monthly_usage m WHERE organization_id = ")
          .bind(selection.organization().value())
          .append(" AND " + selection.kind().condition());
    } else {
      Dimension by = field.get();
      sql.append(
              """
              (
                SELECT month, %s AS %s, currency, unit, nullif(unit_word, '') AS unit_word,
                  number_of_units, total_amount, updated_at
                FROM month_total
                WHERE field = '%s' AND top_up = %s AND organization_id =\s"""
                  .formatted(
                      by.isRequired() ? "value" : "nullif(value, '')",
                      by.column(),
                      by.column(),
                      selection.kind() == UsageKind.TOP_UP))
          .bind(selection.organization().value())
          .append(") m WHERE true");
    }
    selection.filter().append(sql);
  }
}
