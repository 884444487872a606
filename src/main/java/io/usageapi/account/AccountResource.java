package io.usageapi.account;

import io.smallrye.mutiny.Uni;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import io.usageapi.http.ApiRequest;
import io.usageapi.http.Link;
import io.usageapi.http.PublicAddress;
import io.usageapi.http.QueryParameters;
import io.usageapi.http.body.SmallBodies;
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
import jakarta.ws.rs.core.MediaType;
import java.util.Set;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestResponse;

/**
 * Accounts over HTTP (operations {@code getAccounts}, {@code getAccount} and {@code putAccount}).
 */
@Path("/express/accounts")
public class AccountResource {
  /** Far more than the longest fields take. */
  private static final int MAX_BODY_BYTES = 65_536;

  private final Caller caller;
  private final AccountRepository accounts;
  private final PublicAddress address;
  private final SmallBodies bodies;

  AccountResource(
      Caller caller, AccountRepository accounts, PublicAddress address, SmallBodies bodies) {
    this.caller = caller;
    this.accounts = accounts;
    this.address = address;
    this.bodies = bodies;
  }

  /** A page of the accounts of the caller's organization. */
  @GET
  @RolesAllowed(Scope.ACCOUNTS_READ)
  @Produces({MediaType.APPLICATION_JSON, "application/hal+json"})
  public Uni<AccountPage> page(@BeanParam ApiRequest request) {
    AccountQuery query = AccountQuery.of(caller.organization(), request.rawQuery());
    Link here = address.of(request);
    return accounts.page(query).map(listing -> AccountPage.of(query, listing, here));
  }

  /** One account of the caller's organization. */
  @GET
  @Path("/{id}")
  @RolesAllowed(Scope.ACCOUNTS_READ)
  @Produces({MediaType.APPLICATION_JSON, "application/hal+json"})
  public Uni<AccountView> one(@RestPath String id, @BeanParam ApiRequest request) {
    OrganizationId organization = caller.organization();
    QueryParameters.of(request.rawQuery(), Set.of()).check();
    if (TextLimit.ID.problem(id).isPresent()) {
      throw ApiException.of(ErrorCode.NOT_FOUND);
    }
    return accounts
        .one(organization, id)
        .map(found -> found.orElseThrow(() -> ApiException.of(ErrorCode.NOT_FOUND)));
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
