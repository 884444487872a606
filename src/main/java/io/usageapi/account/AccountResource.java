package io.usageapi.account;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import io.smallrye.mutiny.Uni;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import io.usageapi.error.FieldError;
import io.usageapi.http.PublicAddress;
import io.usageapi.http.QueryParameters;
import io.usageapi.http.ReadRequest;
import io.usageapi.http.body.SmallBodies;
import io.usageapi.http.body.UntrustedJson;
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
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestResponse;

/**
 * Accounts over HTTP (operations {@code getAccounts}, {@code getAccount} and {@code putAccount}).
 */
@Path("/express/accounts")
public class AccountResource {
  /** Far more than the longest fields take, escaped. */
  private static final int MAX_BODY_BYTES = 65_536;

  /** All that are wrong are named, so there cannot be any number of them. */
  private static final int MAX_MEMBERS = 64;

  private static final Set<String> FIELDS =
      Set.of("organization_id", "name", "company_name", "status");

  private final Caller caller;
  private final AccountRepository accounts;
  private final PublicAddress address;
  private final ObjectReader json;
  private final SmallBodies bodies;

  AccountResource(
      Caller caller,
      AccountRepository accounts,
      PublicAddress address,
      ObjectMapper json,
      SmallBodies bodies) {
    this.bodies = bodies;
    this.caller = caller;
    this.accounts = accounts;
    this.address = address;
    this.json =
        json.reader()
            .with(UntrustedJson.factory())
            .with(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
  }

  /** A page of the accounts of the caller's organization. */
  @GET
  @RolesAllowed(Scope.ACCOUNTS_READ)
  @Produces({MediaType.APPLICATION_JSON, "application/hal+json"})
  public Uni<AccountPage> page(@BeanParam ReadRequest request) {
    AccountQuery query = AccountQuery.of(caller.organization(), request.rawQuery());
    PublicAddress.LinkBuilder here = address.of(request);
    return accounts
        .page(query)
        .map(
            listing ->
                AccountPage.of(
                    query,
                    listing.total(),
                    listing.accounts(),
                    number -> here.link(query.parametersAt(number))));
  }

  /** One account of the caller's organization. */
  @GET
  @Path("/{id}")
  @RolesAllowed(Scope.ACCOUNTS_READ)
  @Produces({MediaType.APPLICATION_JSON, "application/hal+json"})
  public Uni<AccountView> one(@RestPath String id, @BeanParam ReadRequest request) {
    OrganizationId organization = caller.organization();
    QueryParameters.of(request.rawQuery(), Set.of()).check();
    if (TextLimit.ID.problem(id).isPresent()) {
      throw ApiException.of(ErrorCode.NOT_FOUND);
    }
    return accounts
        .one(organization, id)
        .map(found -> found.orElseThrow(() -> ApiException.of(ErrorCode.NOT_FOUND)));
  }

  /** Makes an account, or replaces what is stored of it. */
  @PUT
  @Path("/{id}")
  @RolesAllowed(Scope.ACCOUNTS_WRITE)
  @Consumes(MediaType.APPLICATION_JSON)
  @Produces(MediaType.APPLICATION_JSON)
  public Uni<RestResponse<AccountView>> put(
      @RestPath String id, @BeanParam ReadRequest request, @Context HttpHeaders headers) {
    Writer writer = caller.writer();
    QueryParameters.of(request.rawQuery(), Set.of()).check();
    return bodies
        .read(request.http(), headers, writer.boundTo(), MAX_BODY_BYTES)
        .map(body -> mine(writer, read(id, body)))
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

  private static NewAccount mine(Writer writer, NewAccount account) {
    if (!writer.mayWriteFor(account.organization())) {
      throw ApiException.of(ErrorCode.ACCOUNT_NOT_IN_ORGANIZATION);
    }
    return account;
  }

  private static AccountView view(NewAccount account) {
    return new AccountView(account.id(), account.name(), account.companyName(), account.status());
  }

  private NewAccount read(String id, byte[] body) {
    JsonNode object;
    try {
      object = json.readTree(UntrustedJson.text(body));
    } catch (JsonProcessingException e) {
      throw ApiException.of(ErrorCode.INVALID_BODY, "The body is not a JSON object.");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (!object.isObject()) {
      throw ApiException.of(ErrorCode.INVALID_BODY, "The body is not a JSON object.");
    }
    if (object.size() > MAX_MEMBERS) {
      throw ApiException.of(
          ErrorCode.INVALID_BODY, "The body has more than " + MAX_MEMBERS + " members.");
    }
    List<FieldError> errors = new ArrayList<>();
    NewAccount.problemOfId(id).ifPresent(problem -> errors.add(new FieldError("id", problem)));
    object
        .fieldNames()
        .forEachRemaining(
            name -> {
              if (!FIELDS.contains(name)) {
                errors.add(new FieldError(TextLimit.shown(name), "is not a field of an account"));
              }
            });
    Optional<String> organization = text(object, "organization_id", TextLimit.ID, errors);
    if (organization.isEmpty()
        && errors.stream().noneMatch(e -> e.name().equals("organization_id"))) {
      errors.add(new FieldError("organization_id", "is required"));
    }
    Optional<String> name = text(object, "name", TextLimit.NAME, errors);
    Optional<String> companyName = text(object, "company_name", TextLimit.NAME, errors);
    AccountStatus status = status(object.get("status"), errors);
    if (!errors.isEmpty()) {
      throw ApiException.of(ErrorCode.INVALID_BODY, errors);
    }
    return new NewAccount(
        new OrganizationId(organization.orElseThrow()),
        id,
        name.orElse(null),
        companyName.orElse(null),
        status);
  }

  /** An empty text is no value (OpenAPI document, "Conventions"). */
  private static Optional<String> text(
      JsonNode object, String name, TextLimit limit, List<FieldError> errors) {
    JsonNode value = object.get(name);
    if (value == null || value.isNull()) {
      return Optional.empty();
    }
    if (!value.isTextual()) {
      errors.add(new FieldError(name, "must be a string"));
      return Optional.empty();
    }
    if (value.textValue().isEmpty()) {
      return Optional.empty();
    }
    Optional<String> problem = limit.problem(value.textValue());
    if (problem.isPresent()) {
      errors.add(new FieldError(name, problem.get()));
      return Optional.empty();
    }
    return Optional.of(value.textValue());
  }

  private static AccountStatus status(JsonNode value, List<FieldError> errors) {
    if (value == null || value.isNull() || (value.isTextual() && value.textValue().isEmpty())) {
      return AccountStatus.ACTIVE;
    }
    return Arrays.stream(AccountStatus.values())
        .filter(status -> value.isTextual() && status.name().equals(value.textValue()))
        .findFirst()
        .orElseGet(
            () -> {
              errors.add(
                  new FieldError(
                      "status", "must be one of " + Arrays.toString(AccountStatus.values())));
              return AccountStatus.ACTIVE;
            });
  }
}
