package io.usageapi.sql;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.ArrayList;
import java.util.List;

/** Puts a statement together: constant text is appended, values are bound. */
public final class SqlBuilder {
  private final StringBuilder text = new StringBuilder();
  private final List<Object> arguments = new ArrayList<>();

  /** Appends constant text: never anything a caller sent. */
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

  /** Appends a comparison of rows, by which a keyset page starts: {@code (a, b) < ($1, $2)}. */
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

  /** Appends the clause that orders by columns, all in one direction. */
  @CanIgnoreReturnValue
  public SqlBuilder orderBy(List<String> columns, boolean descending) {
    String direction = descending ? " DESC" : " ASC";
    return append(" ORDER BY ").append(String.join(direction + ", ", columns)).append(direction);
  }

  /** The statement so far, one of few different texts: connections keep it prepared. */
  public SqlQuery build() {
    return new SqlQuery(text.toString(), arguments);
  }

  /** The statement so far, one of very many different texts: it is prepared for this time alone. */
  public SqlQuery buildOnce() {
    return SqlQuery.once(text.toString(), arguments);
  }
}
