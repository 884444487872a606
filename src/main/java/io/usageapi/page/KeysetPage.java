package io.usageapi.page;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.usageapi.http.Link;
import java.util.List;
import java.util.Map;

/**
 * A page on the wire. Its links stand at the root and again under {@code _links}.
 *
 * @param show a copy of {@code self} in lists that have {@code show}, else null
 * @param count how many rows it holds
 * @param embedded the rows, under the name of the list
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record KeysetPage<T>(
    Link first,
    Link last,
    Link next,
    Link prev,
    Link self,
    Link show,
    int count,
    int perPage,
    @JsonProperty("_embedded") Map<String, List<T>> embedded,
    @JsonProperty("_links") Links links) {

  /**
   * Makes a page without {@code show}.
   *
   * @param list the link to the list with the parameters that links keep
   */
  public static <T> KeysetPage<T> of(PageRequest<T> request, Page<T> page, Link list) {
    Keyset<T> keyset = request.keyset();
    Links links = Links.of(page, keyset.position(), start -> request.link(start, list));
    return new KeysetPage<>(
        links.first(),
        links.last(),
        links.next(),
        links.prev(),
        links.self(),
        null,
        page.rows().size(),
        request.perPage(),
        Map.of(keyset.name(), page.rows()),
        links);
  }

  /** The same page with {@code show}. */
  public KeysetPage<T> withShow() {
    return new KeysetPage<>(first, last, next, prev, self, self, count, perPage, embedded, links);
  }
}
