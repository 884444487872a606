package io.usageapi.http;

import io.quarkus.vertx.http.ManagementInterface;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.usageapi.config.FilterOrder;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Gives every response its {@code Date} (RFC 9110 section 6.6.1). The framework gives none. */
@ApplicationScoped
public class DateHeader {
  private static final DateTimeFormatter FORMAT =
      DateTimeFormatter.ofPattern("EEE, dd MMM uuuu HH:mm:ss 'GMT'", Locale.US)
          .withZone(ZoneOffset.UTC);

  private final Clock clock;

  /** Formatted once a second: that takes longer than all other headers. */
  private volatile Second last;

  DateHeader(Clock clock) {
    this.clock = clock;
  }

  private record Second(long number, CharSequence text) {}

  void register(@Observes Filters filters) {
    filters.register(this::add, FilterOrder.DATE);
  }

  void register(@Observes ManagementInterface management) {
    management.router().route().order(-FilterOrder.DATE).handler(this::add);
  }

  private void add(RoutingContext context) {
    give(context);
    context.next();
  }

  /** Gives the response of a request its date, once its head is written. */
  void give(RoutingContext context) {
    HttpServerResponse response = context.response();
    int unused = context.addHeadersEndHandler(end -> response.putHeader(HttpHeaders.DATE, now()));
  }

  /** The value of the header. */
  public CharSequence now() {
    long number = TimeUnit.MILLISECONDS.toSeconds(clock.millis());
    Second second = last;
    if (second == null || second.number() != number) {
      String text = FORMAT.format(Instant.ofEpochSecond(number));
      second = new Second(number, HttpHeaders.createOptimized(text));
      last = second;
    }
    return second.text();
  }
}
