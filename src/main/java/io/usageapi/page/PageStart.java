package io.usageapi.page;

import java.util.Optional;

/** Where a page starts, and in which direction it is read. */
public sealed interface PageStart {
  /** At the first row of the order. */
  record First() implements PageStart {}

  /**
   * At the first row of a page by number: a jump over rows.
   *
   * @param page the number of the page, 2 or more
   * @param rows how many rows lie before it
   */
  record Jump(int page, int rows) implements PageStart {}

  /** Behind a position: the rows that follow it. */
  record After(Position position) implements PageStart {}

  /** Before a position: the rows that lead to it. */
  record Before(Position position) implements PageStart {}

  /** The final rows of the order. */
  record Last() implements PageStart {}

  /** The position it starts after or ends before, if there is one. */
  default Optional<Position> boundary() {
    if (this instanceof After after) {
      return Optional.of(after.position());
    }
    return this instanceof Before before ? Optional.of(before.position()) : Optional.empty();
  }

  /** Whether the page is read against its order, from its last row to its first. */
  default boolean backward() {
    return this instanceof Before || this instanceof Last;
  }
}
