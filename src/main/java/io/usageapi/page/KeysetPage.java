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
 * @param removed in a page of changes, the ids of rows that are gone; else null
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
    List<String> removed,
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
        null,
        Map.of(keyset.name(), page.rows()),
        links);
  }

  /**
   * Makes a page of changes. Its {@code first} and {@code last} are those of the whole list.
   *
   * @param self the link to this page
   * @param onward the link to what changed after this page
   * @param more whether there is more already: then it is {@code next}, else {@code changes}
   */
  public static <T> KeysetPage<T> ofChanges(
      PageRequest<T> request,
      List<T> changed,
      List<String> removed,
      Link list,
      Link self,
      Link onward,
      boolean more) {
    Link first = request.link(new PageStart.First(), list);
    Link last = request.link(new PageStart.Last(), list);
    Link next = more ? onward : null;
    return new KeysetPage<>(
        first,
        last,
        next,
        null,
        self,
        self,
        changed.size(),
        request.perPage(),
        removed,
        Map.of(request.keyset().name(), changed),
        new Links(first, last, next, null, self, more ? null : onward));
  }

  /** The same page with {@code show}. */
  public KeysetPage<T> withShow() {
    return new KeysetPage<>(
        first, last, next, prev, self, self, count, perPage, removed, embedded, links);
  }

  /** The same page with a link to what changes after it. */
  public KeysetPage<T> withChanges(Link changes) {
    return new KeysetPage<>(
        first,
        last,
        next,
        prev,
        self,
        show,
        count,
        perPage,
        removed,
        embedded,
        links.withChanges(changes));
  }
}
