package io.usageapi.record;

import io.smallrye.mutiny.Uni;
import io.usageapi.aggregate.Granularity;
import io.usageapi.aggregate.UsageAggregate;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import io.usageapi.http.PublicAddress;
import io.usageapi.months.RetentionRepository;
import io.usageapi.page.Link;
import io.usageapi.page.Links;
import io.usageapi.page.Page;
import io.usageapi.page.PageStart;
import io.usageapi.security.Caller;
import io.usageapi.security.Scope;
import io.usageapi.usage.MonthlyUsageRepository;
import io.vertx.core.http.HttpServerRequest;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.UriInfo;
import java.util.Set;
import java.util.function.Function;
import org.jboss.resteasy.reactive.RestPath;

/** From an aggregate to its charges, over HTTP. */
@Path("/express/usage/month")
public class AggregateRecordsResource {
  private final Caller caller;
  private final MonthlyUsageRepository usage;
  private final StoredRecordRepository charges;
  private final RetentionRepository retention;
  private final PublicAddress address;

  AggregateRecordsResource(
      Caller caller,
      MonthlyUsageRepository usage,
      StoredRecordRepository charges,
      RetentionRepository retention,
      PublicAddress address) {
    this.caller = caller;
    this.usage = usage;
    this.charges = charges;
    this.retention = retention;
    this.address = address;
  }

  /** A page of the records that count in an aggregate of the caller's organization. */
  @GET
  @Path("/{id}/records")
  @RolesAllowed(Scope.USAGE_READ)
  @Produces({MediaType.APPLICATION_JSON, "application/hal+json"})
  public Uni<StoredRecordPage> page(
      @RestPath String id, @Context UriInfo request, @Context HttpServerRequest http) {
    StoredRecordQuery query =
        StoredRecordQuery.of(caller.organization(), id, request.getRequestUri().getRawQuery());
    PublicAddress.LinkBuilder here = address.of(request, http);
    return usage
        .one(query.organization(), Granularity.MONTH, id, Set.of())
        .map(found -> found.orElseThrow(() -> ApiException.of(ErrorCode.NOT_FOUND)))
        .chain(aggregate -> charges.page(query, aggregate).call(() -> requireKept(aggregate)))
        .map(page -> wire(query, page, here));
  }

  /** Asked after the records were read: those dropped meanwhile are gone, not none. */
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

  private StoredRecordPage wire(
      StoredRecordQuery query, Page<StoredRecord> page, PublicAddress.LinkBuilder here) {
    Function<PageStart, Link> link = start -> here.link(query.parametersAt(start));
    return StoredRecordPage.of(
        page.rows(), query.perPage(), Links.of(page, StoredRecordQuery.Key::position, link));
  }
}
