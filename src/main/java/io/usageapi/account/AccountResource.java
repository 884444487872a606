package io.usageapi.account;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
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
import io.usageapi.http.QueryParameters;
import io.usageapi.http.body.SmallBodies;
import io.usageapi.json.JsonFields;
import io.usageapi.page.Linked;
import io.usageapi.security.Caller;
import io.usageapi.security.OrganizationId;
import io.usageapi.security.Scope;
import io.usageapi.security.Writer;
import io.usageapi.text.TextLimit;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jboss.resteasy.reactive.ResponseHeader;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestResponse;

/**
 * Accounts over HTTP (operations {@code getAccounts}, {@code getAccount} and {@code putAccount}).
 */
@Path("/express/accounts")
public class AccountResource {
  /** Far more than the longest fields take. */
  private static final int MAX_BODY_BYTES = 65_536;

  private static final CsvFormat<AccountView> CSV =
      CsvFormat.of(new AccountView(null, null, null, null));

  private final Caller caller;
  private final AccountRepository accounts;
  private final PublicAddress address;
  private final SmallBodies bodies;
  private final Exports exports;
  private final NdjsonFormat<AccountView> ndjson;

  AccountResource(
      Caller caller,
      AccountRepository accounts,
      PublicAddress address,
      SmallBodies bodies,
      Exports exports,
      ObjectMapper json) {
    this.caller = caller;
    this.accounts = accounts;
    this.address = address;
    this.bodies = bodies;
    this.exports = exports;
    this.ndjson = new NdjsonFormat<>(json, AccountView.class);
  }

  /** A page of the accounts of the caller's organization. */
  @GET
  @RolesAllowed(Scope.ACCOUNTS_READ)
  @Produces({MediaType.APPLICATION_JSON, "application/hal+json"})
  public Uni<AccountPage> page(@BeanParam ApiRequest request) {
    AccountQuery query = AccountQuery.of(caller.organization(), request.rawQuery());
    Link here = address.of(request);
    Function<AccountView, JsonFields> linked = linked(request);
    return accounts.page(query).map(listing -> AccountPage.of(query, listing, here, linked));
  }

  /** All accounts as CSV. The framework streams one media type for each method. */
  @GET
  @RolesAllowed(Scope.ACCOUNTS_READ)
  @Produces("text/csv")
  @ResponseHeader(
      name = HttpHeaders.CONTENT_DISPOSITION,
      value = "attachment; filename=\"accounts.csv\"")
  public Multi<byte[]> csv(@BeanParam ApiRequest request) {
    request.requireAccepted(CSV.type());
    return export(CSV, request);
  }

  /** All accounts as NDJSON. */
  @GET
  @RolesAllowed(Scope.ACCOUNTS_READ)
  @Produces("application/x-ndjson")
  @ResponseHeader(
      name = HttpHeaders.CONTENT_DISPOSITION,
      value = "attachment; filename=\"accounts.ndjson\"")
  public Multi<byte[]> ndjson(@BeanParam ApiRequest request) {
    return export(ndjson, request);
  }

  private Multi<byte[]> export(ExportFormat<AccountView> format, ApiRequest request) {
    ExportMeters.markRequest();
    AccountSelection selection = AccountSelection.whole(caller.organization(), request.rawQuery());
    return exports.answer(
        selection.organization(),
        format,
        closed -> accounts.export(selection, closed),
        request.http());
  }

  /** One account of the caller's organization. */
  @GET
  @Path("/{id}")
  @RolesAllowed(Scope.ACCOUNTS_READ)
  @Produces({MediaType.APPLICATION_JSON, "application/hal+json"})
  public Uni<JsonFields> one(@RestPath String id, @BeanParam ApiRequest request) {
    OrganizationId organization = caller.organization();
    Function<AccountView, JsonFields> linked = linked(request);
    QueryParameters.of(request.rawQuery(), Set.of()).check();
    if (TextLimit.ID.problem(id).isPresent()) {
      throw ApiException.of(ErrorCode.NOT_FOUND);
    }
    return accounts
        .one(organization, id)
        .map(found -> found.orElseThrow(() -> ApiException.of(ErrorCode.NOT_FOUND)))
        .map(linked);
  }

  /** In HAL an account has links: itself, and its usage. */
  private Function<AccountView, JsonFields> linked(ApiRequest request) {
    if (!request.prefersHal()) {
      return account -> account;
    }
    String express = address.server(request) + "/express/";
    return account ->
        new Linked(
            account,
            Map.of(
                "self",
                new Link(express + "accounts/").to(account.id()),
                "usage_by_month",
                new Link(express + "usage/month")
                    .with("filter", "account_id eq '" + account.id().replace("'", "''") + "'")));
  }

  /** Creates or replaces an account. */
  @PUT
  @Path("/{id}")
  @RolesAllowed(Scope.ACCOUNTS_WRITE)
  @Consumes(MediaType.APPLICATION_JSON)
  @Produces(MediaType.APPLICATION_JSON)
  public Uni<RestResponse<AccountView>> put(@RestPath String id, @BeanParam ApiRequest request) {
    Writer writer = caller.writer();
    QueryParameters.of(request.rawQuery(), Set.of()).check();
    return bodies
        .read(request.http(), request.headers(), writer.boundTo(), MAX_BODY_BYTES)
        .map(body -> allowed(writer, NewAccount.read(id, body)))
        .chain(
            account ->
                accounts
                    .provision(account)
                    .map(
                        made ->
                            RestResponse.ResponseBuilder.create(
                                    made ? RestResponse.Status.CREATED : RestResponse.Status.OK,
                                    view(account))
                                .build()));
  }

  private static NewAccount allowed(Writer writer, NewAccount account) {
    if (!writer.mayWriteFor(account.organization())) {
      throw ApiException.of(ErrorCode.ACCOUNT_NOT_IN_ORGANIZATION);
    }
    return account;
  }

  private static AccountView view(NewAccount account) {
    return new AccountView(account.id(), account.name(), account.companyName(), account.status());
  }
}
