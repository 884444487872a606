package io.usageapi.security;

import io.quarkus.security.identity.SecurityIdentity;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import jakarta.enterprise.context.RequestScoped;

/** The sender of the request according to its verified token. Only resources use it. */
@RequestScoped
public class Caller {
  private final SecurityIdentity identity;

  Caller(SecurityIdentity identity) {
    this.identity = identity;
  }

  /**
   * The organization whose data the caller reads.
   *
   * @throws ApiException 403 {@code organization_required} if the claim is missing or malformed
   */
  public OrganizationId organization() {
    return OrganizationClaim.of(identity)
        .organization()
        .orElseThrow(() -> ApiException.of(ErrorCode.ORGANIZATION_REQUIRED));
  }

  /**
   * On whose behalf the caller writes: its organization; or any, with the operator scope and
   * without an organization claim.
   *
   * @throws ApiException 403 {@code organization_required} if the claim is malformed, or missing
   *     without the operator scope
   */
  public Writer writer() {
    OrganizationClaim claim = OrganizationClaim.of(identity);
    if (claim.organization().isPresent()) {
      return new Writer.Bound(claim.organization().get(), identity.hasRole(Scope.ACCOUNTS_WRITE));
    }
    // A malformed claim is refused, never treated as missing.
    if (identity.hasRole(Scope.OPERATOR) && !claim.present()) {
      return new Writer.Operator();
    }
    throw ApiException.of(ErrorCode.ORGANIZATION_REQUIRED);
  }
}
