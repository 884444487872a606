package io.usageapi.telemetry;

import io.usageapi.config.FilterOrder;
import io.usageapi.security.OrganizationClaim;
import io.vertx.core.Vertx;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import org.jboss.logging.MDC;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/** Adds the organization and the route of a request to every line logged for it. */
@Singleton
public class LogFields {
  /** The organization of the request's token. */
  static final String ORGANIZATION = "organization";

  /** The route of the request: its path with the names of what varies in it. */
  static final String ROUTE = "route";

  /** Where the framework keeps the route, for its own metrics and traces. */
  private static final String TEMPLATE = "UrlPathTemplate";

  /** Adds them, once the request is matched and its token verified. */
  @ServerRequestFilter(priority = FilterOrder.LOG_FIELDS)
  public void add(RoutingContext request) {
    OrganizationClaim.of(request)
        .organization()
        .ifPresent(organization -> MDC.put(ORGANIZATION, organization.value()));
    String template = Vertx.currentContext().getLocal(TEMPLATE);
    if (template != null) {
      MDC.put(ROUTE, template);
    }
  }
}
