package io.usageapi.page;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.usageapi.http.Link;
import java.util.List;
import java.util.function.Function;

/**
 * The links of a page. The link in the direction of travel is present exactly when there are more
 * rows. The link back is always present, but on the first and the last page.
 *
 * @param changes what changes after this page, on a page that a mirror may go on from; else null
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Links(Link first, Link last, Link next, Link prev, Link self, Link changes) {
  /** Links without {@code changes}. */
  public Links(Link first, Link last, Link next, Link prev, Link self) {
    this(first, last, next, prev, self, null);
  }

  /** The same links with a link to what changes after the page. */
  Links withChanges(Link onward) {
    return new Links(first, last, next, prev, self, onward);
  }

  /**
   * Makes the links of a page.
   *
   * @param page the page
   * @param position the position of a row
   * @param link makes the link to the page that starts at a place
   */
  public static <T> Links of(
      Page<T> page, Function<T, Position> position, Function<PageStart, Link> link) {
    List<T> rows = page.rows();
    Link first = link.apply(new PageStart.First());
    Link last = link.apply(new PageStart.Last());
    Link next = null;
    Link prev = null;
    if (rows.isEmpty()) {
      if (page.start() instanceof PageStart.After || page.start() instanceof PageStart.Jump) {
        prev = last;
      } else if (page.start() instanceof PageStart.Before) {
        next = first;
      }
    } else {
      boolean onward =
          page.start().backward() ? page.start() instanceof PageStart.Before : page.more();
      boolean back =
          page.start().backward() ? page.more() : !(page.start() instanceof PageStart.First);
      if (onward) {
        next = link.apply(new PageStart.After(position.apply(rows.get(rows.size() - 1))));
      }
      if (back) {
        prev = link.apply(new PageStart.Before(position.apply(rows.get(0))));
      }
    }
    return new Links(first, last, next, prev, link.apply(page.start()));
  }
}
