package io.usageapi.totals;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.usageapi.page.Link;
import io.usageapi.page.Links;
import java.util.List;

/** A page of totals. The links stand at the root and again under {@code _links}. */
public record TotalsPage(
    Link first,
    Link last,
    @JsonInclude(JsonInclude.Include.NON_NULL) Link next,
    @JsonInclude(JsonInclude.Include.NON_NULL) Link prev,
    Link self,
    Link show,
    int count,
    int perPage,
    @JsonProperty("_embedded") Embedded embedded,
    @JsonProperty("_links") Links links) {

  /** What a page holds. */
  public record Embedded(List<Total> totals) {}

  static TotalsPage of(List<Total> totals, int perPage, Links links) {
    return new TotalsPage(
        links.first(),
        links.last(),
        links.next(),
        links.prev(),
        links.self(),
        links.self(),
        totals.size(),
        perPage,
        new Embedded(totals),
        links);
  }
}
