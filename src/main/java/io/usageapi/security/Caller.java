package io.usageapi.security;

import io.quarkus.security.identity.SecurityIdentity;
import io.usageapi.config.UsageApiConfig;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import jakarta.enterprise.context.RequestScoped;
import java.util.Optional;
import org.eclipse.microprofile.jwt.JsonWebToken;

/** Who sent the request, as its verified token says. Only resources ask. */
@RequestScoped
public class Caller {
  private final SecurityIdentity identity;
  private final UsageApiConfig config;

  Caller(SecurityIdentity identity, UsageApiConfig config) {
    this.identity = identity;
    this.config = config;
  }

  /**
   * The organization whose data the caller reads.
   *
   * @throws ApiException 403 {@code organization_required} when the claim is absent or malformed
   */
  public OrganizationId organization() {
    return claimedOrganization()
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
    Optional<OrganizationId> organization = claimedOrganization();
    if (organization.isPresent()) {
      return new Writer.Bound(organization.get());
    }
    if (identity.hasRole(Scope.OPERATOR)) {
      return new Writer.Operator();
    }
    throw ApiException.of(ErrorCode.ORGANIZATION_REQUIRED);
  }

  /** A claim that is there but malformed is refused, never read as absent. */
  private Optional<OrganizationId> claimedOrganization() {
    JsonWebToken token = (JsonWebToken) identity.getPrincipal();
    Object claim = token.getClaim(config.organizationClaim());
    // A null is there too; to ask whether the token contains the claim would say it is not.
    if (claim == null && !token.getClaimNames().contains(config.organizationClaim())) {
      return Optional.empty();
    }
    if (claim instanceof String id
        && !id.isEmpty()
        && id.codePointCount(0, id.length()) <= OrganizationId.MAX_LENGTH
        && id.codePoints().allMatch(Caller::isCharacter)) {
      return Optional.of(new OrganizationId(id));
    }
    throw ApiException.of(ErrorCode.ORGANIZATION_REQUIRED);
  }

  /** The database would fail at U+0000, and be asked for a {@code ?} in place of a surrogate. */
  private static boolean isCharacter(int codePoint) {
    return codePoint != 0
        && (codePoint < Character.MIN_SURROGATE || codePoint > Character.MAX_SURROGATE);
  }
}
