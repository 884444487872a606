package io.usageapi.totals;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.usageapi.page.Link;
import io.usageapi.page.Links;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A page of totals. The links stand at the root and again under {@code _links}. */
@Schema(description = "A page of totals; links that lead nowhere are absent.")
public record TotalsPage(
    @Schema(required = true, description = "The first page.") Link first,
    @Schema(required = true, description = "The last page.") Link last,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Schema(description = "The page that follows.")
        Link next,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Schema(description = "The page before.") Link prev,
    @Schema(required = true, description = "This page.") Link self,
    @Schema(required = true, description = "This page, as `self`.") Link show,
    @Schema(required = true, examples = "50", description = "How many totals it holds.") int count,
    @Schema(required = true, examples = "50", description = "How many it holds at most.")
        int perPage,
    @JsonProperty("_embedded") @Schema(required = true, description = "What the page holds.")
        Embedded embedded,
    @JsonProperty("_links") @Schema(required = true, description = "The links of the page.")
        Links links) {

  /** What a page holds. */
  @Schema(name = "TotalsPageEmbedded", description = "What a page of totals holds.")
  public record Embedded(
      @Schema(required = true, description = "The totals, in the asked order.")
          List<Total> totals) {}

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
