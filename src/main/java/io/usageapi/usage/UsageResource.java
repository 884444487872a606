package io.usageapi.usage;

import io.smallrye.mutiny.Uni;
import io.usageapi.aggregate.Granularity;
import io.usageapi.aggregate.UsageAggregate;
import io.usageapi.security.Caller;
import io.usageapi.security.Scope;
import io.vertx.core.http.HttpServerRequest;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.UriInfo;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestResponse;

/** Monthly usage over HTTP (operation {@code getMonthlyUsage}). */
@Path("/express/usage/month")
public class UsageResource {
  private final Caller caller;
  private final UsagePages pages;

  UsageResource(Caller caller, UsagePages pages) {
    this.caller = caller;
    this.pages = pages;
  }

  /** A page of the monthly usage of the caller's organization. */
  @GET
  @RolesAllowed(Scope.USAGE_READ)
  @Produces({MediaType.APPLICATION_JSON, "application/hal+json"})
  public Uni<RestResponse<UsagePage>> page(
      @Context UriInfo request, @Context Request conditions, @Context HttpServerRequest http) {
    return pages.page(caller.organization(), Granularity.MONTH, request, conditions, http);
  }

  /** One aggregate of the caller's organization. */
  @GET
  @Path("/{id}")
  @RolesAllowed(Scope.USAGE_READ)
  @Produces({MediaType.APPLICATION_JSON, "application/hal+json"})
  public Uni<UsageAggregate> one(@RestPath String id, @Context UriInfo request) {
    return pages.one(caller.organization(), Granularity.MONTH, id, request);
  }
}
