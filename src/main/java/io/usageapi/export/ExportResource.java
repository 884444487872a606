package io.usageapi.export;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.smallrye.mutiny.Multi;
import io.usageapi.account.AccountRepository;
import io.usageapi.http.ConditionalRead;
import io.usageapi.http.PublicAddress;
import io.usageapi.security.Caller;
import io.usageapi.security.Scope;
import io.usageapi.usage.DataVersionRepository;
import io.usageapi.usage.MonthlyUsageRepository;
import io.usageapi.usage.UsageAggregate;
import io.usageapi.usage.UsageSelection;
import io.vertx.core.http.HttpServerRequest;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.UriInfo;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;

/**
 * Monthly usage as a whole (contract, "Exports"). What it has in common with a page is documented
 * there, in {@link io.usageapi.usage.UsageResource}.
 */
@Path("/express/usage/month")
public class ExportResource {
  private final Caller caller;
  private final AccountRepository accounts;
  private final DataVersionRepository versions;
  private final MonthlyUsageRepository usage;
  private final PublicAddress address;
  private final Exports exports;
  private final NdjsonFormat<UsageAggregate> ndjson;

  ExportResource(
      Caller caller,
      AccountRepository accounts,
      DataVersionRepository versions,
      MonthlyUsageRepository usage,
      PublicAddress address,
      Exports exports,
      ObjectMapper json) {
    this.caller = caller;
    this.accounts = accounts;
    this.versions = versions;
    this.usage = usage;
    this.address = address;
    this.exports = exports;
    this.ndjson = new NdjsonFormat<>(json, UsageAggregate.class);
  }

  /** All monthly usage of a query, as CSV. */
  @GET
  @RolesAllowed(Scope.USAGE_READ)
  @Produces("text/csv")
  @Operation(hidden = true)
  public Multi<byte[]> csv(
      @Context UriInfo request, @Context HttpHeaders headers, @Context HttpServerRequest http) {
    return export(UsageCsv.FORMAT, request, headers, http);
  }

  /** All monthly usage of a query, a JSON object a line. */
  @GET
  @RolesAllowed(Scope.USAGE_READ)
  @Produces("application/x-ndjson")
  @Operation(hidden = true)
  public Multi<byte[]> ndjson(
      @Context UriInfo request, @Context HttpHeaders headers, @Context HttpServerRequest http) {
    return export(ndjson, request, headers, http);
  }

  private Multi<byte[]> export(
      ExportFormat<UsageAggregate> format,
      UriInfo request,
      HttpHeaders headers,
      HttpServerRequest http) {
    UsageSelection selection =
        UsageSelection.whole(caller.organization(), request.getRequestUri().getRawQuery());
    String self = address.link(request, selection.given()).href();
    ConditionalRead read =
        ConditionalRead.of(selection.organization(), self, List.of(format.type()), headers, http);
    return accounts
        .requireAll(selection.organization(), selection.filter().namedAccounts())
        .chain(() -> versions.requireModified(selection.organization(), read))
        .onItem()
        .transformToMulti(
            none ->
                exports.answer(
                    selection.organization(),
                    format,
                    closed -> usage.export(selection, closed),
                    read,
                    http));
  }
}
