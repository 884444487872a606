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
import io.usageapi.usage.Include;
import io.usageapi.usage.UsageReads;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.util.EnumMap;
import java.util.Map;
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
  public Uni<RestResponse<KeysetPage>> page(@BeanParam ApiRequest request) {
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
    CsvFormat<Total> format = format(selection);
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

  /** All totals of a selection have the same fields, and so has one without values. */
  private static CsvFormat<Total> format(TotalsSelection selection) {
    Map<Include, Object> included = new EnumMap<>(Include.class);
    selection.include().stream()
        .filter(each -> each != Include.UNIT_WORD)
        .forEach(each -> included.put(each, null));
    return CsvFormat.of(
        new Total(selection.grouping().shown().values(field -> null), null, null, null, included));
  }
}
