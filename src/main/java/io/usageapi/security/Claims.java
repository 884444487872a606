package io.usageapi.security;

import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.runtime.QuarkusSecurityIdentity;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.json.JsonArray;
import jakarta.json.JsonString;
import java.util.Collections;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.eclipse.microprofile.jwt.JsonWebToken;

/**
 * Reads what a verified token allows, once for all its requests: for each claim other than its
 * standard ones the JWT library throws and catches an exception, which was a fifth of the cost of a
 * 304. Nothing else of the token or its request is kept, because the number and size of claims are
 * not under our control.
 */
@ApplicationScoped
class Claims {
  private final String organizationClaim;

  Claims(SecurityConfig config) {
    this.organizationClaim = config.organizationClaim();
  }

  /**
   * The identity of the token's sender. Its roles are the scopes in {@code scope} (space separated,
   * RFC 8693 section 4.2) and {@code scp} (an array, or space separated); no other claim grants
   * anything. It also has the {@link OrganizationClaim}.
   */
  SecurityIdentity identity(JsonWebToken token) {
    Set<String> scopes = new HashSet<>();
    addScopes(token.getClaim("scope"), scopes);
    addScopes(token.getClaim("scp"), scopes);
    return QuarkusSecurityIdentity.builder()
        .setPrincipal(new Bearer(Optional.ofNullable(token.getSubject())))
        .addAttribute(OrganizationClaim.ATTRIBUTE, OrganizationClaim.read(token, organizationClaim))
        .addRoles(Scope.ALL.stream().filter(scopes::contains).collect(Collectors.toSet()))
        .build();
  }

  private static void addScopes(Object claim, Set<String> scopes) {
    if (claim instanceof String separated) {
      Collections.addAll(scopes, separated.split(" "));
    } else if (claim instanceof JsonArray array) {
      array.forEach(
          value -> {
            if (value instanceof JsonString string) {
              scopes.add(string.getString());
            }
          });
    }
  }
}
