package io.usageapi.record;

import io.smallrye.mutiny.Uni;
import io.usageapi.aggregate.Granularity;
import io.usageapi.aggregate.UsageAggregate;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import io.usageapi.http.ApiRequest;
import io.usageapi.http.Link;
import io.usageapi.http.PublicAddress;
import io.usageapi.months.RetentionRepository;
import io.usageapi.page.KeysetPage;
import io.usageapi.security.Caller;
import io.usageapi.security.Scope;
import io.usageapi.usage.MonthlyUsageRepository;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.Set;
import org.jboss.resteasy.reactive.RestPath;

/** The records of an aggregate over HTTP (operation {@code getMonthlyUsageRecords}). */
@Path("/express/usage/month")
public class AggregateRecordsResource {
  private final Caller caller;
  private final MonthlyUsageRepository usage;
  private final StoredRecordRepository records;
  private final RetentionRepository retention;
  private final PublicAddress address;

  AggregateRecordsResource(
      Caller caller,
      MonthlyUsageRepository usage,
      StoredRecordRepository records,
      RetentionRepository retention,
      PublicAddress address) {
    this.caller = caller;
    this.usage = usage;
    this.records = records;
    this.retention = retention;
    this.address = address;
  }

  /** A page of the records that count in an aggregate of the caller's organization. */
  @GET
  @Path("/{id}/records")
  @RolesAllowed(Scope.USAGE_READ)
  @Produces({MediaType.APPLICATION_JSON, "application/hal+json"})
  public Uni<KeysetPage<StoredRecord>> page(@RestPath String id, @BeanParam ApiRequest request) {
    StoredRecordQuery query = StoredRecordQuery.of(caller.organization(), id, request.rawQuery());
    Link list = address.of(request).with(query.page().given());
    return usage
        .one(query.organization(), Granularity.MONTH, id, Set.of())
        .map(found -> found.orElseThrow(() -> ApiException.of(ErrorCode.NOT_FOUND)))
        .chain(aggregate -> records.page(query, aggregate).call(() -> requireKept(aggregate)))
        .map(page -> KeysetPage.of(query.page(), page, list));
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
