package io.usageapi.totals;

import io.smallrye.mutiny.Uni;
import io.usageapi.account.AccountRepository;
import io.usageapi.http.ApiDocument;
import io.usageapi.http.ConditionalRead;
import io.usageapi.http.PublicAddress;
import io.usageapi.page.Link;
import io.usageapi.page.Links;
import io.usageapi.page.Page;
import io.usageapi.page.Start;
import io.usageapi.security.Caller;
import io.usageapi.security.Scope;
import io.usageapi.usage.DataVersionRepository;
import io.vertx.core.http.HttpServerRequest;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.UriInfo;
import java.util.List;
import java.util.function.Function;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.ParameterIn;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;

/** Totals of monthly usage, page by page. */
@Path("/express/usage/month/totals")
@Tag(name = "Usage")
public class TotalsResource {
  private static final List<MediaType> TYPES =
      List.of(MediaType.APPLICATION_JSON_TYPE, MediaType.valueOf("application/hal+json"));

  private final Caller caller;
  private final AccountRepository accounts;
  private final DataVersionRepository versions;
  private final TotalsRepository totals;
  private final PublicAddress address;

  TotalsResource(
      Caller caller,
      AccountRepository accounts,
      DataVersionRepository versions,
      TotalsRepository totals,
      PublicAddress address) {
    this.caller = caller;
    this.accounts = accounts;
    this.versions = versions;
    this.totals = totals;
    this.address = address;
  }

  /** A page of totals of the caller's organization. */
  @GET
  @RolesAllowed(Scope.USAGE_READ)
  @SecurityRequirement(name = ApiDocument.BEARER, scopes = Scope.USAGE_READ)
  @Produces({MediaType.APPLICATION_JSON, "application/hal+json"})
  @Operation(
      operationId = "getMonthlyUsageTotals",
      summary = "Get totals of monthly usage",
      description =
          "The aggregates of monthly usage added up: one total for each group of those that have"
              + " the fields of `group_by` in common. Currency and unit are part of every group, so"
              + " that nothing unlike is added; where the unit is `OTHER`, which is many units,"
              + " `number_of_units` is null. Sums are exact. Top-ups (`CREDIT_COMMIT`, `RECHARGE`)"
              + " are never added to consumption; `kind` says which of the two is meant.\n\n"
              + "Walking `next` from `first`, or `prev` from `last`, in an order by a field of the"
              + " group visits every group that existed throughout exactly once, whatever is"
              + " written meanwhile. In an order by `total_amount` a group moves when records are"
              + " added to it: while records land, a walk may miss it or meet it again.\n\n"
              + "All selected aggregates are added for each page. Where that takes longer than a"
              + " statement may, the answer is 400 `filter_too_expensive`, or 503 without a filter:"
              + " name accounts or months. An organization may have a quarter of a replica's"
              + " connections to the database for what reads far more than it is answered with, all"
              + " together half (settings): a request past that waits up to 5 seconds, then it is"
              + " 429, or 503 where the share of all is taken.\n\n"
              + "With `Accept: text/csv` (or `text/*`) or `application/x-ndjson` the answer is an"
              + " export of all totals, as of monthly usage; the CSV's header has the fields of the"
              + " group, `number_of_units` and `total_amount`.")
  @Parameter(ref = ApiDocument.PER_PAGE)
  @Parameter(
      name = "group_by",
      in = ParameterIn.QUERY,
      description =
          "What the aggregates of one total have in common, beside currency and unit: some of"
              + " `account_id`, `product_id`, `aggr_product_id`, `month`, `type`, `direction`,"
              + " `resolution`, `wallet_name`, each once, separated by commas, in any order."
              + " Aggregates without a value in a field are a group. Without it there is one total"
              + " for each currency and unit.",
      schema = @Schema(implementation = String.class, minLength = 1, examples = "month,product_id"))
  @Parameter(
      name = "kind",
      in = ParameterIn.QUERY,
      description =
          "What is added: consumption, or top-ups (`CREDIT_COMMIT`, `RECHARGE`). It counts beside"
              + " the filter: `type eq 'RECHARGE'` finds nothing in consumption.",
      schema =
          @Schema(
              implementation = String.class,
              defaultValue = "consumption",
              enumeration = {"consumption", "top_up"}))
  @Parameter(
      name = "filter",
      in = ParameterIn.QUERY,
      description =
          "Which aggregates are added; as of monthly usage, with the same fields. Every account"
              + " named by `eq`, `ne` or `in` must be one of the caller's organization; otherwise"
              + " the answer is 403.",
      schema = @Schema(implementation = String.class, minLength = 1, maxLength = 1600))
  @Parameter(
      name = "order_by",
      in = ParameterIn.QUERY,
      description =
          "In which order: `total_amount`, or a field of the group (`currency` and `unit` always"
              + " are), followed by `:asc` or `:desc`; made total by the other fields of the group"
              + " in their order, in the same direction. No value stands where an empty text would:"
              + " before all others in `asc`. Without it: by the first field of the group, in the"
              + " order that an aggregate has them in, `asc`.",
      schema =
          @Schema(
              implementation = String.class,
              pattern = "[a-z_]{1,40}:(asc|desc)",
              examples = "total_amount:desc"))
  @Parameter(
      name = "cursor",
      in = ParameterIn.QUERY,
      description = "A position; comes only from links.",
      schema = @Schema(implementation = String.class, minLength = 1, maxLength = 2048))
  @APIResponse(
      responseCode = "200",
      description = "A page of totals, or all of them.",
      content = {
        @Content(
            mediaType = MediaType.APPLICATION_JSON,
            schema = @Schema(implementation = TotalsPage.class)),
        @Content(
            mediaType = "application/hal+json",
            schema = @Schema(implementation = TotalsPage.class)),
        @Content(
            mediaType = "text/csv",
            schema =
                @Schema(
                    type = SchemaType.STRING,
                    description = "A header of field names and a line for each total.")),
        @Content(
            mediaType = "application/x-ndjson",
            schema = @Schema(implementation = Total.class, description = "One on each line."))
      })
  @APIResponse(responseCode = "304", description = "The caller holds the answer already.")
  public Uni<RestResponse<TotalsPage>> page(
      @Context UriInfo request, @Context HttpHeaders headers, @Context HttpServerRequest http) {
    TotalsQuery query =
        TotalsQuery.of(caller.organization(), request.getRequestUri().getRawQuery());
    PublicAddress.Place here = address.of(request, http);
    Function<Start, Link> link = start -> here.with(query.parametersAt(start));
    String self = link.apply(query.start()).href();
    ConditionalRead read = ConditionalRead.of(query.organization(), self, TYPES, headers, http);
    return accounts
        .requireAll(query.organization(), query.selection().filter().namedAccounts())
        .chain(() -> versions.requireModified(query.organization(), read))
        .chain(() -> totals.page(query))
        .map(page -> read.answer(page.version(), wire(query, page.value(), link)));
  }

  private TotalsPage wire(TotalsQuery query, Page<Total> page, Function<Start, Link> link) {
    return TotalsPage.of(
        page.rows(), query.perPage(), Links.of(page, query.selection().order()::position, link));
  }
}
