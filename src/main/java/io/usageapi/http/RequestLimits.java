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
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Answers what no request may be with the contract's error: a request line or headers of more than
 * 32 KiB, more than {@value #MAX_FIELDS} headers, an {@code Accept-Encoding} of more than {@value
 * #MAX_ACCEPT_ENCODING} characters, an address that is no URI, no host or more than one, and two
 * tokens. The HTTP server's own limits are higher: what is past those too it refuses without a
 * body.
 */
@ApplicationScoped
public class RequestLimits {
  private static final int MAX_BYTES = 32 * 1024;

  /** The least a header takes in memory is twenty times what it takes on the wire. */
  static final int MAX_FIELDS = 256;

  /**
   * The longest {@code Accept-Encoding}, in characters over all its lines: the HTTP server takes 20
   * microseconds for each weight in it that is no number.
   */
  static final int MAX_ACCEPT_ENCODING = 512;

  /** After the request id, before everything else. */
  private static final int PRIORITY = 9_000;

  /** The spaces and the version in {@code GET / HTTP/1.1}. */
  private static final int AROUND_TARGET = "  HTTP/1.1".length();

  /** The colon, the space and the end of a header's line. */
  private static final int AROUND_HEADER = 4;

  private static final String HOST = "host";
  private static final String AUTHORIZATION = "authorization";
  private static final String ACCEPT_ENCODING = "accept-encoding";

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
    int bytes = 0;
    int fields = 0;
    int hosts = 0;
    int authorizations = 0;
    int codings = 0;
    for (Map.Entry<String, String> field : request.headers()) {
      String name = field.getKey();
      fields++;
      bytes += name.length() + field.getValue().length() + AROUND_HEADER;
      if (name.equalsIgnoreCase(HOST)) {
        hosts++;
      } else if (name.equalsIgnoreCase(AUTHORIZATION)) {
        authorizations++;
      } else if (name.equalsIgnoreCase(ACCEPT_ENCODING)) {
        codings += field.getValue().length();
      }
    }
    if (line > MAX_BYTES) {
      answer.refuse(context, ErrorBody.of(ErrorCode.URI_TOO_LONG));
    } else if (bytes > MAX_BYTES || fields > MAX_FIELDS || codings > MAX_ACCEPT_ENCODING) {
      answer.refuse(context, ErrorBody.of(ErrorCode.HEADERS_TOO_LARGE));
    } else if (hosts > 1) {
      answer.refuse(context, malformed("The request has more than one Host."));
    } else if (authorizations > 1) {
      answer.refuse(context, malformed("The request has more than one Authorization."));
    } else if (!isUri(request.uri())) {
      answer.refuse(context, noUri(request.query()));
    } else {
      Optional<String> fault = RequestTarget.fault(request);
      if (fault.isPresent()) {
        answer.refuse(context, malformed(fault.get()));
      } else {
        context.next();
      }
    }
  }

  /** The answer to a request that is malformed outside of its parameters. */
  static ErrorBody malformed(String description) {
    return new ErrorBody(
        ErrorCode.INVALID_PARAMETER, ErrorCode.INVALID_PARAMETER.message(), description, List.of());
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
