package io.usageapi.usage;

import io.smallrye.mutiny.Uni;
import io.usageapi.http.ApiDocument;
import io.usageapi.security.Caller;
import io.usageapi.security.Scope;
import io.vertx.core.http.HttpServerRequest;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.UriInfo;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.ParameterIn;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestResponse;

/**
 * Daily usage over HTTP: what is monthly usage, by day. What of it is said of {@link UsageResource}
 * is said there.
 */
@Path("/express/usage/day")
@Tag(name = "Usage", description = "What the accounts under an organization used.")
public class DailyUsageResource {
  private final Caller caller;
  private final UsagePages pages;

  DailyUsageResource(Caller caller, UsagePages pages) {
    this.caller = caller;
    this.pages = pages;
  }

  /** A page of the daily usage of the caller's organization. */
  @GET
  @RolesAllowed(Scope.USAGE_READ)
  @SecurityRequirement(name = ApiDocument.BEARER, scopes = Scope.USAGE_READ)
  @Produces({MediaType.APPLICATION_JSON, "application/hal+json"})
  @Operation(
      operationId = "getDailyUsage",
      summary = "Get daily usage",
      description =
          "Monthly usage by day: each aggregate of a month once for every day that something was"
              + " used on, with the field `day` behind `month`; its days add up to it. Whatever"
              + " else is said of monthly usage holds here too: pages and their links, entity tags,"
              + " and exports, with their limits. All its pages count as reading much.\n\n"
              + "A record counts on the day it occurred on, in UTC. One that came late for a month"
              + " that was closed, and counts in a later one, counts on the first day of that."
              + " Where the records of a month were dropped the days are gone, and the month"
              + " stays.")
  @Parameter(ref = ApiDocument.PER_PAGE)
  @Parameter(
      name = "page",
      in = ParameterIn.QUERY,
      description =
          "A jump to a page by its number. It passes over at most 100,000 aggregates; follow `next`"
              + " to go further. Not together with `cursor`.",
      schema = @Schema(implementation = Integer.class, minimum = "1", defaultValue = "1"))
  @Parameter(
      name = "filter",
      in = ParameterIn.QUERY,
      description =
          "Which aggregates: as of monthly usage, and by `day` (`day ge '2026-08-15'`), which takes"
              + " what `month` takes.",
      schema = @Schema(implementation = String.class, minLength = 1, maxLength = 1600))
  @Parameter(
      name = "order_by",
      in = ParameterIn.QUERY,
      description = "In which order; made total by `id` in the same direction.",
      schema =
          @Schema(
              implementation = String.class,
              maxLength = 40,
              defaultValue = "id:desc",
              enumeration = {
                "id:desc",
                "id:asc",
                "day:desc",
                "day:asc",
                "account_id:desc",
                "account_id:asc",
                "product_id:desc",
                "product_id:asc"
              }))
  @Parameter(
      name = Include.PARAMETER,
      in = ParameterIn.QUERY,
      description = Include.DESCRIPTION,
      schema =
          @Schema(
              implementation = String.class,
              minLength = 1,
              maxLength = Include.MAX_LENGTH,
              examples = "updated_at,month_status"))
  @Parameter(
      name = "cursor",
      in = ParameterIn.QUERY,
      description = "A position; comes only from links. Not together with `page`.",
      schema = @Schema(implementation = String.class, minLength = 1, maxLength = 2048))
  @APIResponse(
      responseCode = "200",
      description = "A page of days of aggregates, or all of them.",
      content = {
        @Content(
            mediaType = MediaType.APPLICATION_JSON,
            schema = @Schema(implementation = UsagePage.class)),
        @Content(
            mediaType = "application/hal+json",
            schema = @Schema(implementation = UsagePage.class)),
        @Content(
            mediaType = "text/csv",
            schema =
                @Schema(
                    type = SchemaType.STRING,
                    description = "A header of field names and a line for each aggregate.")),
        @Content(
            mediaType = "application/x-ndjson",
            schema =
                @Schema(implementation = UsageAggregate.class, description = "One on each line."))
      })
  @APIResponse(responseCode = "304", description = "The caller holds the answer already.")
  public Uni<RestResponse<UsagePage>> page(
      @Context UriInfo request, @Context HttpHeaders headers, @Context HttpServerRequest http) {
    return pages.page(caller.organization(), Granularity.DAY, request, headers, http);
  }

  /** One day of an aggregate of the caller's organization. */
  @GET
  @Path("/{id}")
  @RolesAllowed(Scope.USAGE_READ)
  @SecurityRequirement(name = ApiDocument.BEARER, scopes = Scope.USAGE_READ)
  @Produces({MediaType.APPLICATION_JSON, "application/hal+json"})
  @Operation(
      operationId = "getDailyUsageAggregate",
      summary = "Get one day of an aggregate",
      description = "An id of another organization, of none, or malformed is the same 404.")
  @Parameter(
      name = "id",
      in = ParameterIn.PATH,
      description = "The id of the day.",
      schema = @Schema(implementation = String.class, pattern = "[0-9a-f]{32}"))
  @Parameter(
      name = Include.PARAMETER,
      in = ParameterIn.QUERY,
      description = Include.DESCRIPTION,
      schema =
          @Schema(
              implementation = String.class,
              minLength = 1,
              maxLength = Include.MAX_LENGTH,
              examples = "updated_at,month_status"))
  @APIResponse(responseCode = "200", description = "The day.")
  public Uni<UsageAggregate> one(@RestPath String id, @Context UriInfo request) {
    return pages.one(caller.organization(), Granularity.DAY, id, request);
  }
}
