package io.usageapi.http;

import jakarta.enterprise.context.ApplicationScoped;

/** The address that clients know the server by. The links in responses start with it. */
@ApplicationScoped
public class PublicAddress {
  private final HttpConfig config;

  PublicAddress(HttpConfig config) {
    this.config = config;
  }

  /** The requested path, for links to it. Must be called before the request has been answered. */
  public Link of(ApiRequest request) {
    return new Link(server(request) + request.http().path());
  }

  /** The part of all links before their paths. Must be called before the answer, too. */
  public String server(ApiRequest request) {
    return config.baseUrl().orElseGet(() -> RequestHead.base(request.http()));
  }
}
