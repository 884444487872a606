package io.usageapi.security;

import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import io.restassured.response.ValidatableResponse;
import io.smallrye.jwt.algorithm.SignatureAlgorithm;
import io.smallrye.jwt.build.Jwt;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.OwnServer;
import io.usageapi.fixture.Tokens;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.lang.JoseException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RSA and EC keys in one JWKS, and the settings a vendor makes its own. */
@Tag("drill")
class KeySetIT {
  private static final Map<String, KeyPair> PAIRS =
      Map.of(
          "rsa", generate("RSA", new RSAKeyGenParameterSpec(2048, RSAKeyGenParameterSpec.F4)),
          "secp256r1", generate("EC", new ECGenParameterSpec("secp256r1")),
          "secp384r1", generate("EC", new ECGenParameterSpec("secp384r1")));

  /** A key set in the place of a key. */
  @RegisterExtension
  static final OwnServer SERVER =
      OwnServer.with(
          "mp.jwt.verify.publickey=" + keySet(),
          "usage-api.organization-claim=tenant",
          "mp.jwt.verify.clock.skew=300",
          "usage-api.base-url=https://usage.example.com/api");

  private static KeyPair generate(String algorithm, AlgorithmParameterSpec size) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
      generator.initialize(size);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String keySet() {
    JsonWebKeySet set = new JsonWebKeySet();
    PAIRS.forEach(
        (id, pair) -> {
          try {
            PublicJsonWebKey key = PublicJsonWebKey.Factory.newPublicJwk(pair.getPublic());
            key.setKeyId(id);
            set.addJsonWebKey(key);
          } catch (JoseException e) {
            throw new IllegalStateException(e);
          }
        });
    return set.toJson(JsonWebKey.OutputControlLevel.PUBLIC_ONLY);
  }

  @ParameterizedTest
  @CsvSource({
    "RS256,rsa,200",
    "RS384,rsa,200",
    "RS512,rsa,200",
    "PS256,rsa,200",
    "ES256,secp256r1,200",
    "ES384,secp384r1,200",
    "PS384,rsa,401",
    "PS512,rsa,401"
  })
  void tokens_of_the_algorithms_of_the_contract_and_no_other_are_good(
      SignatureAlgorithm algorithm, String key, int status) {
    page(token("tenant", algorithm, key, key)).statusCode(status);
  }

  @Test
  void a_token_that_names_another_key_or_none_is_bad() {
    page(token("tenant", SignatureAlgorithm.RS256, "rsa", "secp256r1")).statusCode(401);
    page(token("tenant", SignatureAlgorithm.ES256, "secp256r1", "rsa")).statusCode(401);
    page(token("tenant", SignatureAlgorithm.RS256, "rsa", "unknown")).statusCode(401);
  }

  @Test
  void the_organization_is_in_the_configured_claim_and_in_no_other() {
    page(token("org_id", SignatureAlgorithm.RS256, "rsa", "rsa"))
        .statusCode(403)
        .body("code", equalTo("organization_required"));
  }

  @Test
  void the_skew_is_as_configured() {
    page(token("tenant", SignatureAlgorithm.RS256, "rsa", "rsa", Duration.ofSeconds(-200)))
        .statusCode(200);
    page(token("tenant", SignatureAlgorithm.RS256, "rsa", "rsa", Duration.ofSeconds(-400)))
        .statusCode(401);
  }

  @Test
  void links_lie_under_the_configured_address() {
    page(token("tenant", SignatureAlgorithm.RS256, "rsa", "rsa"))
        .body("self.href", containsString("https://usage.example.com/api/express/usage/month"));
  }

  private static ValidatableResponse page(String token) {
    return Api.as(token).get(Api.USAGE).then();
  }

  private static String token(
      String claim, SignatureAlgorithm algorithm, String key, String keyId) {
    return token(claim, algorithm, key, keyId, Duration.ofMinutes(5));
  }

  private static String token(
      String claim, SignatureAlgorithm algorithm, String key, String keyId, Duration validity) {
    return Jwt.issuer(Tokens.ISSUER)
        .audience(Tokens.AUDIENCE)
        .issuedAt(Instant.now().minusSeconds(3600))
        .expiresAt(Instant.now().plus(validity))
        .claim("scope", Scope.USAGE_READ)
        .claim(claim, "acme")
        .jws()
        .algorithm(algorithm)
        .keyId(keyId)
        .sign(PAIRS.get(key).getPrivate());
  }
}
