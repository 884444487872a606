package io.usageapi.sql;

import io.usageapi.filter.Field;
import io.usageapi.filter.Filter;
import io.usageapi.filter.Filter.Operator;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.List;

/**
 * Renders a filter as an SQL condition.
 *
 * <p>The logic of filters is two-valued, that of SQL three-valued. So negations are pushed down to
 * the leaves, and each leaf is rendered to be true exactly if the filter is. Where the filter is
 * false, a leaf may be unknown: under {@code AND} and {@code OR} alone that selects no more rows
 * than false. So plain comparisons stay plain and can use an index.
 */
public final class FilterSql {
  private FilterSql() {}

  /** Appends the condition that selects the rows for which {@code filter} is true. */
  public static void append(Filter filter, SqlBuilder sql) {
    append(filter, false, sql);
  }

  private static void append(Filter filter, boolean negated, SqlBuilder sql) {
    if (filter instanceof Filter.Not not) {
      append(not.part(), !negated, sql);
    } else if (filter instanceof Filter.And and) {
      appendAll(and.parts(), negated ? " OR " : " AND ", negated, sql);
    } else if (filter instanceof Filter.Or or) {
      appendAll(or.parts(), negated ? " AND " : " OR ", negated, sql);
    } else if (filter instanceof Filter.IsNull isNull) {
      sql.append(isNull.field().name()).append(negated ? " IS NOT NULL" : " IS NULL");
    } else if (filter instanceof Filter.Compare compare) {
      appendCompare(compare, negated, sql);
    } else if (filter instanceof Filter.OneOf oneOf) {
      appendFalseOnNull(oneOf.field(), negated, sql, () -> appendOneOf(oneOf, sql));
    } else {
      Filter.Contains contains = (Filter.Contains) filter;
      appendFalseOnNull(
          contains.field(),
          negated,
          sql,
          () ->
              sql.append("strpos(")
                  .append(contains.field().name())
                  .append(", ")
                  .bind(contains.literal())
                  .append(") > 0"));
    }
  }

  private static void appendAll(
      List<Filter> parts, String operator, boolean negated, SqlBuilder sql) {
    String separator = "(";
    for (Filter part : parts) {
      sql.append(separator);
      append(part, negated, sql);
      separator = operator;
    }
    sql.append(")");
  }

  private static void appendCompare(Filter.Compare compare, boolean negated, SqlBuilder sql) {
    Field field = compare.field();
    Object value = value(field, compare.literal());
    boolean unequal = compare.operator() == (negated ? Operator.EQ : Operator.NE);
    boolean equal = compare.operator() == (negated ? Operator.NE : Operator.EQ);
    if (unequal) {
      // Both `ne` and `not eq` are true for a missing value.
      sql.append(field.name()).append(field.nullable() ? " IS DISTINCT FROM " : " <> ").bind(value);
    } else if (equal) {
      sql.append(field.name()).append(" = ").bind(value);
    } else {
      appendFalseOnNull(
          field,
          negated,
          sql,
          () ->
              sql.append(field.name())
                  .append(" ")
                  .append(compare.operator().sql())
                  .append(" ")
                  .bind(value));
    }
  }

  private static void appendOneOf(Filter.OneOf oneOf, SqlBuilder sql) {
    Field field = oneOf.field();
    sql.append(field.name()).append(" = ANY (");
    switch (field.kind()) {
      case MONTH ->
          sql.bind(oneOf.literals().stream().map(YearMonth::parse).toArray(YearMonth[]::new));
      case DAY ->
          sql.bind(oneOf.literals().stream().map(LocalDate::parse).toArray(LocalDate[]::new));
      case TEXT, ENUM, CURRENCY -> sql.bind(oneOf.literals().toArray(String[]::new));
    }
    sql.append(")");
  }

  private static void appendFalseOnNull(
      Field field, boolean negated, SqlBuilder sql, Runnable leaf) {
    if (!negated) {
      leaf.run();
      return;
    }
    sql.append(field.nullable() ? "(" : "NOT (");
    leaf.run();
    sql.append(field.nullable() ? ") IS NOT TRUE" : ")");
  }

  /** The value to bind for a literal. */
  static Object value(Field field, String literal) {
    return switch (field.kind()) {
      case MONTH -> YearMonth.parse(literal);
      case DAY -> LocalDate.parse(literal);
      case TEXT, ENUM, CURRENCY -> literal;
    };
  }
}
