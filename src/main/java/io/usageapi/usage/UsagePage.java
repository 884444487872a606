package io.usageapi.usage;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.usageapi.aggregate.UsageAggregate;
import io.usageapi.page.Link;
import io.usageapi.page.Links;
import java.util.List;

/** A page of monthly usage. The links stand at the root and again under {@code _links}. */
public record UsagePage(
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
  public record Embedded(List<UsageAggregate> usage) {}

  static UsagePage of(List<UsageAggregate> usage, int perPage, Links links) {
    return new UsagePage(
        links.first(),
        links.last(),
        links.next(),
        links.prev(),
        links.self(),
        links.self(),
        usage.size(),
        perPage,
        new Embedded(usage),
        links);
  }
}
