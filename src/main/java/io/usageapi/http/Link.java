package io.usageapi.http;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * A link of HAL.
 *
 * @param href a URL
 */
public record Link(String href) {

  /** The same with one more segment of the path. */
  public Link to(String segment) {
    return new Link(href + encode(segment));
  }

  /** The same with one more parameter. */
  public Link with(String name, String value) {
    return new Link(href + (href.indexOf('?') < 0 ? '?' : '&') + name + '=' + encode(value));
  }

  /** The same with more parameters, in their order. */
  public Link with(Map<String, String> parameters) {
    Link link = this;
    for (Map.Entry<String, String> parameter : parameters.entrySet()) {
      link = link.with(parameter.getKey(), parameter.getValue());
    }
    return link;
  }

  /** A space is {@code %20} in links (OpenAPI document, "Conventions"). */
  private static String encode(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
