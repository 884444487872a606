package io.usageapi.totals;

import io.smallrye.mutiny.Uni;
import io.usageapi.account.AccountRepository;
import io.usageapi.aggregate.DataVersionRepository;
import io.usageapi.http.ConditionalRead;
import io.usageapi.http.PublicAddress;
import io.usageapi.page.Link;
import io.usageapi.page.Links;
import io.usageapi.page.Page;
import io.usageapi.page.PageStart;
import io.usageapi.security.Caller;
import io.usageapi.security.Scope;
import io.vertx.core.http.HttpServerRequest;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.UriInfo;
import java.util.List;
import java.util.function.Function;
import org.jboss.resteasy.reactive.RestResponse;

/** Totals of monthly usage, page by page. */
@Path("/express/usage/month/totals")
public class TotalsResource {
  private static final List<MediaType> TYPES =
      List.of(MediaType.APPLICATION_JSON_TYPE, MediaType.valueOf("application/hal+json"));

  private final Caller caller;
  private final AccountRepository accounts;
  private final DataVersionRepository versions;
  private final TotalsRepository totals;
  private final PublicAddress address;

  TotalsResource(
      Caller caller,
      AccountRepository accounts,
      DataVersionRepository versions,
      TotalsRepository totals,
      PublicAddress address) {
    this.caller = caller;
    this.accounts = accounts;
    this.versions = versions;
    this.totals = totals;
    this.address = address;
  }

  /** A page of totals of the caller's organization. */
  @GET
  @RolesAllowed(Scope.USAGE_READ)
  @Produces({MediaType.APPLICATION_JSON, "application/hal+json"})
  public Uni<RestResponse<TotalsPage>> page(
      @Context UriInfo request, @Context Request conditions, @Context HttpServerRequest http) {
    TotalsQuery query =
        TotalsQuery.of(caller.organization(), request.getRequestUri().getRawQuery());
    PublicAddress.LinkBuilder here = address.of(request, http);
    Function<PageStart, Link> link = start -> here.link(query.parametersAt(start));
    String self = link.apply(query.start()).href();
    ConditionalRead read = ConditionalRead.of(query.organization(), self, TYPES, conditions, http);
    return accounts
        .requireAll(query.organization(), query.selection().filter().namedAccounts())
        .chain(() -> versions.requireModified(query.organization(), read))
        .chain(() -> totals.page(query))
        .map(page -> read.answer(page.version(), wire(query, page.value(), link)));
  }

  private TotalsPage wire(TotalsQuery query, Page<Total> page, Function<PageStart, Link> link) {
    return TotalsPage.of(
        page.rows(), query.perPage(), Links.of(page, query.selection().order()::position, link));
  }
}
