package io.usageapi.page;

import io.usageapi.http.Link;
import java.util.Map;

/**
 * The page of a list that a request asks for.
 *
 * @param keyset the list
 * @param perPage the most rows of a page
 * @param start where the page starts
 * @param given the parameters that links keep, as sent
 */
public record PageRequest<T>(
    Keyset<T> keyset, int perPage, PageStart start, Map<String, String> given) {

  /**
   * The link to the page that starts at a place.
   *
   * @param list the link to the list with the parameters {@link #given}
   */
  public Link link(PageStart place, Link list) {
    if (place instanceof PageStart.Jump jump) {
      return list.with("page", Integer.toString(jump.page()));
    }
    return place instanceof PageStart.First
        ? list
        : list.with("cursor", new Cursor(place, keyset.binding()).text());
  }
}
