package io.usageapi.totals;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.smallrye.mutiny.Multi;
import io.usageapi.account.AccountRepository;
import io.usageapi.aggregate.DataVersionRepository;
import io.usageapi.export.CsvFormat;
import io.usageapi.export.CsvLine;
import io.usageapi.export.ExportFormat;
import io.usageapi.export.Exports;
import io.usageapi.export.NdjsonFormat;
import io.usageapi.http.ConditionalRead;
import io.usageapi.http.PublicAddress;
import io.usageapi.security.Caller;
import io.usageapi.security.Scope;
import io.vertx.core.http.HttpServerRequest;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.UriInfo;
import java.util.List;
import java.util.stream.Stream;

/**
 * All totals of a query at once. What it has in common with a page is documented there, in {@link
 * TotalsResource}.
 */
@Path("/express/usage/month/totals")
public class TotalsExportResource {
  private final Caller caller;
  private final AccountRepository accounts;
  private final DataVersionRepository versions;
  private final TotalsRepository totals;
  private final PublicAddress address;
  private final Exports exports;
  private final NdjsonFormat<Total> ndjson;

  TotalsExportResource(
      Caller caller,
      AccountRepository accounts,
      DataVersionRepository versions,
      TotalsRepository totals,
      PublicAddress address,
      Exports exports,
      ObjectMapper json) {
    this.caller = caller;
    this.accounts = accounts;
    this.versions = versions;
    this.totals = totals;
    this.address = address;
    this.exports = exports;
    this.ndjson = new NdjsonFormat<>(json, Total.class);
  }

  /** All totals of a query, as CSV. */
  @GET
  @RolesAllowed(Scope.USAGE_READ)
  @Produces("text/csv")
  public Multi<byte[]> csv(
      @Context UriInfo request, @Context HttpHeaders headers, @Context HttpServerRequest http) {
    TotalsSelection selection = selection(request);
    return export(selection, csv(selection.grouping()), request, headers, http);
  }

  /** All totals of a query, a JSON object a line. */
  @GET
  @RolesAllowed(Scope.USAGE_READ)
  @Produces("application/x-ndjson")
  public Multi<byte[]> ndjson(
      @Context UriInfo request, @Context HttpHeaders headers, @Context HttpServerRequest http) {
    return export(selection(request), ndjson, request, headers, http);
  }

  private TotalsSelection selection(UriInfo request) {
    return TotalsSelection.whole(caller.organization(), request.getRequestUri().getRawQuery());
  }

  private Multi<byte[]> export(
      TotalsSelection selection,
      ExportFormat<Total> format,
      UriInfo request,
      HttpHeaders headers,
      HttpServerRequest http) {
    String self = address.of(request, http).link(selection.given()).href();
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
                    closed -> totals.export(selection, closed),
                    read,
                    http));
  }

  private static CsvFormat<Total> csv(Grouping grouping) {
    List<String> header =
        Stream.concat(grouping.names().stream(), Stream.of("number_of_units", "total_amount"))
            .toList();
    return new CsvFormat<>(header, TotalsExportResource::print);
  }

  private static void print(Total total, CsvLine line) {
    total.group().values().forEach(line::cell);
    line.number(total.numberOfUnits()).number(total.totalAmount());
  }
}
