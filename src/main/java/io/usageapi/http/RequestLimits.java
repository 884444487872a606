package io.usageapi.http;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.usageapi.error.ErrorBody;
import io.usageapi.error.ErrorCode;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.net.URI;
import java.net.URISyntaxException;

/**
 * Answers a request line or headers of more than 32 KiB, and an address that is no URI, with the
 * contract's error. The HTTP server's own limits are twice as high: what is past those too it
 * refuses without a body.
 */
@ApplicationScoped
public class RequestLimits {
  private static final int MAX_BYTES = 32 * 1024;

  /** After the request id, before everything else. */
  private static final int PRIORITY = 9_000;

  /** The spaces and the version in {@code GET / HTTP/1.1}. */
  private static final int AROUND_TARGET = "  HTTP/1.1".length();

  /** The colon, the space and the end of a header's line. */
  private static final int AROUND_HEADER = 4;

  private final EarlyAnswer answer;

  RequestLimits(EarlyAnswer answer) {
    this.answer = answer;
  }

  void register(@Observes Filters filters) {
    filters.register(this::check, PRIORITY);
  }

  private void check(RoutingContext context) {
    HttpServerRequest request = context.request();
    // The server reads both as ISO 8859-1: a character is a byte.
    int line = request.method().name().length() + request.uri().length() + AROUND_TARGET;
    int headers =
        request.headers().entries().stream()
            .mapToInt(e -> e.getKey().length() + e.getValue().length() + AROUND_HEADER)
            .sum();
    if (line > MAX_BYTES) {
      answer.refuse(context, ErrorBody.of(ErrorCode.URI_TOO_LONG));
    } else if (headers > MAX_BYTES) {
      answer.refuse(context, ErrorBody.of(ErrorCode.HEADERS_TOO_LARGE));
    } else if (!isUri(request.uri())) {
      answer.refuse(context, noUri(request.query()));
    } else {
      context.next();
    }
  }

  private static boolean isUri(String address) {
    try {
      return new URI(address).getRawPath() != null;
    } catch (URISyntaxException e) {
      return false;
    }
  }

  private static ErrorBody noUri(String rawQuery) {
    return new ErrorBody(
        ErrorCode.INVALID_PARAMETER,
        ErrorCode.INVALID_PARAMETER.message(),
        "The address is not a URI (RFC 3986); is its percent-encoding complete?",
        QueryParameters.malformed(rawQuery));
  }
}
