package io.usageapi.explorer;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.usageapi.config.FilterOrder;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.ws.rs.core.HttpHeaders;
import java.util.Set;

/**
 * Rules for {@code /explorer/}, whose files the framework serves: on or off, methods, and caching.
 * {@link io.usageapi.http.SecurityHeaders} adds the security headers.
 */
@ApplicationScoped
public class ExplorerPages {
  private static final String ROOT = "/explorer";

  /** Library files have their version in their names. */
  private static final String LIBRARIES = ROOT + "/lib/";

  private static final Set<HttpMethod> METHODS = Set.of(HttpMethod.GET, HttpMethod.HEAD);
  private static final String ALLOW = "GET, HEAD, OPTIONS";

  private final boolean enabled;

  ExplorerPages(ExplorerConfig config) {
    this.enabled = config.enabled();
  }

  void register(@Observes Filters filters) {
    filters.register(this::check, FilterOrder.EXPLORER);
  }

  private void check(RoutingContext context) {
    String path = context.normalizedPath();
    if (!path.equals(ROOT) && !path.startsWith(ROOT + "/")) {
      context.next();
    } else if (!enabled) {
      context.fail(ApiException.of(ErrorCode.NOT_FOUND));
    } else if (context.request().method().equals(HttpMethod.OPTIONS)) {
      end(context.response().setStatusCode(204).putHeader(HttpHeaders.ALLOW, ALLOW), context);
    } else if (!METHODS.contains(context.request().method())) {
      context.response().putHeader(HttpHeaders.ALLOW, ALLOW);
      context.fail(ApiException.of(ErrorCode.METHOD_NOT_ALLOWED));
    } else if (path.equals(ROOT)) {
      // Relative, so that it also works behind a proxy with a path prefix.
      end(
          context
              .response()
              .setStatusCode(308)
              .putHeader(HttpHeaders.LOCATION, ROOT.substring(1) + "/"),
          context);
    } else {
      addHeaders(context.response(), path);
      context.next();
    }
  }

  private static void addHeaders(HttpServerResponse response, String path) {
    response
        .putHeader("Cross-Origin-Opener-Policy", "same-origin")
        .putHeader(HttpHeaders.VARY, HttpHeaders.ACCEPT_ENCODING)
        .putHeader(
            HttpHeaders.CACHE_CONTROL,
            path.startsWith(LIBRARIES) ? "public, max-age=31536000, immutable" : "no-cache");
  }

  private static void end(HttpServerResponse response, RoutingContext context) {
    response.end().onFailure(context::fail);
  }
}
