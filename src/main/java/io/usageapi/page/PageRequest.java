package io.usageapi.page;

import java.util.LinkedHashMap;
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

  /** The parameters of a link to the page that starts at a place. */
  public Map<String, String> parametersAt(PageStart place) {
    Map<String, String> parameters = new LinkedHashMap<>(given);
    if (place instanceof PageStart.Jump jump) {
      parameters.put("page", Integer.toString(jump.page()));
    } else if (!(place instanceof PageStart.First)) {
      parameters.put("cursor", Cursor.of(place, keyset.filter(), keyset.order()).text());
    }
    return parameters;
  }
}
