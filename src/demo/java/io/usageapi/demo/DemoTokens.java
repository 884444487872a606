package io.usageapi.demo;

import io.smallrye.jwt.build.Jwt;
import io.smallrye.jwt.build.JwtClaimsBuilder;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Signs the demo's tokens. */
@ApplicationScoped
public class DemoTokens {
  static final Duration LIFESPAN = Duration.ofHours(12);

  private final String issuer;
  private final String audience;

  DemoTokens(
      @ConfigProperty(name = "mp.jwt.verify.issuer") String issuer,
      @ConfigProperty(name = "mp.jwt.verify.audiences") String audience) {
    this.issuer = issuer;
    this.audience = audience;
  }

  /** A token of a client with some of its scopes. */
  String sign(DemoClient client, Set<String> scopes) {
    JwtClaimsBuilder claims =
        Jwt.issuer(issuer)
            .audience(audience)
            .subject(client.id())
            .expiresIn(LIFESPAN)
            .claim("scope", String.join(" ", new TreeSet<>(scopes)));
    client.organization().ifPresent(organization -> claims.claim("org_id", organization));
    return claims.sign();
  }
}
