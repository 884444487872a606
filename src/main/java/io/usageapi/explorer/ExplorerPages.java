package io.usageapi.explorer;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.usageapi.config.FilterOrder;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.ws.rs.core.HttpHeaders;
import java.util.Set;

/**
 * Rules for {@code /explorer/}, whose files the framework serves: on or off, methods, caching and
 * the content security policy. Also leads {@code /} to the explorer, or to the API's root.
 */
@ApplicationScoped
public class ExplorerPages {
  /** The logo, relative to the page. */
  static final String LOGO = "logo";

  private static final String ROOT = "/explorer";
  private static final String STYLESHEET = ROOT + "/brand.css";

  /** Library files have their version in their names. */
  private static final String LIBRARIES = ROOT + "/lib/";

  private static final String FOR_EVER = "public, max-age=31536000, immutable";
  private static final String REVALIDATED = "no-cache";
  private static final String AN_HOUR = "public, max-age=3600";

  private static final Set<HttpMethod> METHODS = Set.of(HttpMethod.GET, HttpMethod.HEAD);
  private static final String ALLOW = "GET, HEAD, OPTIONS";

  private final boolean enabled;
  private final Brand brand;
  private final ExplorerPolicy policy;

  ExplorerPages(ExplorerConfig config, Brand brand, ExplorerPolicy policy) {
    this.enabled = config.enabled();
    this.brand = brand;
    this.policy = policy;
  }

  void register(@Observes Filters filters) {
    filters.register(this::check, FilterOrder.EXPLORER);
  }

  private void check(RoutingContext context) {
    String path = context.normalizedPath();
    boolean front = path.equals("/");
    if (!front && !path.equals(ROOT) && !path.startsWith(ROOT + "/")) {
      context.next();
    } else if (!front && !enabled) {
      context.fail(ApiException.of(ErrorCode.NOT_FOUND));
    } else if (context.request().method().equals(HttpMethod.OPTIONS)) {
      end(context.response().setStatusCode(204).putHeader(HttpHeaders.ALLOW, ALLOW), context);
    } else if (!METHODS.contains(context.request().method())) {
      context.response().putHeader(HttpHeaders.ALLOW, ALLOW);
      context.fail(ApiException.of(ErrorCode.METHOD_NOT_ALLOWED));
    } else if (front) {
      // A setting may change it, so it is not permanent.
      redirect(context, 302, enabled ? ROOT + "/" : "/express");
    } else if (path.equals(ROOT)) {
      redirect(context, 308, ROOT + "/");
    } else {
      serve(context, path);
    }
  }

  /** Relative, so that it also works behind a proxy with a path prefix. */
  private static void redirect(RoutingContext context, int status, String path) {
    end(
        context.response().setStatusCode(status).putHeader(HttpHeaders.LOCATION, path.substring(1)),
        context);
  }

  private void serve(RoutingContext context, String path) {
    HttpServerResponse response = context.response();
    response
        .putHeader("Content-Security-Policy", policy.header())
        .putHeader("Cross-Origin-Opener-Policy", "same-origin")
        .putHeader(HttpHeaders.VARY, HttpHeaders.ACCEPT_ENCODING)
        .putHeader(HttpHeaders.CACHE_CONTROL, REVALIDATED);
    if (path.startsWith(LIBRARIES)) {
      context.addHeadersEndHandler(
          head -> {
            // Not for a 404: this replica may be older than the page.
            if (response.getStatusCode() == 200) {
              response.putHeader(HttpHeaders.CACHE_CONTROL, FOR_EVER);
            }
          });
    }
    if (path.equals(STYLESHEET)) {
      content(context, "text/css;charset=UTF-8", Buffer.buffer(brand.stylesheet()));
    } else if (path.equals(ROOT + "/" + LOGO) && brand.logo().isPresent()) {
      Brand.Logo logo = brand.logo().get();
      response.putHeader(HttpHeaders.CACHE_CONTROL, AN_HOUR);
      content(context, logo.type(), logo.content());
    } else {
      context.next();
    }
  }

  private static void content(RoutingContext context, String type, Buffer body) {
    HttpServerResponse response = context.response().putHeader(HttpHeaders.CONTENT_TYPE, type);
    if (context.request().method().equals(HttpMethod.HEAD)) {
      response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()));
      end(response, context);
    } else {
      response.end(body).onFailure(context::fail);
    }
  }

  private static void end(HttpServerResponse response, RoutingContext context) {
    response.end().onFailure(context::fail);
  }
}
