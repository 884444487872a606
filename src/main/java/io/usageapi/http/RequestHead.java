package io.usageapi.http;

import io.netty.util.NetUtil;
import io.quarkus.vertx.http.runtime.ForwardedInfo;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.usageapi.config.FilterOrder;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorBody;
import io.usageapi.error.ErrorCode;
import io.vertx.core.Context;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Refuses heads that no request may have: a request line or headers of more than 32 KiB, more than
 * {@value #MAX_FIELDS} headers, an {@code Accept-Encoding} of more than {@value
 * #MAX_ACCEPT_ENCODING} characters, an address that is no URI, a host that no link can have (RFC
 * 9112 section 3.2, RFC 9113 section 8.3.1), two hosts, and two tokens. The HTTP server's own
 * limits are higher: its answers have neither a body nor an id, and by HTTP/2 it has one limit for
 * line and headers together.
 */
@ApplicationScoped
public class RequestHead {
  /** The most headers; each takes twenty times as much in memory as on the wire. */
  public static final int MAX_FIELDS = 256;

  /**
   * The longest {@code Accept-Encoding}, over all its lines: Netty takes 20 microseconds for each
   * weight that is no number (docs/upstream.md).
   */
  static final int MAX_ACCEPT_ENCODING = 512;

  private static final int MAX_BYTES = 32 * 1024;

  /** The spaces and the version in {@code GET / HTTP/1.1}. */
  private static final int AROUND_TARGET = "  HTTP/1.1".length();

  /** The colon, the space and the end of a header's line. */
  private static final int AROUND_HEADER = 4;

  private static final String HTTP = "http";
  private static final String HTTPS = "https";
  private static final int MAX_HOST = 255;
  private static final int MAX_PORT = 65_535;

  void register(@Observes Filters filters) {
    filters.register(RequestHead::check, FilterOrder.REQUEST_HEAD);
  }

  private static void check(RoutingContext context) {
    HttpServerRequest request = context.request();
    MultiMap headers = request.headers();
    // The server reads both as ISO 8859-1: a character is a byte.
    if (request.method().name().length() + request.uri().length() + AROUND_TARGET > MAX_BYTES) {
      context.fail(ApiException.of(ErrorCode.URI_TOO_LONG));
    } else if (isTooLarge(headers)
        || length(headers.getAll(HttpHeaders.ACCEPT_ENCODING)) > MAX_ACCEPT_ENCODING) {
      context.fail(ApiException.of(ErrorCode.HEADERS_TOO_LARGE));
    } else if (headers.getAll(HttpHeaders.HOST).size() > 1) {
      context.fail(malformed("The request has more than one Host."));
    } else if (headers.getAll(HttpHeaders.AUTHORIZATION).size() > 1) {
      context.fail(malformed("The request has more than one Authorization."));
    } else if (!isUri(request.uri())) {
      context.fail(noUri(request.query()));
    } else {
      fault(request).ifPresentOrElse(fault -> context.fail(malformed(fault)), context::next);
    }
  }

  private static boolean isTooLarge(MultiMap headers) {
    int bytes = 0;
    int fields = 0;
    for (Map.Entry<String, String> field : headers) {
      bytes += field.getKey().length() + field.getValue().length() + AROUND_HEADER;
      fields++;
    }
    return bytes > MAX_BYTES || fields > MAX_FIELDS;
  }

  private static int length(List<String> values) {
    return values.stream().mapToInt(String::length).sum();
  }

  /** 400 for a request that is malformed outside of its parameters. */
  static ApiException malformed(String description) {
    return ApiException.of(ErrorCode.INVALID_PARAMETER, description);
  }

  private static boolean isUri(String address) {
    try {
      return new URI(address).getRawPath() != null;
    } catch (URISyntaxException e) {
      return false;
    }
  }

  private static ApiException noUri(String rawQuery) {
    return ApiException.of(
        new ErrorBody(
            ErrorCode.INVALID_PARAMETER,
            ErrorCode.INVALID_PARAMETER.message(),
            "The address is not a URI (RFC 3986); is its percent-encoding complete?",
            QueryParameters.malformed(rawQuery)));
  }

  /** What is wrong with the host, the scheme and the form of the target; none where nothing is. */
  static Optional<String> fault(HttpServerRequest request) {
    HostAndPort authority = request.authority();
    if (authority == null || authority.host().isEmpty()) {
      return Optional.of("The request has no Host, or one that is malformed.");
    }
    // Without a port it is -1.
    if (!isHost(authority.host()) || authority.port() == 0 || authority.port() > MAX_PORT) {
      return Optional.of("The Host of the request is malformed.");
    }
    if (!isWeb(request.scheme())) {
      return Optional.of("The scheme of the request is neither http nor https.");
    }
    if (!request.uri().startsWith("/") && !isAt(authority, request.uri())) {
      return Optional.of("The target of the request is at another host than its Host.");
    }
    return Optional.empty();
  }

  /**
   * The beginning of links to the target. The scheme is that of a trusted proxy, else that of the
   * connection, never that which a caller of HTTP/2 states.
   */
  static String base(HttpServerRequest request) {
    HostAndPort authority = request.authority();
    StringBuilder base = new StringBuilder(isSecure(request) ? HTTPS : HTTP);
    base.append("://").append(authority.host());
    if (authority.port() > 0) {
      base.append(':').append(authority.port());
    }
    return base.toString();
  }

  private static boolean isSecure(HttpServerRequest request) {
    Context context = Vertx.currentContext();
    ForwardedInfo forwarded = context == null ? null : context.getLocal(ForwardedInfo.CONTEXT_KEY);
    String asked = forwarded == null ? null : forwarded.getScheme();
    return asked == null ? request.connection().isSsl() : asked.equalsIgnoreCase(HTTPS);
  }

  /** A target in absolute form repeats the host (RFC 9112 section 3.2). */
  private static boolean isAt(HostAndPort authority, String target) {
    return startsWith(target, HTTP + "://" + authority)
        || startsWith(target, HTTPS + "://" + authority);
  }

  private static boolean startsWith(String target, String origin) {
    int end = origin.length();
    return target.regionMatches(true, 0, origin, 0, end)
        && (target.length() == end || target.charAt(end) == '/' || target.charAt(end) == '?');
  }

  private static boolean isWeb(String scheme) {
    return HTTP.equalsIgnoreCase(scheme) || HTTPS.equalsIgnoreCase(scheme);
  }

  /** A name as DNS has them, underscores beside, or an IP address. */
  static boolean isHost(String host) {
    if (host.length() > MAX_HOST) {
      return false;
    }
    if (host.charAt(0) == '[') {
      return host.endsWith("]")
          && host.indexOf('%') < 0
          && NetUtil.isValidIpV6Address(host.substring(1, host.length() - 1));
    }
    char last = '.';
    for (int i = 0; i < host.length(); i++) {
      char c = host.charAt(i);
      boolean label = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (!label && c != '-' && c != '_' && (c != '.' || last == '.')) {
        return false;
      }
      last = c;
    }
    return true;
  }
}
