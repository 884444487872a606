package io.usageapi.security;

import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.vertx.http.runtime.security.QuarkusHttpUser;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import org.eclipse.microprofile.jwt.JsonWebToken;

/**
 * The organization claim of a verified token (OpenAPI document, "Tokens").
 *
 * @param present whether the token has the claim, malformed or not
 * @param organization the organization; empty if the claim is missing or malformed
 */
public record OrganizationClaim(boolean present, Optional<OrganizationId> organization) {
  /** The identity attribute that holds the claim. */
  static final String ATTRIBUTE = "usage-api.organization-claim";

  private static final OrganizationClaim ABSENT = new OrganizationClaim(false, Optional.empty());

  /** Reads the claim with this name. */
  static OrganizationClaim read(JsonWebToken token, String name) {
    Object claim = token.getClaim(name);
    if (claim instanceof String id && isId(id)) {
      return new OrganizationClaim(true, Optional.of(new OrganizationId(id)));
    }
    // A null counts as present, but containsClaim would deny it.
    return new OrganizationClaim(
        claim != null || token.getClaimNames().contains(name), Optional.empty());
  }

  /** The claim of an identity; missing if it has none. */
  public static OrganizationClaim of(SecurityIdentity identity) {
    OrganizationClaim claim = identity.getAttribute(ATTRIBUTE);
    return claim == null ? ABSENT : claim;
  }

  /** The claim of the token of a request; missing without a verified token. */
  public static OrganizationClaim of(RoutingContext request) {
    return request.user() instanceof QuarkusHttpUser user ? of(user.getSecurityIdentity()) : ABSENT;
  }

  private static boolean isId(String id) {
    return !id.isEmpty()
        && id.codePointCount(0, id.length()) <= OrganizationId.MAX_LENGTH
        && id.codePoints().allMatch(OrganizationClaim::isCharacter);
  }

  /** The database fails on U+0000, and surrogates would reach it as {@code ?}. */
  private static boolean isCharacter(int codePoint) {
    return codePoint != 0
        && (codePoint < Character.MIN_SURROGATE || codePoint > Character.MAX_SURROGATE);
  }
}
