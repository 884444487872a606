package io.usageapi.sql;

import java.time.LocalDate;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * A statement as a value: its text, and the arguments its {@code $1}, {@code $2}, … stand for. What
 * a caller sent is only ever an argument.
 *
 * @param text the text, made of constants
 * @param arguments the arguments in order; an argument may be null, and a month is given as its
 *     first day
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

  /** A statement of one of very many texts, which is therefore not kept prepared. */
  static SqlQuery once(String text, List<Object> arguments) {
    return new SqlQuery(ONCE + text, arguments);
  }

  /**
   * Whether a text comes again and again, so that a connection keeps it prepared. What a caller
   * chooses the text of, by a filter or a group, does not: a connection that kept each would fill
   * the database's memory.
   */
  public static boolean isRepeated(String text) {
    return !text.startsWith(ONCE);
  }
}
