package io.usageapi.security;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.identity.AuthenticationRequestContext;
import io.quarkus.security.identity.IdentityProvider;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.request.TokenAuthenticationRequest;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.util.concurrent.RejectedExecutionException;
import org.eclipse.microprofile.jwt.JsonWebToken;

/**
 * Caches verified tokens for a short time, so that a client that follows many links is not verified
 * for each of them on a worker thread. An entry is valid at most until the token's {@code exp} and
 * while the keys it was verified with are current. The cache is bounded in bytes, whatever the
 * tokens are: it holds the text of a token and only the claims needed here.
 *
 * <p>A signature can be spelled in many ways: the decoder skips padding and other characters, and
 * elliptic curve numbers may have leading zeros. So the key of the cache is the signed part, and
 * the last spelling of its signature is kept.
 */
@ApplicationScoped
public class VerifiedTokens implements IdentityProvider<TokenAuthenticationRequest> {
  /** About ten thousand typical tokens. */
  private static final long MAX_BYTES = 16_000_000;

  /** The size of an entry without its texts; 1,190 to 1,220 were measured. */
  private static final int ENTRY_BYTES = 1_300;

  private final KeySet keys;
  private final Claims claims;
  private final Clock clock;
  private final Cache<String, Verified> verified;

  VerifiedTokens(KeySet keys, Claims claims, Clock clock, SecurityConfig config) {
    this.keys = keys;
    this.claims = claims;
    this.clock = clock;
    this.verified =
        Caffeine.newBuilder()
            .expireAfterWrite(config.tokenCache())
            .maximumWeight(MAX_BYTES)
            .weigher((String signed, Verified token) -> token.bytes(signed))
            .build();
  }

  /**
   * A verified token.
   *
   * @param signature the last dot and the signature
   * @param until the token's {@code exp}
   * @param by the keys it was verified with
   */
  private record Verified(
      String signature, SecurityIdentity identity, Instant until, KeySet.Keys by) {
    /** Its size in the cache, including the signed part. */
    int bytes(String signed) {
      // The characters of a token take one byte, those of the name up to two.
      return ENTRY_BYTES
          + signed.length()
          + signature.length()
          + 2 * identity.getPrincipal().getName().length();
    }
  }

  @Override
  public Class<TokenAuthenticationRequest> getRequestType() {
    return TokenAuthenticationRequest.class;
  }

  /**
   * Before the provider that verifies each time, which has the default {@code SYSTEM_FIRST + 1}.
   */
  @Override
  public int priority() {
    return SYSTEM_FIRST + 2;
  }

  @Override
  public Uni<SecurityIdentity> authenticate(
      TokenAuthenticationRequest request, AuthenticationRequestContext context) {
    String token = request.getToken().getToken();
    int end = Math.max(token.lastIndexOf('.'), 0);
    String signed = token.substring(0, end);
    Verified known = verified.getIfPresent(signed);
    if (known != null
        && known.signature().length() == token.length() - end
        && token.endsWith(known.signature())
        && known.by().equals(keys.current())
        && clock.instant().isBefore(known.until())) {
      return Uni.createFrom().item(known.identity());
    }
    return keys.keysFor(token)
        .chain(
            by ->
                by.validator()
                    .authenticate(request, context)
                    .map(identity -> read(identity, token.substring(end), by))
                    .onFailure(VerifiedTokens::isOfTheToken)
                    // Its message quotes the token, and would get into traces.
                    .transform(e -> new AuthenticationFailedException("The token is not valid"))
                    .invoke(read -> verified.put(signed, read)))
        .map(Verified::identity);
  }

  /**
   * @throws java.time.DateTimeException if {@code exp} is out of range
   */
  private Verified read(SecurityIdentity identity, String signature, KeySet.Keys by) {
    JsonWebToken token = (JsonWebToken) identity.getPrincipal();
    return new Verified(
        signature, claims.identity(token), Instant.ofEpochSecond(token.getExpirationTime()), by);
  }

  /**
   * Whether a failure means that the token is invalid. The library fails in many ways on claims of
   * unexpected type or depth.
   */
  private static boolean isOfTheToken(Throwable failure) {
    return failure instanceof StackOverflowError
        || (failure instanceof RuntimeException
            && !(failure instanceof RejectedExecutionException));
  }
}
