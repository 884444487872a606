package io.usageapi.totals;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.usageapi.export.CsvFormat;
import io.usageapi.export.ExportFormat;
import io.usageapi.export.NdjsonFormat;
import io.usageapi.http.ApiRequest;
import io.usageapi.page.KeysetPage;
import io.usageapi.security.Caller;
import io.usageapi.security.Scope;
import io.usageapi.usage.UsageReads;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.stream.Stream;
import org.jboss.resteasy.reactive.ResponseHeader;
import org.jboss.resteasy.reactive.RestResponse;

/** Totals of monthly usage over HTTP (operation {@code getMonthlyUsageTotals}). */
@Path("/express/usage/month/totals")
public class TotalsResource {
  private final Caller caller;
  private final TotalsRepository totals;
  private final UsageReads reads;
  private final NdjsonFormat<Total> ndjson;

  TotalsResource(Caller caller, TotalsRepository totals, UsageReads reads, ObjectMapper json) {
    this.caller = caller;
    this.totals = totals;
    this.reads = reads;
    this.ndjson = new NdjsonFormat<>(json, Total.class);
  }

  /** A page of totals. */
  @GET
  @RolesAllowed(Scope.USAGE_READ)
  @Produces({MediaType.APPLICATION_JSON, "application/hal+json"})
  public Uni<RestResponse<KeysetPage<Total>>> page(@BeanParam ApiRequest request) {
    TotalsQuery query = TotalsQuery.of(caller.organization(), request.rawQuery());
    return reads.page(query.selection(), query.page(), () -> totals.page(query), request);
  }

  /** All totals as CSV. The framework streams one media type for each method. */
  @GET
  @RolesAllowed(Scope.USAGE_READ)
  @Produces("text/csv")
  @ResponseHeader(
      name = HttpHeaders.CONTENT_DISPOSITION,
      value = "attachment; filename=\"usage-totals.csv\"")
  public Multi<byte[]> csv(@BeanParam ApiRequest request) {
    TotalsSelection selection = selection(request);
    CsvFormat<Total> format = csv(selection.grouping());
    request.requireAccepted(format.type());
    return export(selection, format, request);
  }

  /** All totals as NDJSON. */
  @GET
  @RolesAllowed(Scope.USAGE_READ)
  @Produces("application/x-ndjson")
  @ResponseHeader(
      name = HttpHeaders.CONTENT_DISPOSITION,
      value = "attachment; filename=\"usage-totals.ndjson\"")
  public Multi<byte[]> ndjson(@BeanParam ApiRequest request) {
    return export(selection(request), ndjson, request);
  }

  private TotalsSelection selection(ApiRequest request) {
    return TotalsSelection.whole(caller.organization(), request.rawQuery());
  }

  private Multi<byte[]> export(
      TotalsSelection selection, ExportFormat<Total> format, ApiRequest request) {
    return reads.export(selection, format, closed -> totals.export(selection, closed), request);
  }

  private static CsvFormat<Total> csv(Grouping grouping) {
    List<String> header =
        Stream.concat(grouping.names().stream(), Stream.of("number_of_units", "total_amount"))
            .toList();
    return new CsvFormat<>(
        header,
        (total, line) -> {
          total.group().values().forEach(line::cell);
          line.number(total.numberOfUnits()).number(total.totalAmount());
        });
  }
}
