package io.usageapi.record;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.usageapi.aggregate.Granularity;
import io.usageapi.aggregate.UsageAggregate;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import io.usageapi.export.CsvFormat;
import io.usageapi.export.ExportFormat;
import io.usageapi.export.ExportMeters;
import io.usageapi.export.Exports;
import io.usageapi.export.NdjsonFormat;
import io.usageapi.http.ApiRequest;
import io.usageapi.http.Link;
import io.usageapi.http.PublicAddress;
import io.usageapi.months.RetentionRepository;
import io.usageapi.page.KeysetPage;
import io.usageapi.security.Caller;
import io.usageapi.security.OrganizationId;
import io.usageapi.security.Scope;
import io.usageapi.usage.MonthlyUsageRepository;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.resteasy.reactive.ResponseHeader;
import org.jboss.resteasy.reactive.RestPath;

/** The records of an aggregate over HTTP (operation {@code getMonthlyUsageRecords}). */
@Path("/express/usage/month")
public class AggregateRecordsResource {
  private static final CsvFormat<StoredRecord> CSV = CsvFormat.of(StoredRecord.withoutValues());

  private final Caller caller;
  private final MonthlyUsageRepository usage;
  private final StoredRecordRepository records;
  private final RetentionRepository retention;
  private final PublicAddress address;
  private final Exports exports;
  private final NdjsonFormat<StoredRecord> ndjson;

  AggregateRecordsResource(
      Caller caller,
      MonthlyUsageRepository usage,
      StoredRecordRepository records,
      RetentionRepository retention,
      PublicAddress address,
      Exports exports,
      ObjectMapper json) {
    this.caller = caller;
    this.usage = usage;
    this.records = records;
    this.retention = retention;
    this.address = address;
    this.exports = exports;
    this.ndjson = new NdjsonFormat<>(json, StoredRecord.class);
  }

  /** A page of the records that count in an aggregate of the caller's organization. */
  @GET
  @Path("/{id}/records")
  @RolesAllowed(Scope.USAGE_READ)
  @Produces({MediaType.APPLICATION_JSON, "application/hal+json"})
  public Uni<KeysetPage> page(@RestPath String id, @BeanParam ApiRequest request) {
    StoredRecordQuery query = StoredRecordQuery.of(caller.organization(), id, request.rawQuery());
    Link list = address.of(request).with(query.page().given());
    return aggregate(query.organization(), id)
        .chain(aggregate -> records.page(query, aggregate).call(() -> requireKept(aggregate)))
        .map(page -> KeysetPage.of(query.page(), page, list));
  }

  /** All records as CSV. The framework streams one media type for each method. */
  @GET
  @Path("/{id}/records")
  @RolesAllowed(Scope.USAGE_READ)
  @Produces("text/csv")
  @ResponseHeader(
      name = HttpHeaders.CONTENT_DISPOSITION,
      value = "attachment; filename=\"usage-records.csv\"")
  public Multi<byte[]> csv(@RestPath String id, @BeanParam ApiRequest request) {
    request.requireAccepted(CSV.type());
    return export(id, CSV, request);
  }

  /** All records as NDJSON. */
  @GET
  @Path("/{id}/records")
  @RolesAllowed(Scope.USAGE_READ)
  @Produces("application/x-ndjson")
  @ResponseHeader(
      name = HttpHeaders.CONTENT_DISPOSITION,
      value = "attachment; filename=\"usage-records.ndjson\"")
  public Multi<byte[]> ndjson(@RestPath String id, @BeanParam ApiRequest request) {
    return export(id, ndjson, request);
  }

  private Multi<byte[]> export(String id, ExportFormat<StoredRecord> format, ApiRequest request) {
    ExportMeters.markRequest();
    OrganizationId organization = caller.organization();
    StoredRecordQuery.checkWhole(request.rawQuery());
    return aggregate(organization, id)
        // An answer to HEAD reads no records.
        .call(aggregate -> requireKept(aggregate))
        .onItem()
        .transformToMulti(
            aggregate ->
                exports.answer(
                    organization,
                    format,
                    closed -> keptRecords(organization, aggregate, closed),
                    request.http()));
  }

  /** Once the first records are read, nobody can drop them before the last is. */
  private Multi<List<StoredRecord>> keptRecords(
      OrganizationId organization, UsageAggregate aggregate, Runnable closed) {
    AtomicBoolean checked = new AtomicBoolean();
    return records
        .export(organization, aggregate, closed)
        .onItem()
        .call(
            batch ->
                checked.getAndSet(true) ? Uni.createFrom().voidItem() : requireKept(aggregate));
  }

  private Uni<UsageAggregate> aggregate(OrganizationId organization, String id) {
    return usage
        .one(organization, Granularity.MONTH, id, Set.of())
        .map(found -> found.orElseThrow(() -> ApiException.of(ErrorCode.NOT_FOUND)));
  }

  /** Checked after the read: records dropped meanwhile are gone, not an empty page. */
  private Uni<Void> requireKept(UsageAggregate aggregate) {
    return retention
        .keptFrom()
        .invoke(
            keptFrom -> {
              if (aggregate.key().month().isBefore(keptFrom)) {
                throw ApiException.of(
                    ErrorCode.GONE,
                    "The records of " + aggregate.key().month() + " are no longer kept.");
              }
            })
        .replaceWithVoid();
  }
}
