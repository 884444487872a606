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
  public SqlQuery {
    arguments = Collections.unmodifiableList(new ArrayList<>(arguments));
  }
}
