package io.usageapi.security;

import io.quarkus.vertx.http.runtime.security.QuarkusHttpUser;
import io.usageapi.config.UsageApiConfig;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import org.eclipse.microprofile.jwt.JsonWebToken;

/** The claim that says whose a verified token is (contract, "Authentication and authorization"). */
@ApplicationScoped
public class OrganizationClaim {
  private final String name;

  OrganizationClaim(UsageApiConfig config) {
    this.name = config.organizationClaim();
  }

  /** The organization a token is bound to; none where the claim is absent or malformed. */
  public Optional<OrganizationId> of(JsonWebToken token) {
    return token.getClaim(name) instanceof String id
            && !id.isEmpty()
            && id.codePointCount(0, id.length()) <= OrganizationId.MAX_LENGTH
            && id.codePoints().allMatch(OrganizationClaim::isCharacter)
        ? Optional.of(new OrganizationId(id))
        : Optional.empty();
  }

  /**
   * The organization whose token a request was sent with; none before the token was verified, and
   * where there is no token.
   */
  public Optional<OrganizationId> of(RoutingContext request) {
    return request.user() instanceof QuarkusHttpUser user
            && user.getSecurityIdentity().getPrincipal() instanceof JsonWebToken token
        ? of(token)
        : Optional.empty();
  }

  /** Whether a token has the claim at all, malformed or not. */
  boolean isIn(JsonWebToken token) {
    // A null is there too; to ask whether the token contains the claim would say it is not.
    return token.getClaim(name) != null || token.getClaimNames().contains(name);
  }

  /** The database would fail at U+0000, and be asked for a {@code ?} in place of a surrogate. */
  private static boolean isCharacter(int codePoint) {
    return codePoint != 0
        && (codePoint < Character.MIN_SURROGATE || codePoint > Character.MAX_SURROGATE);
  }
}
