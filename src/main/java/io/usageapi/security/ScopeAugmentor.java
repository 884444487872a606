package io.usageapi.security;

import io.quarkus.security.identity.AuthenticationRequestContext;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.SecurityIdentityAugmentor;
import io.quarkus.security.runtime.QuarkusSecurityIdentity;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.json.JsonArray;
import jakarta.json.JsonString;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;
import org.eclipse.microprofile.jwt.JsonWebToken;

/**
 * Makes the token's scopes the caller's roles: the union of {@code scope} (space separated, RFC
 * 8693 section 4.2) and {@code scp} (an array, or space separated). No other claim grants anything.
 */
@ApplicationScoped
public class ScopeAugmentor implements SecurityIdentityAugmentor {

  @Override
  public Uni<SecurityIdentity> augment(
      SecurityIdentity identity, AuthenticationRequestContext context) {
    if (!(identity.getPrincipal() instanceof JsonWebToken token)) {
      return Uni.createFrom().item(identity);
    }
    return Uni.createFrom()
        .item(
            QuarkusSecurityIdentity.builder()
                .setPrincipal(token)
                .addCredentials(identity.getCredentials())
                .addAttributes(identity.getAttributes())
                .addRoles(scopes(token))
                .build());
  }

  private static Set<String> scopes(JsonWebToken token) {
    Set<String> scopes = new HashSet<>();
    addScopes(token.getClaim("scope"), scopes);
    addScopes(token.getClaim("scp"), scopes);
    return scopes;
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
