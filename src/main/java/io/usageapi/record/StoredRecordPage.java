package io.usageapi.record;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.usageapi.page.Link;
import io.usageapi.page.Links;
import java.util.List;

/** A page of an aggregate's records. The links stand at the root and again under {@code _links}. */
public record StoredRecordPage(
    Link first,
    Link last,
    @JsonInclude(JsonInclude.Include.NON_NULL) Link next,
    @JsonInclude(JsonInclude.Include.NON_NULL) Link prev,
    Link self,
    int count,
    int perPage,
    @JsonProperty("_embedded") Embedded embedded,
    @JsonProperty("_links") Links links) {

  /** What a page holds. */
  public record Embedded(List<StoredRecord> records) {}

  static StoredRecordPage of(List<StoredRecord> records, int perPage, Links links) {
    return new StoredRecordPage(
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
