package io.usageapi.security;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.identity.AuthenticationRequestContext;
import io.quarkus.security.identity.IdentityProvider;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.request.TokenAuthenticationRequest;
import io.smallrye.mutiny.Uni;
import io.usageapi.config.UsageApiConfig;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import org.eclipse.microprofile.jwt.JsonWebToken;

/**
 * Remembers for a short while which tokens were verified and what they say, so that a reader who
 * follows many links is not verified for each, on a thread of its own. Never past a token's {@code
 * exp}, and no longer than the keys are those it was verified with. What is remembered is bounded
 * in size.
 */
@ApplicationScoped
public class VerifiedTokens implements IdentityProvider<TokenAuthenticationRequest> {
  /** In characters of tokens; some thousand usual ones. */
  private static final long MAX_CHARACTERS = 8_000_000;

  private final KeySet keys;
  private final Claims claims;
  private final Clock clock;
  private final Cache<String, Verified> verified;

  VerifiedTokens(KeySet keys, Claims claims, Clock clock, UsageApiConfig config) {
    this.keys = keys;
    this.claims = claims;
    this.clock = clock;
    this.verified =
        Caffeine.newBuilder()
            .expireAfterWrite(config.tokenCache())
            .maximumWeight(MAX_CHARACTERS)
            .weigher((String token, Verified identity) -> token.length())
            .build();
  }

  /**
   * What verifying a token gave.
   *
   * @param until the token's {@code exp}
   * @param by the keys it was verified with
   */
  private record Verified(SecurityIdentity identity, Instant until, KeySet.Keys by) {}

  @Override
  public Class<TokenAuthenticationRequest> getRequestType() {
    return TokenAuthenticationRequest.class;
  }

  /** Before the one that verifies each time: that has the default, {@code SYSTEM_FIRST + 1}. */
  @Override
  public int priority() {
    return SYSTEM_FIRST + 2;
  }

  @Override
  public Uni<SecurityIdentity> authenticate(
      TokenAuthenticationRequest request, AuthenticationRequestContext context) {
    String token = request.getToken().getToken();
    Verified known = verified.getIfPresent(token);
    if (known != null
        && known.by().equals(keys.current())
        && clock.instant().isBefore(known.until())) {
      return Uni.createFrom().item(known.identity());
    }
    return keys.keysFor(token)
        .chain(
            by ->
                by.validator()
                    .authenticate(request, context)
                    .onFailure(AuthenticationFailedException.class)
                    // It tells what is wrong with the token in it, and would get into the traces.
                    .transform(e -> new AuthenticationFailedException("The token is not valid"))
                    .map(claims::identity)
                    .invoke(
                        identity ->
                            verified.put(token, new Verified(identity, expiry(identity), by))));
  }

  private static Instant expiry(SecurityIdentity identity) {
    return identity.getPrincipal() instanceof JsonWebToken token
        ? Instant.ofEpochSecond(token.getExpirationTime())
        : Instant.MIN;
  }
}
