package io.usageapi.usage;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.usageapi.aggregate.Granularity;
import io.usageapi.aggregate.UsageAggregate;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import io.usageapi.export.ExportFormat;
import io.usageapi.export.NdjsonFormat;
import io.usageapi.focus.FocusFiles;
import io.usageapi.http.ApiRequest;
import io.usageapi.http.MediaTypes;
import io.usageapi.json.JsonFields;
import io.usageapi.page.KeysetPage;
import io.usageapi.security.Caller;
import io.usageapi.security.Scope;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.util.function.Function;
import org.jboss.resteasy.reactive.ResponseHeader;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestResponse;

/**
 * Monthly usage over HTTP (operations {@code getMonthlyUsage} and {@code
 * getMonthlyUsageAggregate}).
 */
@Path("/express/usage/month")
public class UsageResource {
  private final Caller caller;
  private final MonthlyUsageRepository usage;
  private final UsageReads reads;
  private final NdjsonFormat<UsageAggregate> ndjson;
  private final FocusFiles focus;
  private final AggregateLinks links;

  UsageResource(
      Caller caller,
      MonthlyUsageRepository usage,
      UsageReads reads,
      FocusFiles focus,
      AggregateLinks links,
      ObjectMapper json) {
    this.caller = caller;
    this.usage = usage;
    this.reads = reads;
    this.focus = focus;
    this.links = links;
    this.ndjson = new NdjsonFormat<>(json, UsageAggregate.class);
  }

  /** A page of usage, or of what changed. */
  @GET
  @RolesAllowed(Scope.USAGE_READ)
  @Produces({MediaType.APPLICATION_JSON, "application/hal+json"})
  public Uni<RestResponse<KeysetPage>> page(@BeanParam ApiRequest request) {
    UsageQuery query = UsageQuery.of(caller.organization(), Granularity.MONTH, request.rawQuery());
    return query.changedSince().isPresent()
        ? reads.changes(query, () -> usage.changed(query), links::of, request)
        : reads.linkedPage(
            query.selection(), query.page(), () -> usage.page(query), links::of, request);
  }

  /** All usage as CSV. The framework streams one media type for each method. */
  @GET
  @RolesAllowed(Scope.USAGE_READ)
  @Produces("text/csv")
  @ResponseHeader(
      name = HttpHeaders.CONTENT_DISPOSITION,
      value = "attachment; filename=\"usage-by-month.csv\"")
  public Multi<byte[]> csv(@BeanParam ApiRequest request) {
    UsageSelection selection = selection(request);
    return export(selection, UsageCsv.format(selection), request);
  }

  /** All usage as a FOCUS file. */
  @GET
  @RolesAllowed(Scope.USAGE_READ)
  @Produces(MediaTypes.FOCUS)
  @ResponseHeader(name = HttpHeaders.CONTENT_TYPE, value = FocusFiles.CONTENT_TYPE)
  @ResponseHeader(
      name = HttpHeaders.CONTENT_DISPOSITION,
      value = "attachment; filename=\"usage-by-month-focus-1.2.csv\"")
  public Multi<byte[]> focus(@BeanParam ApiRequest request) {
    UsageSelection charges =
        UsageSelection.charges(caller.organization(), Granularity.MONTH, request.rawQuery());
    return reads.export(
        charges, focus.format(), closed -> usage.exportCharges(charges, closed), request);
  }

  /** All usage as NDJSON. */
  @GET
  @RolesAllowed(Scope.USAGE_READ)
  @Produces("application/x-ndjson")
  @ResponseHeader(
      name = HttpHeaders.CONTENT_DISPOSITION,
      value = "attachment; filename=\"usage-by-month.ndjson\"")
  public Multi<byte[]> ndjson(@BeanParam ApiRequest request) {
    return export(selection(request), ndjson, request);
  }

  /** One monthly aggregate. */
  @GET
  @Path("/{id}")
  @RolesAllowed(Scope.USAGE_READ)
  @Produces({MediaType.APPLICATION_JSON, "application/hal+json"})
  public Uni<JsonFields> one(@RestPath String id, @BeanParam ApiRequest request) {
    Function<UsageAggregate, JsonFields> linked =
        request.prefersHal() ? links.of(request) : aggregate -> aggregate;
    return usage
        .one(caller.organization(), Granularity.MONTH, id, Include.of(request.rawQuery()))
        .map(found -> found.orElseThrow(() -> ApiException.of(ErrorCode.NOT_FOUND)))
        .map(linked);
  }

  private UsageSelection selection(ApiRequest request) {
    return UsageSelection.whole(caller.organization(), Granularity.MONTH, request.rawQuery());
  }

  private Multi<byte[]> export(
      UsageSelection selection, ExportFormat<UsageAggregate> format, ApiRequest request) {
    return reads.export(selection, format, closed -> usage.export(selection, closed), request);
  }
}
