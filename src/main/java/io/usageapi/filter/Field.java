package io.usageapi.filter;

import java.util.Set;

/**
 * A field a filter may name.
 *
 * @param name its exact name, which is also the column it stands for
 * @param kind what its literals are
 * @param nullable whether a row may have no value in it
 * @param values for {@link Kind#ENUM} the values there are; empty otherwise
 */
public record Field(String name, Kind kind, boolean nullable, Set<String> values) {
  /** What the literals of a field are, and so which operators it takes. */
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
