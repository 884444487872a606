package io.usageapi.http.body;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.usageapi.config.FilterOrder;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.Set;

/**
 * Reads and discards the rest of a body whose request was already answered. If the connection were
 * closed at once, a client that reads only after sending everything would see the close and not the
 * answer. After {@link #LINGER} its connection is closed, or on HTTP/2 its stream. If much may
 * still come, the answer says {@code Connection: close}.
 */
@ApplicationScoped
public class UnreadBodies {
  /** How long a client may go on sending. */
  private static final Duration LINGER = Duration.ofSeconds(30);

  /** A body of at most this size is worth keeping its connection. */
  private static final long SMALL = 65_536;

  private static final Set<HttpMethod> WITHOUT_BODY =
      Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS, HttpMethod.DELETE);

  private static final int REQUEST_TIMEOUT = 408;

  private final Vertx vertx;

  UnreadBodies(Vertx vertx) {
    this.vertx = vertx;
  }

  void register(@Observes Filters filters) {
    filters.register(this::watch, FilterOrder.UNREAD_BODIES);
  }

  private void watch(RoutingContext context) {
    if (mayHaveBody(context.request())) {
      int unusedHead = context.addHeadersEndHandler(head -> announce(context));
      int unusedEnd = context.addEndHandler(end -> drain(context));
    }
    context.next();
  }

  /** HTTP/2 announces no body in a header. */
  private static boolean mayHaveBody(HttpServerRequest request) {
    return (request.version() == HttpVersion.HTTP_2 && !WITHOUT_BODY.contains(request.method()))
        || request.headers().contains(HttpHeaders.TRANSFER_ENCODING)
        || length(request) > 0;
  }

  /** The announced length, a valid number; 0 if none was announced. */
  private static long length(HttpServerRequest request) {
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    return length == null ? 0 : Long.parseLong(length);
  }

  private static void announce(RoutingContext context) {
    HttpServerRequest request = context.request();
    if (request.isEnded() || request.version() == HttpVersion.HTTP_2) {
      return;
    }
    // A client that waits for 100 Continue may skip the body and send its next request instead.
    if (request.headers().contains(HttpHeaders.TRANSFER_ENCODING)
        || request.headers().contains(HttpHeaders.EXPECT)
        || length(request) > SMALL
        || context.response().getStatusCode() == REQUEST_TIMEOUT) {
      context.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
  }

  private void drain(RoutingContext context) {
    HttpServerRequest request = context.request();
    if (request.isEnded() || context.response().closed()) {
      return;
    }
    boolean close =
        context.response().headers().contains(HttpHeaders.CONNECTION, HttpHeaders.CLOSE, true);
    long timer = vertx.setTimer(LINGER.toMillis(), late -> giveUp(context));
    request.handler(part -> {});
    request.exceptionHandler(gone -> vertx.cancelTimer(timer));
    request.endHandler(
        end -> {
          boolean unused = vertx.cancelTimer(timer);
          if (close) {
            context.request().connection().close();
          }
        });
  }

  private static void giveUp(RoutingContext context) {
    if (context.request().version() == HttpVersion.HTTP_2) {
      // No error (RFC 9113 section 8.1): the answer was whole.
      boolean unused = context.response().reset(0);
    } else {
      context.request().connection().close();
    }
  }
}
