package io.usageapi.filter;

import java.util.List;

/**
 * A filter as a tree. Its logic is two-valued: for a missing value, {@link IsNull} and {@code ne}
 * are true, all other leaves are false, and {@link Not} inverts each.
 */
public sealed interface Filter {
  /** True if all parts are true. */
  record And(List<Filter> parts) implements Filter {
    public And {
      parts = List.copyOf(parts);
    }
  }

  /** True if any part is true. */
  record Or(List<Filter> parts) implements Filter {
    public Or {
      parts = List.copyOf(parts);
    }
  }

  /** True if its part is false. */
  record Not(Filter part) implements Filter {}

  /** Compares a field with a literal. */
  record Compare(Field field, Operator operator, String literal) implements Filter {}

  /** True if the field equals one of the literals. */
  record OneOf(Field field, List<String> literals) implements Filter {
    public OneOf {
      literals = List.copyOf(literals);
    }
  }

  /** True if the field contains the literal; there are no wildcards. */
  record Contains(Field field, String literal) implements Filter {}

  /** True if the field has no value. */
  record IsNull(Field field) implements Filter {}

  /** A comparison operator; text is compared by Unicode code point. */
  enum Operator {
    EQ("="),
    NE("<>"),
    GT(">"),
    GE(">="),
    LT("<"),
    LE("<=");

    private final String sql;

    Operator(String sql) {
      this.sql = sql;
    }

    /** The same operator in SQL. */
    public String sql() {
      return sql;
    }
  }
}
