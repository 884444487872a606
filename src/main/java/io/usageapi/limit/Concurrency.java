package io.usageapi.limit;

import io.usageapi.config.FilterOrder;
import io.usageapi.error.ApiException;
import io.usageapi.security.Bulkhead;
import io.usageapi.security.OrganizationClaim;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/**
 * Limits how many requests of an organization this replica answers at the same time. Otherwise a
 * few HTTP/2 connections with a hundred requests each could fill the queue for database
 * connections. Runs after the token and its scope were checked and before the parameters are.
 */
@ApplicationScoped
public class Concurrency {
  private final Bulkhead places;

  Concurrency(LimitConfig config) {
    // The queue for connections bounds the number in all.
    this.places = new Bulkhead("requests", Integer.MAX_VALUE, config.maxConcurrent());
  }

  /**
   * Takes a place until the request is answered or its client is gone.
   *
   * @throws ApiException 429 {@code rate_limited} if the organization has no place left
   */
  @ServerRequestFilter(priority = FilterOrder.CONCURRENCY)
  public void take(RoutingContext request) {
    OrganizationClaim.of(request)
        .organization()
        .ifPresent(
            organization -> {
              Bulkhead.Permit place = places.take(Optional.of(organization));
              int unused = request.addEndHandler(end -> place.giveBack());
              if (request.response().closed()) {
                // The handler is not called any more.
                place.giveBack();
              }
            });
  }
}
