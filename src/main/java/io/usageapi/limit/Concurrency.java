package io.usageapi.limit;

import io.usageapi.config.FilterOrder;
import io.usageapi.error.ApiException;
import io.usageapi.security.OrganizationClaim;
import io.usageapi.security.Places;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/**
 * Bounds how many requests of an organization this replica answers at the same time. Else a few
 * connections of HTTP/2, each with a hundred requests, would fill the queue for the database and
 * nobody else would get a connection in time. It runs after the token and its scope were checked
 * and before the parameters are.
 */
@ApplicationScoped
public class Concurrency {
  private final Places places;

  Concurrency(LimitConfig config) {
    // The queue for connections bounds the number in all.
    this.places = new Places("requests", Integer.MAX_VALUE, config.maxConcurrent());
  }

  /**
   * Takes a place until the request is answered, or its client is gone.
   *
   * @throws ApiException 429 {@code rate_limited} when the organization has as many as it may
   */
  @ServerRequestFilter(priority = FilterOrder.CONCURRENCY)
  public void take(RoutingContext request) {
    OrganizationClaim.of(request)
        .organization()
        .ifPresent(
            organization -> {
              Places.Place place = places.take(Optional.of(organization));
              int unused = request.addEndHandler(end -> place.giveBack());
              if (request.response().closed()) {
                // Then nobody calls that handler any more.
                place.giveBack();
              }
            });
  }
}
