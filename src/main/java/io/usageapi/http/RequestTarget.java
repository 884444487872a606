package io.usageapi.http;

import io.netty.util.NetUtil;
import io.quarkus.vertx.http.runtime.ForwardedInfo;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import java.util.Optional;

/**
 * What a request says of where it goes: the host, the scheme, and the form of its target (RFC 9112
 * section 3.2, RFC 9113 section 8.3.1). Links are made of it, so it must be one that a link can
 * have, and nothing that the caller may choose freely.
 */
final class RequestTarget {
  private static final String HTTP = "http";
  private static final String HTTPS = "https";
  private static final int MAX_HOST = 255;
  private static final int MAX_PORT = 65_535;

  private RequestTarget() {}

  /** What is wrong with it; none where nothing is. */
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
   * The beginning of links to what was asked for: where a trusted proxy was asked for it, or by
   * which connection it came. A scheme that the caller says, as HTTP/2 has it, is not asked.
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
