package io.usageapi.totals;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.usageapi.aggregate.MonthStatus;
import io.usageapi.aggregate.Versioned;
import io.usageapi.group.GroupRepository;
import io.usageapi.group.GroupSource;
import io.usageapi.group.Grouping;
import io.usageapi.page.Page;
import io.usageapi.sql.SqlBuilder;
import io.usageapi.usage.Include;
import io.vertx.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.math.BigDecimal;
import java.time.OffsetDateTime;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;

/** Totals over the monthly aggregates in the database. */
@ApplicationScoped
public class TotalsRepository {
  private final GroupRepository groups;

  TotalsRepository(GroupRepository groups) {
    this.groups = groups;
  }

  /** The page of a query, as {@link GroupRepository#page}. */
  public Uni<Versioned<Page<Total>>> page(TotalsQuery query) {
    return groups.page(rows(query.selection()), query.page());
  }

  /** All totals of a selection, as {@link GroupRepository#export}. */
  public Multi<Versioned<List<Total>>> export(TotalsSelection selection, Runnable closed) {
    return groups.export(rows(selection), closed);
  }

  private static GroupRepository.Rows<Total> rows(TotalsSelection selection) {
    return new GroupRepository.Rows<>(
        selection.organization(),
        selection,
        (source, sql) -> appendTotals(selection, source, sql),
        row -> total(selection, row));
  }

  /** The totals, each beside its currency's sum over all of them. */
  private static void appendTotals(TotalsSelection selection, GroupSource source, SqlBuilder sql) {
    sql.append("WITH totals AS (");
    appendGroups(selection, source, sql);
    sql.append(") SELECT g.*, c.currency_amount");
    if (selection.include().contains(Include.MONTH_STATUS)) {
      sql.append(", ");
      MonthStatus.append(selection.organization(), "g.month", sql);
      sql.append(" AS month_status");
    }
    sql.append(
        """
         FROM totals g JOIN (
          SELECT currency, sum(total_amount) AS currency_amount FROM totals GROUP BY currency
        ) c ON c.currency = g.currency""");
  }

  /** Adds up by unit first, so that a group of one unit is one row. A source may have done that. */
  private static void appendGroups(TotalsSelection selection, GroupSource source, SqlBuilder sql) {
    Grouping grouping = selection.grouping();
    boolean oneRow = source.isAddedUpBy(grouping);
    BinaryOperator<String> ofRows =
        (function, column) -> oneRow ? column : "%s(%s) AS %s".formatted(function, column, column);
    StringBuilder ofUnits = new StringBuilder();
    StringBuilder ofGroups = new StringBuilder();
    if (selection.include().contains(Include.DESCRIPTION)) {
      ofUnits.append(
          """
          , min(description) AS first_description, max(description) AS last_description,
            count(description) = count(*) AS is_described""");
      ofGroups.append(
          """
          , CASE WHEN min(first_description) = max(last_description) AND bool_and(is_described)
            THEN min(first_description) END AS description""");
    }
    if (selection.include().contains(Include.UPDATED_AT)) {
      ofUnits.append(", " + ofRows.apply("max", "updated_at"));
      ofGroups.append(", max(updated_at) AS updated_at");
    }
    sql.append(
        """
            SELECT %s,
              CASE WHEN %s THEN min(number_of_units) END AS number_of_units,
              sum(total_amount) AS total_amount%s
            FROM (
              SELECT %s, %s, %s%s
              FROM\s"""
            .formatted(
                GroupRepository.shown(grouping),
                GroupRepository.HAS_ONE_UNIT,
                ofGroups,
                grouping.byUnit().columns(),
                ofRows.apply("sum", "number_of_units"),
                ofRows.apply("sum", "total_amount"),
                ofUnits));
    source.append(selection, sql);
    sql.append(oneRow ? "" : " GROUP BY " + grouping.byUnit().columns())
        .append(") u GROUP BY " + grouping.columns());
  }

  private static Total total(TotalsSelection selection, Row row) {
    BigDecimal amount = row.getBigDecimal("total_amount");
    return new Total(
        GroupRepository.values(selection.grouping().shown(), row),
        row.getBigDecimal("number_of_units"),
        amount,
        Total.share(amount, row.getBigDecimal("currency_amount")),
        included(selection, row));
  }

  private static Map<Include, Object> included(TotalsSelection selection, Row row) {
    Map<Include, Object> included = new EnumMap<>(Include.class);
    for (Include each : selection.include()) {
      switch (each) {
        case DESCRIPTION, MONTH_STATUS -> included.put(each, row.getString(each.field()));
        case UPDATED_AT -> {
          OffsetDateTime updatedAt = row.getOffsetDateTime(each.field());
          included.put(each, updatedAt.toInstant());
        }
        case UNIT_WORD -> {
          // It is a field of the group.
        }
      }
    }
    return included;
  }
}
