package io.usageapi.telemetry;

import io.usageapi.config.FilterOrder;
import io.usageapi.security.OrganizationClaim;
import io.vertx.core.Vertx;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import org.jboss.logging.MDC;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/** Adds the organization and the route of a request to its log lines. */
@Singleton
public class LogFields {
  static final String ORGANIZATION = "organization";

  /** The path with the names of its parameters. */
  static final String ROUTE = "route";

  /** Where the framework keeps the route. */
  private static final String TEMPLATE = "UrlPathTemplate";

  /** Adds them once the request is matched and its token verified. */
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
