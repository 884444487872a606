package io.usageapi.sql;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.ArrayList;
import java.util.List;

/** Builds a statement: constant text is appended, values are bound. */
public final class SqlBuilder {
  private final StringBuilder text = new StringBuilder();
  private final List<Object> arguments = new ArrayList<>();

  /** Appends constant text, never input of a caller. */
  @CanIgnoreReturnValue
  public SqlBuilder append(String constant) {
    text.append(constant);
    return this;
  }

  /** Binds a value and appends its placeholder. */
  @CanIgnoreReturnValue
  public SqlBuilder bind(Object value) {
    arguments.add(value);
    text.append('$').append(arguments.size());
    return this;
  }

  /** Appends a row comparison, as keyset pages need it: {@code (a, b) < ($1, $2)}. */
  @CanIgnoreReturnValue
  public SqlBuilder compare(List<String> columns, String operator, List<Object> values) {
    append("(").append(String.join(", ", columns)).append(") ").append(operator).append(" ");
    String separator = "(";
    for (Object value : values) {
      append(separator).bind(value);
      separator = ", ";
    }
    return append(")");
  }

  /** Appends an {@code ORDER BY} clause with one direction for all columns. */
  @CanIgnoreReturnValue
  public SqlBuilder orderBy(List<String> columns, boolean descending) {
    String direction = descending ? " DESC" : " ASC";
    return append(" ORDER BY ").append(String.join(direction + ", ", columns)).append(direction);
  }

  /** The statement. Its text is one of few, so connections keep it prepared. */
  public SqlQuery build() {
    return new SqlQuery(text.toString(), arguments);
  }

  /** The statement. Its text is one of very many, so it is prepared for one use only. */
  public SqlQuery buildOnce() {
    return SqlQuery.once(text.toString(), arguments);
  }
}
