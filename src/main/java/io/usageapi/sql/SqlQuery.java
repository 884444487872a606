package io.usageapi.sql;

import java.time.LocalDate;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * A statement: its text, and the arguments for {@code $1}, {@code $2}, … Input of a caller is only
 * ever an argument.
 *
 * @param text constant text
 * @param arguments the arguments in order; may contain nulls
 */
public record SqlQuery(String text, List<Object> arguments) {
  private static final String ONCE = "/* once */ ";

  public SqlQuery {
    List<Object> values = new ArrayList<>(arguments);
    values.replaceAll(SqlQuery::value);
    arguments = Collections.unmodifiableList(values);
  }

  /** The database has no months: it is given the first days. */
  private static Object value(Object argument) {
    if (argument instanceof YearMonth[] months) {
      return Arrays.stream(months).map(month -> month.atDay(1)).toArray(LocalDate[]::new);
    }
    return argument instanceof YearMonth month ? month.atDay(1) : argument;
  }

  /** A statement that is not kept prepared, because its text is one of very many. */
  static SqlQuery once(String text, List<Object> arguments) {
    return new SqlQuery(ONCE + text, arguments);
  }

  /**
   * Whether connections keep a statement prepared. Filters and groups make so many different texts
   * that keeping them would fill the memory of the database.
   */
  public static boolean isRepeated(String text) {
    return !text.startsWith(ONCE);
  }
}
