package io.usageapi.usage;

import io.smallrye.mutiny.Uni;
import io.usageapi.account.AccountRepository;
import io.usageapi.aggregate.DataVersionRepository;
import io.usageapi.aggregate.Granularity;
import io.usageapi.aggregate.UsageAggregate;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import io.usageapi.http.ConditionalRead;
import io.usageapi.http.PublicAddress;
import io.usageapi.http.QueryParameters;
import io.usageapi.page.Link;
import io.usageapi.page.Links;
import io.usageapi.page.Page;
import io.usageapi.page.PageStart;
import io.usageapi.security.OrganizationId;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.UriInfo;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jboss.resteasy.reactive.RestResponse;

/** What usage is answered with, by month and by day alike. */
@ApplicationScoped
public class UsagePages {
  private static final List<MediaType> TYPES =
      List.of(MediaType.APPLICATION_JSON_TYPE, MediaType.valueOf("application/hal+json"));

  private final AccountRepository accounts;
  private final DataVersionRepository versions;
  private final MonthlyUsageRepository usage;
  private final PublicAddress address;

  UsagePages(
      AccountRepository accounts,
      DataVersionRepository versions,
      MonthlyUsageRepository usage,
      PublicAddress address) {
    this.accounts = accounts;
    this.versions = versions;
    this.usage = usage;
    this.address = address;
  }

  /**
   * The page a request asks for.
   *
   * @param organization the caller's
   * @return the answer; fails as the contract says of a page
   */
  Uni<RestResponse<UsagePage>> page(
      OrganizationId organization,
      Granularity granularity,
      UriInfo request,
      Request conditions,
      HttpServerRequest http) {
    UsageQuery query =
        UsageQuery.of(organization, granularity, request.getRequestUri().getRawQuery());
    PublicAddress.LinkBuilder here = address.of(request, http);
    Function<PageStart, Link> link = start -> here.link(query.parametersAt(start));
    String self = link.apply(query.start()).href();
    ConditionalRead read = ConditionalRead.of(organization, self, TYPES, conditions, http);
    return accounts
        .requireAll(organization, query.namedAccounts())
        .chain(() -> versions.requireModified(organization, read))
        .chain(() -> usage.page(query))
        .map(page -> read.answer(page.version(), wire(query, page.value(), link)));
  }

  private UsagePage wire(
      UsageQuery query, Page<UsageAggregate> page, Function<PageStart, Link> link) {
    return UsagePage.of(
        page.rows(), query.perPage(), Links.of(page, query.order()::position, link));
  }

  /**
   * The one aggregate a request asks for.
   *
   * @param organization the caller's
   * @param id the id in the path
   * @return the aggregate; fails with 404 where there is none
   */
  Uni<UsageAggregate> one(
      OrganizationId organization, Granularity granularity, String id, UriInfo request) {
    QueryParameters parameters =
        QueryParameters.of(request.getRequestUri().getRawQuery(), Set.of(Include.PARAMETER));
    Set<Include> include = Include.read(parameters);
    parameters.check();
    return usage
        .one(organization, granularity, id, include)
        .map(found -> found.orElseThrow(() -> ApiException.of(ErrorCode.NOT_FOUND)));
  }
}
