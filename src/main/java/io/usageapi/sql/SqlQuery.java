package io.usageapi.sql;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A statement as a value: its text, and the arguments its {@code $1}, {@code $2}, … stand for. What
 * a caller sent is only ever an argument.
 *
 * @param text the text, made of constants
 * @param arguments the arguments in order; an argument may be null
 */
public record SqlQuery(String text, List<Object> arguments) {
  private static final String ONCE = "/* once */ ";

  public SqlQuery {
    arguments = Collections.unmodifiableList(new ArrayList<>(arguments));
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
