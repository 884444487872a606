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
 * Remembers for a short while which tokens were verified and what they say, so that a reader who
 * follows many links is not verified for each, on a thread of its own. Never past a token's {@code
 * exp}, and no longer than the keys are those it was verified with. What is remembered is bounded
 * in bytes of memory, whatever the tokens are: of each there is its text, and of what it says only
 * what is needed here.
 *
 * <p>A signature has many spellings: the decoder passes over padding and whatever is no base64, and
 * numbers of elliptic curves may have zeros before them. So a token is found by what is signed, and
 * of its spellings the last is remembered.
 */
@ApplicationScoped
public class VerifiedTokens implements IdentityProvider<TokenAuthenticationRequest> {
  /** In bytes of memory; some ten thousand usual tokens. */
  private static final long MAX_BYTES = 16_000_000;

  /** What an entry takes beside its texts; measured were 1,190 to 1,220. */
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
   * What verifying a token gave.
   *
   * @param signature the point before it, and its text
   * @param until the token's {@code exp}
   * @param by the keys it was verified with
   */
  private record Verified(
      String signature, SecurityIdentity identity, Instant until, KeySet.Keys by) {
    /** What it takes in the cache, together with what was signed. */
    int bytes(String signed) {
      // Of a token each character is a byte; of what it says each may be two.
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

  /** Before the one that verifies each time: that has the default, {@code SYSTEM_FIRST + 1}. */
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
                    // It tells what is wrong with the token in it, and would get into the traces.
                    .transform(e -> new AuthenticationFailedException("The token is not valid"))
                    .invoke(read -> verified.put(signed, read)))
        .map(Verified::identity);
  }

  /**
   * @throws java.time.DateTimeException when {@code exp} is no time
   */
  private Verified read(SecurityIdentity identity, String signature, KeySet.Keys by) {
    JsonWebToken token = (JsonWebToken) identity.getPrincipal();
    return new Verified(
        signature, claims.identity(token), Instant.ofEpochSecond(token.getExpirationTime()), by);
  }

  /**
   * Whether a failure says that the token is bad. The library fails in many ways at claims of a
   * type or a depth that it does not expect.
   */
  private static boolean isOfTheToken(Throwable failure) {
    return failure instanceof StackOverflowError
        || (failure instanceof RuntimeException
            && !(failure instanceof RejectedExecutionException));
  }
}
