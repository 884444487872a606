package io.usageapi.security;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.smallrye.jwt.runtime.auth.MpJwtValidator;
import io.quarkus.smallrye.jwt.runtime.auth.SmallRyeJwtConfig;
import io.smallrye.jwt.auth.principal.DefaultJWTCallerPrincipalFactory;
import io.smallrye.jwt.auth.principal.DefaultJWTParser;
import io.smallrye.jwt.auth.principal.JWTAuthContextInfo;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.vertx.MutinyHelper;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.mutiny.core.Vertx;
import io.vertx.mutiny.core.buffer.Buffer;
import io.vertx.mutiny.core.http.HttpClient;
import io.vertx.mutiny.core.http.HttpClientRequest;
import io.vertx.mutiny.core.http.HttpClientResponse;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.lang.JoseException;
import org.jose4j.lang.UnresolvableKeyException;

/**
 * The keys of an identity provider. The JWT library would fetch them rarely, and on a request
 * thread; so they are fetched here and passed to it. They are refreshed regularly, and at once for
 * a token with an unknown key, but at most once a second. While the provider is unreachable, the
 * known keys are used. Configured keys are left to the library.
 */
@ApplicationScoped
public class KeySet {
  private static final Logger LOG = Logger.getLogger(KeySet.class);
  private static final Duration DEADLINE = Duration.ofSeconds(3);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final Optional<String> location;
  private final JWTAuthContextInfo verification;
  private final SmallRyeJwtConfig library;
  private final Vertx vertx;
  private final HttpClient http;
  private final Clock clock;
  private final Duration interval;

  private volatile Keys current;

  /** When the provider last sent its keys; null before, and for configured keys. */
  private volatile Instant received;

  private Uni<Keys> fetching;
  private Instant fetched = Instant.MIN;
  private boolean repeating;

  KeySet(
      VerificationKeys configuration,
      JWTAuthContextInfo verification,
      SmallRyeJwtConfig library,
      MpJwtValidator configured,
      SecurityConfig config,
      Vertx vertx,
      Clock clock,
      MeterRegistry registry) {
    this.location = configuration.provider();
    this.verification = verification;
    this.library = library;
    this.vertx = vertx;
    HttpClientOptions options = new HttpClientOptions();
    // Only one request is sent at a time.
    options.setMaxPoolSize(1);
    options.setConnectTimeout((int) DEADLINE.toMillis());
    this.http = vertx.createHttpClient(options);
    this.clock = clock;
    this.interval = config.keyRefresh();
    this.current = this.location.isPresent() ? null : new Keys("", Set.of(), configured);
    TimeGauge.builder(
            "usage_api.token.keys.fetched.timestamp",
            this,
            TimeUnit.SECONDS,
            keys -> keys.received == null ? Double.NaN : keys.received.toEpochMilli() / 1000.0)
        .description("When this replica last fetched the token keys")
        .register(registry);
  }

  /**
   * A set of keys and its token validator.
   *
   * @param text the key set as the provider sent it
   * @param ids the ids of the keys
   */
  record Keys(String text, Set<String> ids, MpJwtValidator validator) {}

  /** The current keys; null before the first fetch. */
  Keys current() {
    return current;
  }

  /**
   * The keys to verify a token with.
   *
   * @return fails with {@link AuthenticationFailedException}, caused by an {@link IOException}, if
   *     the token's key is unknown and the provider is unreachable
   */
  Uni<Keys> keysFor(String token) {
    Keys keys = current;
    if (keys != null
        && (location.isEmpty() || keyId(token).map(keys.ids()::contains).orElse(true))) {
      return Uni.createFrom().item(keys);
    }
    io.vertx.core.Context caller = io.vertx.core.Vertx.currentContext();
    Uni<Keys> renewed = renewed();
    return (caller == null ? renewed : renewed.emitOn(MutinyHelper.executor(caller)))
        .onFailure()
        .transform(
            e ->
                new AuthenticationFailedException(
                    new UnresolvableKeyException(
                        "The keys cannot be fetched", new IOException(e))));
  }

  /** Whether there are keys; fetches them if there are none yet. */
  Uni<Boolean> isKnown() {
    return current != null
        ? Uni.createFrom().item(true)
        : renewed().replaceWith(true).onFailure().recoverWithItem(false);
  }

  /** Fetches the keys; concurrent callers share the result. */
  private synchronized Uni<Keys> renewed() {
    if (fetching == null) {
      Duration since = Duration.between(fetched, clock.instant());
      Uni<Keys> fetch = Uni.createFrom().deferred(this::fetch);
      fetching =
          (since.compareTo(PAUSE) < 0
                  ? Uni.createFrom().voidItem().onItem().delayIt().by(PAUSE).chain(() -> fetch)
                  : fetch)
              .onTermination()
              .invoke(this::done)
              .memoize()
              .indefinitely();
      if (!repeating) {
        repeating = true;
        long unused = vertx.setPeriodic(interval.toMillis(), tick -> renewInTheBackground());
      }
    }
    return fetching;
  }

  private synchronized void done() {
    fetched = clock.instant();
    fetching = null;
  }

  @SuppressWarnings("CheckReturnValue")
  private void renewInTheBackground() {
    renewed()
        .subscribe()
        .with(
            keys -> LOG.debugf("Token keys: %s", keys.ids()),
            failure -> LOG.warnf("The token keys cannot be fetched: %s", failure));
  }

  private Uni<Keys> fetch() {
    return http.request(
            new RequestOptions()
                .setMethod(HttpMethod.GET)
                .setAbsoluteURI(location.orElseThrow())
                // Otherwise an unanswered request would keep its connection forever.
                .setTimeout(DEADLINE.toMillis())
                .setFollowRedirects(true))
        .chain(HttpClientRequest::send)
        .chain(KeySet::body)
        .ifNoItem()
        .after(DEADLINE)
        .failWith(TimeoutException::new)
        .map(this::read)
        .invoke(keys -> received = clock.instant());
  }

  private static Uni<Buffer> body(HttpClientResponse response) {
    return response.statusCode() == 200
        ? response.body()
        : Uni.createFrom()
            .failure(new IOException("the identity provider answered " + response.statusCode()));
  }

  private Keys read(Buffer body) {
    String text = body.toString(StandardCharsets.UTF_8);
    Keys known = current;
    if (known != null && known.text().equals(text)) {
      return known;
    }
    try {
      Set<String> ids =
          new JsonWebKeySet(text)
              .getJsonWebKeys().stream()
                  .map(JsonWebKey::getKeyId)
                  .filter(Objects::nonNull)
                  .collect(Collectors.toUnmodifiableSet());
      JWTAuthContextInfo these = new JWTAuthContextInfo(verification);
      these.setPublicKeyLocation(null);
      these.setPublicKeyContent(text);
      MpJwtValidator validator =
          new MpJwtValidator(
              new DefaultJWTParser(these, new DefaultJWTCallerPrincipalFactory()),
              library,
              null,
              null);
      current = new Keys(text, ids, validator);
      LOG.infof("Tokens are verified with the keys %s", ids);
      return current;
    } catch (JoseException e) {
      throw new IllegalStateException("what the identity provider answered is no key set", e);
    }
  }

  /** The key id in the header of a token. */
  private static Optional<String> keyId(String token) {
    try {
      JsonWebSignature signed = new JsonWebSignature();
      signed.setCompactSerialization(token);
      return Optional.ofNullable(signed.getKeyIdHeaderValue());
    } catch (JoseException e) {
      // Not a token: the library reports it better.
      return Optional.empty();
    }
  }
}
