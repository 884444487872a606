package io.usageapi.root;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Map;

/**
 * The root of the API in HAL.
 *
 * @param links the links by their relation
 */
public record Root(@JsonProperty("_links") Map<String, TemplatedLink> links) {
  /**
   * A link, or a template of one.
   *
   * @param href an address, or a template of addresses (RFC 6570)
   * @param templated true for a template, else null
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record TemplatedLink(String href, Boolean templated) {}
}
