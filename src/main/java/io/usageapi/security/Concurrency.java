package io.usageapi.security;

import io.usageapi.error.ApiException;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/**
 * Bounds how many requests of an organization this replica answers at the same time. Without it a
 * few connections of HTTP/2, each with a hundred requests, fill the queue for the connections to
 * the database, and nobody else gets one in time. Asked after the token and its scope were checked
 * and before the parameters are.
 */
@ApplicationScoped
public class Concurrency {
  private final Places places;

  Concurrency(SecurityConfig config) {
    // In all it is the queue for connections that is bounded.
    this.places = new Places("requests", Integer.MAX_VALUE, config.rateLimit().maxConcurrent());
  }

  /**
   * Takes a place until the request is answered, or its client is gone.
   *
   * @throws ApiException 429 {@code rate_limited} when the organization has as many as it may
   */
  @ServerRequestFilter
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
