package io.usageapi.filter;

import java.util.Set;

/**
 * A field that filters may use.
 *
 * @param name its name and column
 * @param kind the type of its literals
 * @param values the values of a {@link Kind#ENUM}; otherwise empty
 */
public record Field(String name, Kind kind, boolean nullable, Set<String> values) {
  /** The type of a field's literals, which decides on its operators. */
  public enum Kind {
    /** Ids and other text: all operators. */
    TEXT,
    /** {@code YYYY-MM}: all operators but {@code contains}. */
    MONTH,
    /** {@code YYYY-MM-DD}: all operators but {@code contains}. */
    DAY,
    /** One of a fixed set: {@code eq}, {@code ne}, {@code in}. */
    ENUM,
    /** Three letters {@code A} to {@code Z}: {@code eq}, {@code ne}, {@code in}. */
    CURRENCY
  }

  public Field {
    values = Set.copyOf(values);
  }
}
