package io.usageapi.security;

import io.quarkus.security.identity.SecurityIdentity;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import jakarta.enterprise.context.RequestScoped;

/** Who sent the request, as its verified token says. Only resources ask. */
@RequestScoped
public class Caller {
  private final SecurityIdentity identity;

  Caller(SecurityIdentity identity) {
    this.identity = identity;
  }

  /**
   * The organization whose data the caller reads.
   *
   * @throws ApiException 403 {@code organization_required} when the claim is absent or malformed
   */
  public OrganizationId organization() {
    return OrganizationClaim.of(identity)
        .organization()
        .orElseThrow(() -> ApiException.of(ErrorCode.ORGANIZATION_REQUIRED));
  }

  /**
   * On whose behalf the caller writes: its organization, or any with the operator scope and no
   * organization claim.
   *
   * @throws ApiException 403 {@code organization_required} when the claim is malformed, or absent
   *     without the operator scope
   */
  public Writer writer() {
    OrganizationClaim claim = OrganizationClaim.of(identity);
    if (claim.organization().isPresent()) {
      return new Writer.Bound(claim.organization().get(), identity.hasRole(Scope.ACCOUNTS_WRITE));
    }
    // A claim that is there but malformed is refused, never read as absent.
    if (identity.hasRole(Scope.OPERATOR) && !claim.present()) {
      return new Writer.Operator();
    }
    throw ApiException.of(ErrorCode.ORGANIZATION_REQUIRED);
  }
}
