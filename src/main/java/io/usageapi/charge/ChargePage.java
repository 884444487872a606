package io.usageapi.charge;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.usageapi.page.Link;
import io.usageapi.page.Links;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A page of an aggregate's records. The links stand at the root and again under {@code _links}. */
@Schema(description = "A page of an aggregate's records; links that lead nowhere are absent.")
public record ChargePage(
    @Schema(required = true, description = "The first page.") Link first,
    @Schema(required = true, description = "The last page.") Link last,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Schema(description = "The page that follows.")
        Link next,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Schema(description = "The page before.") Link prev,
    @Schema(required = true, description = "This page.") Link self,
    @Schema(required = true, examples = "50", description = "How many records it holds.") int count,
    @Schema(required = true, examples = "50", description = "How many it holds at most.")
        int perPage,
    @JsonProperty("_embedded") @Schema(required = true, description = "What the page holds.")
        Embedded embedded,
    @JsonProperty("_links") @Schema(required = true, description = "The links of the page.")
        Links links) {

  /** What a page holds. */
  @Schema(name = "ChargePageEmbedded", description = "What a page of records holds.")
  public record Embedded(
      @Schema(required = true, description = "The records, by `occurred_at` and then by `id`.")
          List<Charge> records) {}

  static ChargePage of(List<Charge> records, int perPage, Links links) {
    return new ChargePage(
        links.first(),
        links.last(),
        links.next(),
        links.prev(),
        links.self(),
        records.size(),
        perPage,
        new Embedded(records),
        links);
  }
}
