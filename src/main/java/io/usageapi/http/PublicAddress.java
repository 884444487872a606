package io.usageapi.http;

import io.usageapi.page.Link;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.UriInfo;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;

/** The address the server is known by, under which the links in its responses lie. */
@ApplicationScoped
public class PublicAddress {
  private final HttpConfig config;

  PublicAddress(HttpConfig config) {
    this.config = config;
  }

  /** The requested path, for links to it. To be asked where the request is handled. */
  public LinkBuilder of(UriInfo request, HttpServerRequest http) {
    String base = config.baseUrl().orElseGet(() -> RequestHead.base(http));
    return new LinkBuilder(base + request.getRequestUri().getRawPath());
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
