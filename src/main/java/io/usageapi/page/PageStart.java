package io.usageapi.page;

/** Where a page starts, and in which direction it was asked for. */
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

  /** Whether the page is read against its order, from its last row to its first. */
  default boolean backward() {
    return this instanceof Before || this instanceof Last;
  }
}
