package io.usageapi.http;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/**
 * Gives the answer to {@code HEAD} the headers of that to {@code GET}. The framework says {@code
 * Content-Encoding: identity} to itself where it is not to compress, and where there is no body to
 * compress the client gets to see it.
 */
@ApplicationScoped
public class HeadResponses {
  /** After the request id. */
  private static final int PRIORITY = 8_000;

  void register(@Observes Filters filters) {
    filters.register(HeadResponses::check, PRIORITY);
  }

  private static void check(RoutingContext context) {
    if (context.request().method().equals(HttpMethod.HEAD)) {
      int unused = context.addHeadersEndHandler(end -> dropIdentity(context.response().headers()));
    }
    context.next();
  }

  private static void dropIdentity(MultiMap headers) {
    if (headers.contains(HttpHeaders.CONTENT_ENCODING, HttpHeaders.IDENTITY, true)) {
      headers.remove(HttpHeaders.CONTENT_ENCODING);
    }
  }
}
