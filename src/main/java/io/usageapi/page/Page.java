package io.usageapi.page;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A page of rows, in the asked order.
 *
 * @param start where it starts
 * @param rows its rows
 * @param more whether there are more rows in the direction of travel
 */
public record Page<T>(PageStart start, List<T> rows, boolean more) {
  public Page {
    rows = List.copyOf(rows);
  }

  /**
   * Makes a page from what was read: up to one row more than it holds, in the direction of travel.
   *
   * @param read the rows read, up to {@code size + 1} of them
   * @param size how many rows the page holds at most
   */
  public static <T> Page<T> of(PageStart start, List<T> read, int size) {
    boolean more = read.size() > size;
    List<T> rows = new ArrayList<>(more ? read.subList(0, size) : read);
    if (start.backward()) {
      Collections.reverse(rows);
    }
    return new Page<>(start, rows, more);
  }
}
