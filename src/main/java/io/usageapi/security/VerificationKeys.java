package io.usageapi.security;

import static io.smallrye.jwt.algorithm.SignatureAlgorithm.ES256;
import static io.smallrye.jwt.algorithm.SignatureAlgorithm.ES384;
import static io.smallrye.jwt.algorithm.SignatureAlgorithm.PS256;
import static io.smallrye.jwt.algorithm.SignatureAlgorithm.RS256;
import static io.smallrye.jwt.algorithm.SignatureAlgorithm.RS384;
import static io.smallrye.jwt.algorithm.SignatureAlgorithm.RS512;

import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.jwt.algorithm.SignatureAlgorithm;
import io.smallrye.jwt.auth.principal.JWTAuthContextInfo;
import io.smallrye.jwt.auth.principal.KeyLocationResolver;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.security.Key;
import java.security.PublicKey;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jose4j.lang.UnresolvableKeyException;

/**
 * Sets the signature algorithms of tokens (OpenAPI document, "Tokens"), and checks configured keys:
 * an unusable key stops the start.
 */
@ApplicationScoped
public class VerificationKeys {
  /** After the check that a key is configured. */
  static final int PRIORITY = 10;

  private static final Set<SignatureAlgorithm> RSA = Set.of(RS256, RS384, RS512, PS256);
  private static final Set<SignatureAlgorithm> EC = Set.of(ES256, ES384);
  private static final Set<SignatureAlgorithm> ALL =
      Set.of(RS256, RS384, RS512, PS256, ES256, ES384);

  /** The library's value for a missing key. */
  private static final String NONE = "NONE";

  private final JWTAuthContextInfo verification;
  private final Optional<String> key;
  private final Optional<String> location;

  VerificationKeys(
      JWTAuthContextInfo verification,
      @ConfigProperty(name = "mp.jwt.verify.publickey") Optional<String> key,
      @ConfigProperty(name = "mp.jwt.verify.publickey.location") Optional<String> location) {
    this.verification = verification;
    this.key = key.filter(value -> !value.equals(NONE));
    this.location = location.filter(value -> !value.equals(NONE));
  }

  void check(@Observes @Priority(PRIORITY) StartupEvent start) {
    verification.setSignatureAlgorithm(ALL);
    if (provider().isPresent()) {
      return;
    }
    // A single key belongs to one family of algorithms, so try each; a JWKS may hold both.
    for (Set<SignatureAlgorithm> family : List.of(RSA, EC)) {
      verification.setSignatureAlgorithm(family);
      Loaded loaded = load();
      if (loaded.isKeySet()) {
        verification.setSignatureAlgorithm(ALL);
        return;
      }
      if (loaded.isSingleKey()) {
        return;
      }
    }
    throw unusable(null);
  }

  /** The URL of the identity provider's keys; empty if the keys themselves are configured. */
  Optional<String> provider() {
    return key.isPresent() ? Optional.empty() : location.filter(where -> where.startsWith("http"));
  }

  private Loaded load() {
    try {
      return new Loaded(verification);
    } catch (UnresolvableKeyException e) {
      throw unusable(e);
    }
  }

  private ConfigurationException unusable(Exception cause) {
    String setting =
        key.isPresent() ? "mp.jwt.verify.publickey" : "mp.jwt.verify.publickey.location";
    return new ConfigurationException(
        setting + " holds no key: a public key in PEM, a JWK or a JWKS is needed", cause);
  }

  /** The configured key as the library reads it. */
  private static final class Loaded extends KeyLocationResolver {
    Loaded(JWTAuthContextInfo verification) throws UnresolvableKeyException {
      super(verification);
    }

    boolean isSingleKey() {
      Key single = key;
      return single instanceof PublicKey;
    }

    boolean isKeySet() {
      return jsonWebKeys != null && !jsonWebKeys.isEmpty();
    }
  }
}
