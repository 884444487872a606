package io.usageapi.filter;

import java.util.List;

/**
 * A filter as a tree. Its logic is two-valued: on a row without a value, {@link IsNull} and {@code
 * ne} are true and every other leaf is false, and {@link Not} turns each round.
 */
public sealed interface Filter {
  /** True where all of its parts are. */
  record And(List<Filter> parts) implements Filter {
    public And {
      parts = List.copyOf(parts);
    }
  }

  /** True where one of its parts is. */
  record Or(List<Filter> parts) implements Filter {
    public Or {
      parts = List.copyOf(parts);
    }
  }

  /** True where its part is not. */
  record Not(Filter part) implements Filter {}

  /** A field compared with a literal. */
  record Compare(Field field, Operator operator, String literal) implements Filter {}

  /** A field that has one of the literals. */
  record OneOf(Field field, List<String> literals) implements Filter {
    public OneOf {
      literals = List.copyOf(literals);
    }
  }

  /** A field that has the literal somewhere inside; no character of it is a wildcard. */
  record Contains(Field field, String literal) implements Filter {}

  /** A field without a value. */
  record IsNull(Field field) implements Filter {}

  /** How a field is compared; text by Unicode code point. */
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

    /** The operator of SQL that means the same between two values. */
    public String sql() {
      return sql;
    }
  }
}
