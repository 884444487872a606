package io.usageapi.page;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.usageapi.http.Link;
import io.usageapi.json.JsonFields;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * A page on the wire. Its links stand at the root and again under {@code _links}.
 *
 * @param show a copy of {@code self} in lists that have {@code show}, else null
 * @param count how many rows it holds
 * @param removed in a page of changes, the ids of rows that are gone; else null
 * @param embedded the rows, under the name of the list
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record KeysetPage(
    Link first,
    Link last,
    Link next,
    Link prev,
    Link self,
    Link show,
    int count,
    int perPage,
    List<String> removed,
    @JsonProperty("_embedded") Map<String, List<? extends JsonFields>> embedded,
    @JsonProperty("_links") Links links) {

  /**
   * Makes a page without {@code show}.
   *
   * @param list the link to the list with the parameters that links keep
   */
  public static <T extends JsonFields> KeysetPage of(
      PageRequest<T> request, Page<T> page, Link list) {
    return of(request, page, list, page.rows());
  }

  /**
   * Makes a page of HAL without {@code show}.
   *
   * @param list the link to the list with the parameters that links keep
   * @param linked gives a row its links
   */
  public static <T extends JsonFields> KeysetPage of(
      PageRequest<T> request, Page<T> page, Link list, Function<T, JsonFields> linked) {
    return of(request, page, list, page.rows().stream().map(linked).toList());
  }

  private static <T> KeysetPage of(
      PageRequest<T> request, Page<T> page, Link list, List<? extends JsonFields> rows) {
    Keyset<T> keyset = request.keyset();
    Links links = Links.of(page, keyset.position(), start -> request.link(start, list));
    return new KeysetPage(
        links.first(),
        links.last(),
        links.next(),
        links.prev(),
        links.self(),
        null,
        rows.size(),
        request.perPage(),
        null,
        Map.of(keyset.name(), rows),
        links);
  }

  /**
   * Makes a page of what changed. The links to its two ends are those of the whole list.
   *
   * @param self the link to this page
   * @param onward the link to what changed after this page
   * @param more whether more has changed already, so that a reader goes on at once
   */
  public static KeysetPage ofChanges(
      PageRequest<?> request,
      List<? extends JsonFields> changed,
      List<String> removed,
      Link list,
      Link self,
      Link onward,
      boolean more) {
    Link first = request.link(new PageStart.First(), list);
    Link last = request.link(new PageStart.Last(), list);
    Link next = more ? onward : null;
    return new KeysetPage(
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
  public KeysetPage withShow() {
    return new KeysetPage(
        first, last, next, prev, self, self, count, perPage, removed, embedded, links);
  }

  /** The same page with a link to what changes after it. */
  public KeysetPage withChanges(Link changes) {
    return new KeysetPage(
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
