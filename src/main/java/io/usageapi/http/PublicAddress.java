package io.usageapi.http;

import jakarta.enterprise.context.ApplicationScoped;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;

/** The address that clients know the server by. The links in responses start with it. */
@ApplicationScoped
public class PublicAddress {
  private final HttpConfig config;

  PublicAddress(HttpConfig config) {
    this.config = config;
  }

  /** The requested path, for links to it. Must be called before the request has been answered. */
  public LinkBuilder of(ApiRequest request) {
    String base = config.baseUrl().orElseGet(() -> RequestHead.base(request.http()));
    return new LinkBuilder(base + request.uri().getRequestUri().getRawPath());
  }

  /**
   * A path under the address.
   *
   * @param path all of its URL but the query
   */
  public record LinkBuilder(String path) {
    /** A link to it with parameters, in their order. */
    public Link link(Map<String, String> parameters) {
      String query =
          parameters.entrySet().stream()
              .map(parameter -> parameter.getKey() + "=" + encode(parameter.getValue()))
              .collect(Collectors.joining("&"));
      return new Link(query.isEmpty() ? path : path + "?" + query);
    }

    /** A space is {@code %20} in links (OpenAPI document, "Conventions"). */
    private static String encode(String value) {
      return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
    }
  }
}
