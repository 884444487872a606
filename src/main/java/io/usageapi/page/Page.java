package io.usageapi.page;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A page of rows, in the order of the list.
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
   * Makes a page from the rows read.
   *
   * @param read up to {@code size + 1} rows, in the direction of travel; the last tells whether
   *     there are more
   * @param size the most rows of the page
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
