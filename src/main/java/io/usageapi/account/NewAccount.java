package io.usageapi.account;

import com.fasterxml.jackson.core.JsonParser;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import io.usageapi.error.FieldError;
import io.usageapi.json.FieldReader;
import io.usageapi.json.JsonMembers;
import io.usageapi.json.UntrustedJson;
import io.usageapi.security.OrganizationId;
import io.usageapi.text.TextLimit;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * An account to create.
 *
 * @param name may be null
 * @param companyName may be null
 */
public record NewAccount(
    OrganizationId organization, String id, String name, String companyName, AccountStatus status) {
  private static final Set<String> FIELDS =
      Set.of("organization_id", "name", "company_name", "status");

  /** The problem of an account id; empty if it is valid. */
  public static Optional<String> problemOfId(String id) {
    // Clients remove these from paths (RFC 3986 section 5.2.4).
    return id.equals(".") || id.equals("..")
        ? Optional.of("must not be . or ..")
        : TextLimit.ID.problem(id);
  }

  /**
   * Reads the body of an account (operation {@code putAccount}).
   *
   * @param id the id from the path
   * @throws ApiException 400 {@code invalid_body} that names every invalid field
   */
  static NewAccount read(String id, byte[] body) {
    FieldReader fields = new FieldReader(members(body).members());
    problemOfId(id).ifPresent(problem -> fields.errors().add(new FieldError("id", problem)));
    fields.refuseUnknown(FIELDS, "is not a field of an account");
    String organization =
        fields.required("organization_id", fields.text("organization_id", TextLimit.ID));
    Optional<String> name = fields.text("name", TextLimit.NAME);
    Optional<String> companyName = fields.text("company_name", TextLimit.NAME);
    Optional<AccountStatus> status = fields.constant("status", List.of(AccountStatus.values()));
    if (!fields.errors().isEmpty()) {
      throw ApiException.of(ErrorCode.INVALID_BODY, fields.errors());
    }
    return new NewAccount(
        new OrganizationId(organization),
        id,
        name.orElse(null),
        companyName.orElse(null),
        status.orElse(AccountStatus.ACTIVE));
  }

  private static JsonMembers members(byte[] body) {
    try (JsonParser parser = UntrustedJson.parser(body)) {
      JsonMembers object = UntrustedJson.object(parser).orElseThrow(() -> notAnObject());
      if (object.tooMany()) {
        throw ApiException.of(ErrorCode.INVALID_BODY, "The body " + JsonMembers.TOO_MANY + ".");
      }
      return object;
    } catch (IOException e) {
      throw notAnObject();
    }
  }

  private static ApiException notAnObject() {
    return ApiException.of(ErrorCode.INVALID_BODY, "The body is not a JSON object.");
  }
}
