package io.usageapi.security;

import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.vertx.http.runtime.security.QuarkusHttpUser;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import org.eclipse.microprofile.jwt.JsonWebToken;

/**
 * What a verified token says of whose it is (OpenAPI document, "Tokens").
 *
 * @param present whether the token has the claim at all, malformed or not
 * @param organization the organization it is bound to; none where the claim is absent or malformed
 */
public record OrganizationClaim(boolean present, Optional<OrganizationId> organization) {
  /** The attribute of an identity that holds it. */
  static final String ATTRIBUTE = "usage-api.organization-claim";

  private static final OrganizationClaim ABSENT = new OrganizationClaim(false, Optional.empty());

  /** Reads the claim of that name. */
  static OrganizationClaim read(JsonWebToken token, String name) {
    Object claim = token.getClaim(name);
    if (claim instanceof String id && isId(id)) {
      return new OrganizationClaim(true, Optional.of(new OrganizationId(id)));
    }
    // A null is there too; to ask whether the token contains the claim would say it is not.
    return new OrganizationClaim(
        claim != null || token.getClaimNames().contains(name), Optional.empty());
  }

  /** The claim of whoever was identified; absent of who was not. */
  public static OrganizationClaim of(SecurityIdentity identity) {
    OrganizationClaim claim = identity.getAttribute(ATTRIBUTE);
    return claim == null ? ABSENT : claim;
  }

  /**
   * The claim of the token a request was sent with; absent before the token was verified, and where
   * there is no token.
   */
  public static OrganizationClaim of(RoutingContext request) {
    return request.user() instanceof QuarkusHttpUser user ? of(user.getSecurityIdentity()) : ABSENT;
  }

  private static boolean isId(String id) {
    return !id.isEmpty()
        && id.codePointCount(0, id.length()) <= OrganizationId.MAX_LENGTH
        && id.codePoints().allMatch(OrganizationClaim::isCharacter);
  }

  /** The database would fail at U+0000, and be asked for a {@code ?} in place of a surrogate. */
  private static boolean isCharacter(int codePoint) {
    return codePoint != 0
        && (codePoint < Character.MIN_SURROGATE || codePoint > Character.MAX_SURROGATE);
  }
}
