package io.usageapi.http;

import io.quarkus.vertx.http.ManagementInterface;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.usageapi.config.FilterOrder;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.jboss.logging.MDC;

/**
 * Gives every response an {@code X-Request-Id}: the caller's when it is well-formed, else a new
 * one.
 */
@ApplicationScoped
public class RequestIds {
  /** The header's name. */
  public static final String HEADER = "X-Request-Id";

  /** The field by which every line that is logged for a request has its id. */
  public static final String LOG_FIELD = "request_id";

  private static final Pattern WELL_FORMED = Pattern.compile("[A-Za-z0-9._-]{1,128}");

  void register(@Observes Filters filters) {
    filters.register(RequestIds::add, FilterOrder.REQUEST_ID);
  }

  void register(@Observes ManagementInterface management) {
    management.router().route().order(-FilterOrder.REQUEST_ID).handler(RequestIds::add);
  }

  private static void add(RoutingContext context) {
    give(context);
    context.next();
  }

  /** Gives the response of a request its id. */
  static void give(RoutingContext context) {
    String sent = context.request().getHeader(HEADER);
    boolean wellFormed = sent != null && WELL_FORMED.matcher(sent).matches();
    String id = wellFormed ? sent : newId();
    context.response().putHeader(HEADER, id);
    MDC.put(LOG_FIELD, id);
  }

  /** A random UUID (version 4). It need not be hard to guess, so it takes no secure randomness. */
  private static String newId() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    long most = (random.nextLong() & 0xFFFF_FFFF_FFFF_0FFFL) | 0x4000L;
    long least = (random.nextLong() >>> 2) | Long.MIN_VALUE;
    return new UUID(most, least).toString();
  }
}
