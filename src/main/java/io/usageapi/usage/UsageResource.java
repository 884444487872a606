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

/** Monthly usage over HTTP (contract, "GET /express/usage/month"). */
@Path("/express/usage/month")
@Tag(name = "Usage", description = "What the accounts under an organization used.")
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
  @SecurityRequirement(name = ApiDocument.BEARER, scopes = Scope.USAGE_READ)
  @Produces({MediaType.APPLICATION_JSON, "application/hal+json"})
  @Operation(
      operationId = "getMonthlyUsage",
      summary = "Get Monthly Usage",
      description =
          "All usage of the accounts under the caller's organization, aggregated by month for each"
              + " product. Walking `next` from `first`, or `prev` from `last`, visits every"
              + " aggregate that existed throughout exactly once, whatever is written meanwhile."
              + " Pages by number, and filters that no index serves, read much: those with anything"
              + " beside one field of `account_id`, `product_id`, `month` or `type` that has one"
              + " value, up to 32 values or a range of up to 32 months, or with `order_by` other"
              + " than `id`. An organization may have a quarter of a replica's connections to the"
              + " database for what reads far more than it is answered with, all together half"
              + " (settings): a request past that waits up to 5 seconds, then it is 429, or 503"
              + " where the share of all is taken.\n\n"
              + "With `Accept: text/csv` (or `text/*`) or `application/x-ndjson` the answer is an"
              + " export: the entire result in one snapshot, streamed. `per_page`, `page` and"
              + " `cursor` must not be given with it. The status is 200 only when the first rows"
              + " are there; a failure after that resets the connection, so that a body without its"
              + " last chunk is not whole. `HEAD` does not run it. An export takes at most 15"
              + " minutes, and a client that leaves a part unread for 60 seconds is cut off. An"
              + " organization may have 2 exports at once on a replica, a replica 8 (settings);"
              + " past that the answer is 429 or 503. The CSV is RFC 4180 with a header; no value"
              + " is an empty cell; a text that begins with `=`, `+`, `-`, `@`, tab, CR or `'` gets"
              + " one `'` in front.")
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
          "Which aggregates: comparisons (`account_id eq 'a1'`; `eq` `ne` `gt` `ge` `lt` `le`),"
              + " `month in ('2026-01','2026-02')`, `contains(product_id, 'voice')`, `direction eq"
              + " null`, joined by `and`, `or`, `not` and parentheses. A quote inside a literal is"
              + " doubled. Fields: `account_id`, `product_id`, `aggr_product_id`, `wallet_name`"
              + " take all operators; `month` all but `contains`; `type`, `currency`, `direction`,"
              + " `resolution`, `unit` take `eq`, `ne`, `in`. On an aggregate without a value `eq"
              + " null` and `ne` are true, everything else is false. At most 32 levels of nesting"
              + " and 200 literals. Every account named by `eq`, `ne` or `in` must be one of the"
              + " caller's organization; otherwise the answer is 403.",
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
                "month:desc",
                "month:asc",
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
      description = "A page of aggregates, or all of them.",
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
    return pages.page(caller.organization(), Granularity.MONTH, request, headers, http);
  }

  /** One aggregate of the caller's organization. */
  @GET
  @Path("/{id}")
  @RolesAllowed(Scope.USAGE_READ)
  @SecurityRequirement(name = ApiDocument.BEARER, scopes = Scope.USAGE_READ)
  @Produces({MediaType.APPLICATION_JSON, "application/hal+json"})
  @Operation(
      operationId = "getMonthlyUsageAggregate",
      summary = "Get one aggregate",
      description = "An id of another organization, of none, or malformed is the same 404.")
  @Parameter(
      name = "id",
      in = ParameterIn.PATH,
      description = "The id of the aggregate.",
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
  @APIResponse(responseCode = "200", description = "The aggregate.")
  public Uni<UsageAggregate> one(@RestPath String id, @Context UriInfo request) {
    return pages.one(caller.organization(), Granularity.MONTH, id, request);
  }
}
