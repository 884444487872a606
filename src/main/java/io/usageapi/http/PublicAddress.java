package io.usageapi.http;

import io.usageapi.config.UsageApiConfig;
import io.usageapi.page.Link;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.UriInfo;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;

/** The address the server is known by, under which the links in its responses lie. */
@ApplicationScoped
public class PublicAddress {
  private final UsageApiConfig config;

  PublicAddress(UsageApiConfig config) {
    this.config = config;
  }

  /** A link to the requested path with other parameters, in their order. */
  public Link link(UriInfo request, Map<String, String> parameters) {
    String base =
        config
            .baseUrl()
            .orElseGet(
                () ->
                    request.getBaseUri().getScheme()
                        + "://"
                        + request.getBaseUri().getRawAuthority());
    String query =
        parameters.entrySet().stream()
            .map(parameter -> parameter.getKey() + "=" + encode(parameter.getValue()))
            .collect(Collectors.joining("&"));
    String path = base + request.getRequestUri().getRawPath();
    return new Link(query.isEmpty() ? path : path + "?" + query);
  }

  /** A space is {@code %20} in links (contract, "Conventions"). */
  private static String encode(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
