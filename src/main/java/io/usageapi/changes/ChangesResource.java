package io.usageapi.changes;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.usageapi.export.CsvFormat;
import io.usageapi.export.ExportFormat;
import io.usageapi.export.NdjsonFormat;
import io.usageapi.http.ApiRequest;
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
import java.time.Clock;
import java.time.YearMonth;
import org.jboss.resteasy.reactive.ResponseHeader;
import org.jboss.resteasy.reactive.RestResponse;

/** Changes of monthly usage over HTTP (operation {@code getMonthlyUsageChanges}). */
@Path("/express/usage/month/changes")
public class ChangesResource {
  private final Caller caller;
  private final ChangesRepository changes;
  private final UsageReads reads;
  private final Clock clock;
  private final NdjsonFormat<Change> ndjson;

  ChangesResource(
      Caller caller, ChangesRepository changes, UsageReads reads, Clock clock, ObjectMapper json) {
    this.caller = caller;
    this.changes = changes;
    this.reads = reads;
    this.clock = clock;
    this.ndjson = new NdjsonFormat<>(json, Change.class);
  }

  /** A page of changes. */
  @GET
  @RolesAllowed(Scope.USAGE_READ)
  @Produces({MediaType.APPLICATION_JSON, "application/hal+json"})
  public Uni<RestResponse<ChangesPage>> page(@BeanParam ApiRequest request) {
    ChangesQuery query =
        ChangesQuery.of(caller.organization(), request.rawQuery(), YearMonth.now(clock));
    Months months = query.selection().months();
    return reads.pageIn(
        query.selection(),
        query.page(),
        () -> changes.page(query),
        page -> new ChangesPage(months.current().toString(), months.previous().toString(), page),
        request);
  }

  /** All changes as CSV. The framework streams one media type for each method. */
  @GET
  @RolesAllowed(Scope.USAGE_READ)
  @Produces("text/csv")
  @ResponseHeader(
      name = HttpHeaders.CONTENT_DISPOSITION,
      value = "attachment; filename=\"usage-changes.csv\"")
  public Multi<byte[]> csv(@BeanParam ApiRequest request) {
    ChangesSelection selection = selection(request);
    CsvFormat<Change> format =
        CsvFormat.of(Change.withoutValues(selection.grouping().shown().values(field -> null)));
    request.requireAccepted(format.type());
    return export(selection, format, request);
  }

  /** All changes as NDJSON. */
  @GET
  @RolesAllowed(Scope.USAGE_READ)
  @Produces("application/x-ndjson")
  @ResponseHeader(
      name = HttpHeaders.CONTENT_DISPOSITION,
      value = "attachment; filename=\"usage-changes.ndjson\"")
  public Multi<byte[]> ndjson(@BeanParam ApiRequest request) {
    return export(selection(request), ndjson, request);
  }

  private ChangesSelection selection(ApiRequest request) {
    return ChangesSelection.whole(caller.organization(), request.rawQuery(), YearMonth.now(clock));
  }

  private Multi<byte[]> export(
      ChangesSelection selection, ExportFormat<Change> format, ApiRequest request) {
    return reads.export(selection, format, closed -> changes.export(selection, closed), request);
  }
}
