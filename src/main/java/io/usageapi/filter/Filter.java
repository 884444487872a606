package io.usageapi.filter;

import java.util.List;
import java.util.stream.Stream;

/**
 * A filter as a tree. Its logic is two-valued: for a missing value, {@link IsNull} and {@code ne}
 * are true, all other leaves are false, and {@link Not} inverts each.
 */
public sealed interface Filter {
  /** The fields that it names, in no order, some more than once. */
  default Stream<Field> fields() {
    if (this instanceof And and) {
      return and.parts().stream().flatMap(Filter::fields);
    } else if (this instanceof Or or) {
      return or.parts().stream().flatMap(Filter::fields);
    } else if (this instanceof Not not) {
      return not.part().fields();
    } else if (this instanceof Compare compare) {
      return Stream.of(compare.field());
    } else if (this instanceof OneOf oneOf) {
      return Stream.of(oneOf.field());
    } else if (this instanceof Contains contains) {
      return Stream.of(contains.field());
    }
    return Stream.of(((IsNull) this).field());
  }

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
