package io.usageapi.http;

import io.quarkus.vertx.http.ManagementInterface;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.usageapi.config.FilterOrder;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Map;

/**
 * Gives every response the headers that tell a browser to treat it as data: not to guess at it,
 * show it in a frame, or run it. Swagger UI has a policy of its own; the explorer's files get
 * theirs later. The framework's settings for headers do not serve: they match the path, and at a
 * malformed one they fail before any handler of failures.
 */
@ApplicationScoped
public class SecurityHeaders {
  private static final String POLICY = "Content-Security-Policy";

  /** For data: nothing may be loaded, nobody may frame it. */
  private static final String DATA = "default-src 'none'; frame-ancestors 'none'";

  /** By the beginning of the path, up to a slash or its end. */
  private static final Map<String, String> PAGES =
      Map.of(
          // It begins with a script of its own inside the page, and styles what it shows from
          // there.
          "/q/swagger-ui",
          "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline';"
              + " img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none';"
              + " form-action 'none'; frame-ancestors 'none'");

  void register(@Observes Filters filters) {
    filters.register(SecurityHeaders::add, FilterOrder.SECURITY_HEADERS);
  }

  void register(@Observes ManagementInterface management) {
    management.router().route().order(-FilterOrder.SECURITY_HEADERS).handler(SecurityHeaders::add);
  }

  private static void add(RoutingContext context) {
    give(context);
    context.next();
  }

  /** Gives the response of a request its headers. */
  static void give(RoutingContext context) {
    MultiMap headers = context.response().headers();
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("Referrer-Policy", "no-referrer");
    headers.set(POLICY, policy(context.request().path()));
    int unused = context.addHeadersEndHandler(end -> keepOut(headers));
  }

  private static String policy(String path) {
    if (path != null) {
      for (Map.Entry<String, String> page : PAGES.entrySet()) {
        if (path.equals(page.getKey()) || path.startsWith(page.getKey() + "/")) {
          return page.getValue();
        }
      }
    }
    return DATA;
  }

  /** Nobody keeps an answer that does not say who may. */
  private static void keepOut(MultiMap headers) {
    if (!headers.contains(HttpHeaders.CACHE_CONTROL)) {
      headers.set(HttpHeaders.CACHE_CONTROL, "no-store");
    }
  }
}
