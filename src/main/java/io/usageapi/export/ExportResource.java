package io.usageapi.export;

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
import io.usageapi.usage.Versioned;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.UriInfo;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jboss.logging.Logger;

/**
 * Monthly usage as a whole (contract, "Exports"). What it has in common with a page is documented
 * there, in {@link io.usageapi.usage.UsageResource}.
 */
@Path("/express/usage/month")
public class ExportResource {
  private static final Logger LOG = Logger.getLogger(ExportResource.class);

  private final Caller caller;
  private final AccountRepository accounts;
  private final DataVersionRepository versions;
  private final MonthlyUsageRepository usage;
  private final PublicAddress address;
  private final ExportLimits limits;
  private final ClientDeadlines deadlines;
  private final CsvFormat csv;
  private final NdjsonFormat ndjson;

  ExportResource(
      Caller caller,
      AccountRepository accounts,
      DataVersionRepository versions,
      MonthlyUsageRepository usage,
      PublicAddress address,
      ExportLimits limits,
      ClientDeadlines deadlines,
      CsvFormat csv,
      NdjsonFormat ndjson) {
    this.caller = caller;
    this.accounts = accounts;
    this.versions = versions;
    this.usage = usage;
    this.address = address;
    this.limits = limits;
    this.deadlines = deadlines;
    this.csv = csv;
    this.ndjson = ndjson;
  }

  /** All monthly usage of a query, as CSV. */
  @GET
  @RolesAllowed(Scope.USAGE_READ)
  @Produces("text/csv")
  @Operation(hidden = true)
  public Multi<byte[]> csv(
      @Context UriInfo request, @Context HttpHeaders headers, @Context HttpServerRequest http) {
    return export(csv, request, headers, http);
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
      ExportFormat format, UriInfo request, HttpHeaders headers, HttpServerRequest http) {
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
                http.method().equals(HttpMethod.HEAD)
                    ? head(selection, read, http)
                    : deadlines.watch(parts(selection, format, read, http), http));
  }

  /** The headers of an export that is not run. */
  private Multi<byte[]> head(
      UsageSelection selection, ConditionalRead read, HttpServerRequest http) {
    return versions
        .current(selection.organization())
        .invoke(version -> addHeaders(read, version, http))
        .onItem()
        .transformToMulti(version -> Multi.createFrom().empty());
  }

  private Multi<byte[]> parts(
      UsageSelection selection, ExportFormat format, ConditionalRead read, HttpServerRequest http) {
    limits.begin(selection.organization());
    return usage
        .export(selection, () -> limits.end(selection.organization()))
        .map(batch -> part(batch, format, read, http))
        .filter(part -> part.length > 0)
        .onFailure(e -> http.response().headWritten())
        .invoke(e -> LOG.warn("An export failed half way; its connection is reset", e));
  }

  private static byte[] part(
      Versioned<List<UsageAggregate>> batch,
      ExportFormat format,
      ConditionalRead read,
      HttpServerRequest http) {
    if (http.response().headWritten()) {
      return format.next(batch.value());
    }
    addHeaders(read, batch.version(), http);
    return format.first(batch.value());
  }

  private static void addHeaders(ConditionalRead read, UUID version, HttpServerRequest http) {
    // The framework forbids compression until it knows the type, and for a stream forgets to allow
    // it.
    http.response().headers().remove(HttpHeaders.CONTENT_ENCODING);
    read.headers(version).forEach(http.response()::putHeader);
  }
}
