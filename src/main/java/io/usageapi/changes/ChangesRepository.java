package io.usageapi.changes;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.usageapi.aggregate.Versioned;
import io.usageapi.group.GroupRepository;
import io.usageapi.group.GroupSource;
import io.usageapi.group.Grouping;
import io.usageapi.page.Page;
import io.usageapi.sql.SqlBuilder;
import io.vertx.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.YearMonth;
import java.util.List;

/** Changes between two months over the monthly aggregates in the database. */
@ApplicationScoped
public class ChangesRepository {
  private final GroupRepository groups;

  ChangesRepository(GroupRepository groups) {
    this.groups = groups;
  }

  /** The page of a query, as {@link GroupRepository#page}. */
  public Uni<Versioned<Page<Change>>> page(ChangesQuery query) {
    return groups.page(rows(query.selection()), query.page());
  }

  /** All changes of a selection, as {@link GroupRepository#export}. */
  public Multi<Versioned<List<Change>>> export(ChangesSelection selection, Runnable closed) {
    return groups.export(rows(selection), closed);
  }

  private static GroupRepository.Rows<Change> rows(ChangesSelection selection) {
    return new GroupRepository.Rows<>(
        selection.organization(),
        selection,
        (source, sql) -> appendChanges(selection, source, sql),
        row -> change(selection, row));
  }

  /** Adds up by unit first, so that a group of one unit is one row. */
  private static void appendChanges(
      ChangesSelection selection, GroupSource source, SqlBuilder sql) {
    Grouping grouping = selection.grouping();
    String oneUnit = GroupRepository.HAS_ONE_UNIT;
    sql.append(
        """
            SELECT *, current_amount - previous_amount AS change FROM (
              SELECT %s,
                coalesce(sum(previous_amount), 0) AS previous_amount,
                coalesce(sum(current_amount), 0) AS current_amount,
                CASE WHEN %s AND count(current_units) = 1
                  THEN min(previous_units) END AS previous_units,
                CASE WHEN %s AND count(previous_units) = 1
                  THEN min(current_units) END AS current_units
              FROM (
                SELECT %s,
            """
            .formatted(
                GroupRepository.shown(grouping), oneUnit, oneUnit, grouping.byUnit().columns()));
    appendSums("previous", selection.months().previous(), sql);
    sql.append(", ");
    appendSums("current", selection.months().current(), sql);
    source.append(selection, sql.append(" FROM "));
    sql.append(" AND month = ANY (")
        .bind(new YearMonth[] {selection.months().previous(), selection.months().current()})
        .append(") GROUP BY " + grouping.byUnit().columns())
        .append(") u GROUP BY " + grouping.columns() + ") changes");
  }

  /** The sums of a month, which are null if it has none of the group and unit. */
  private static void appendSums(String name, YearMonth month, SqlBuilder sql) {
    sql.append("sum(total_amount) FILTER (WHERE month = ")
        .bind(month)
        .append(") AS " + name + "_amount, sum(number_of_units) FILTER (WHERE month = ")
        .bind(month)
        .append(") AS " + name + "_units");
  }

  private static Change change(ChangesSelection selection, Row row) {
    return new Change(
        GroupRepository.values(selection.grouping().shown(), row),
        row.getBigDecimal("previous_amount"),
        row.getBigDecimal("current_amount"),
        row.getBigDecimal("previous_units"),
        row.getBigDecimal("current_units"));
  }
}
