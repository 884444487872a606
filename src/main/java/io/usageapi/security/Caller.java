package io.usageapi.security;

import io.quarkus.security.identity.SecurityIdentity;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import jakarta.enterprise.context.RequestScoped;
import java.util.Optional;
import org.eclipse.microprofile.jwt.JsonWebToken;

/** Who sent the request, as its verified token says. Only resources ask. */
@RequestScoped
public class Caller {
  private final SecurityIdentity identity;
  private final OrganizationClaim claim;

  Caller(SecurityIdentity identity, OrganizationClaim claim) {
    this.identity = identity;
    this.claim = claim;
  }

  /**
   * The organization whose data the caller reads.
   *
   * @throws ApiException 403 {@code organization_required} when the claim is absent or malformed
   */
  public OrganizationId organization() {
    return claim.of(token()).orElseThrow(() -> ApiException.of(ErrorCode.ORGANIZATION_REQUIRED));
  }

  /**
   * On whose behalf the caller writes: its organization, or any with the operator scope and no
   * organization claim.
   *
   * @throws ApiException 403 {@code organization_required} when the claim is malformed, or absent
   *     without the operator scope
   */
  public Writer writer() {
    Optional<OrganizationId> organization = claim.of(token());
    if (organization.isPresent()) {
      return new Writer.Bound(organization.get());
    }
    // A claim that is there but malformed is refused, never read as absent.
    if (identity.hasRole(Scope.OPERATOR) && !claim.isIn(token())) {
      return new Writer.Operator();
    }
    throw ApiException.of(ErrorCode.ORGANIZATION_REQUIRED);
  }

  private JsonWebToken token() {
    return (JsonWebToken) identity.getPrincipal();
  }
}
