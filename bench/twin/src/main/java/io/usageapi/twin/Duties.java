package io.usageapi.twin;

import io.quarkus.arc.properties.IfBuildProperty;
import io.quarkus.security.identity.SecurityIdentity;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ContainerResponseFilter;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.ext.Provider;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.jboss.logging.MDC;

/**
 * Does for each page what the server does beside the page itself, the blocking way: a request id,
 * checked headers and parameters, cursors bound to their filter and order, a limit of requests of
 * an organization at once, and security headers. Metrics and compression are settings.
 */
@Provider
@ApplicationScoped
@IfBuildProperty(name = "twin.duties", stringValue = "true")
public class Duties implements ContainerRequestFilter, ContainerResponseFilter {
  private static final String REQUEST_ID = "X-Request-Id";
  private static final String COUNTED = "counted";
  private static final Pattern WELL_FORMED = Pattern.compile("[A-Za-z0-9._-]{1,128}");
  private static final Set<String> PARAMETERS =
      Set.of("filter", "order_by", "include", "per_page", "page", "cursor");
  private static final int MAX_CURSOR = 2048;
  private static final int MAX_CONCURRENT = 100;
  private static final int MAX_HEAD = 32 * 1024;

  private final SecurityIdentity caller;
  private final Map<String, AtomicInteger> concurrent = new ConcurrentHashMap<>();

  Duties(SecurityIdentity caller) {
    this.caller = caller;
  }

  @Override
  public void filter(ContainerRequestContext request) {
    String sent = request.getHeaderString(REQUEST_ID);
    String id =
        sent != null && WELL_FORMED.matcher(sent).matches() ? sent : UUID.randomUUID().toString();
    request.setProperty(REQUEST_ID, id);
    MDC.put("request_id", id);
    check(head(request.getHeaders()) <= MAX_HEAD);
    MultivaluedMap<String, String> parameters = request.getUriInfo().getQueryParameters();
    for (Map.Entry<String, List<String>> each : parameters.entrySet()) {
      check(PARAMETERS.contains(each.getKey()) && each.getValue().size() == 1);
    }
    int perPage = Integer.parseInt(parameters.getFirst("per_page"));
    check(perPage >= 1 && perPage <= 250);
    String cursor = parameters.getFirst("cursor");
    check(cursor.length() <= MAX_CURSOR);
    ByteBuffer position = ByteBuffer.wrap(Base64.getUrlDecoder().decode(cursor));
    check(position.get() == 1 && position.get() == '>');
    check(position.getLong() == digest(null) && position.getLong() == digest("id:desc"));
    String organization = caller.getAttribute(VerifiedTokens.ORGANIZATION);
    MDC.put("organization", organization);
    AtomicInteger count = concurrent.computeIfAbsent(organization, o -> new AtomicInteger());
    request.setProperty(COUNTED, count);
    check(count.incrementAndGet() <= MAX_CONCURRENT);
  }

  @Override
  public void filter(ContainerRequestContext request, ContainerResponseContext response) {
    MultivaluedMap<String, Object> headers = response.getHeaders();
    headers.putSingle(REQUEST_ID, request.getProperty(REQUEST_ID));
    headers.putSingle("X-Content-Type-Options", "nosniff");
    headers.putSingle("Referrer-Policy", "no-referrer");
    headers.putSingle("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    if (request.getProperty(COUNTED) instanceof AtomicInteger count) {
      count.decrementAndGet();
    }
  }

  private static int head(MultivaluedMap<String, String> headers) {
    int bytes = 0;
    for (Map.Entry<String, List<String>> header : headers.entrySet()) {
      for (String value : header.getValue()) {
        bytes += header.getKey().length() + value.length() + 4;
      }
    }
    return bytes;
  }

  private static void check(boolean holds) {
    if (!holds) {
      throw new WebApplicationException(400);
    }
  }

  private static long digest(String text) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      sha256.update((byte) (text == null ? 0 : 1));
      if (text != null) {
        sha256.update(text.getBytes(StandardCharsets.UTF_8));
      }
      return ByteBuffer.wrap(sha256.digest()).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
