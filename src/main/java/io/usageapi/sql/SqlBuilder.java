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

  /** The statement so far. */
  public SqlQuery build() {
    return new SqlQuery(text.toString(), arguments);
  }
}
