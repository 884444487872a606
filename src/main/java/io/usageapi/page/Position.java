package io.usageapi.page;

import java.util.List;

/**
 * Where a row stands in an order: the values of the columns it is ordered by, as text.
 *
 * @param values the values, in the order of the columns
 */
public record Position(List<String> values) {
  public Position {
    values = List.copyOf(values);
  }
}
