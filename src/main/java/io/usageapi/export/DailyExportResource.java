package io.usageapi.export;

import io.smallrye.mutiny.Multi;
import io.usageapi.aggregate.Granularity;
import io.usageapi.security.Caller;
import io.usageapi.security.Scope;
import io.usageapi.usage.UsageSelection;
import io.vertx.core.http.HttpServerRequest;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.UriInfo;

/**
 * Daily usage as a whole. What it has in common with a page is documented there, in {@link
 * io.usageapi.usage.DailyUsageResource}.
 */
@Path("/express/usage/day")
public class DailyExportResource {
  private final Caller caller;
  private final UsageExports usage;

  DailyExportResource(Caller caller, UsageExports usage) {
    this.caller = caller;
    this.usage = usage;
  }

  /** All daily usage of a query, as CSV. */
  @GET
  @RolesAllowed(Scope.USAGE_READ)
  @Produces("text/csv")
  public Multi<byte[]> csv(
      @Context UriInfo request, @Context Request conditions, @Context HttpServerRequest http) {
    return usage.csv(selection(request), request, conditions, http);
  }

  /** All daily usage of a query, a JSON object a line. */
  @GET
  @RolesAllowed(Scope.USAGE_READ)
  @Produces("application/x-ndjson")
  public Multi<byte[]> ndjson(
      @Context UriInfo request, @Context Request conditions, @Context HttpServerRequest http) {
    return usage.ndjson(selection(request), request, conditions, http);
  }

  private UsageSelection selection(UriInfo request) {
    return UsageSelection.whole(
        caller.organization(), Granularity.DAY, request.getRequestUri().getRawQuery());
  }
}
