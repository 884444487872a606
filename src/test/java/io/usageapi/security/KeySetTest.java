package io.usageapi.security;

import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.ValidatableResponse;
import io.smallrye.jwt.algorithm.SignatureAlgorithm;
import io.smallrye.jwt.build.Jwt;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.ServerProfile;
import io.usageapi.fixture.ServerResource;
import io.usageapi.fixture.Tokens;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.PublicJsonWebKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RSA and EC keys in one JWKS, and the settings a vendor makes its own. */
@QuarkusTest
@TestProfile(KeySetTest.OwnSettings.class)
class KeySetTest {
  /** A key set in the place of a key. */
  public static class OwnSettings implements ServerProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of(
          "smallrye.jwt.encrypt.key.location", "unused",
          "usage-api.organization-claim", "tenant",
          "mp.jwt.verify.clock.skew", "300",
          "usage-api.base-url", "https://usage.example.com/api");
    }

    @Override
    public List<TestResourceEntry> testResources() {
      return List.of(new TestResourceEntry(KeySet.class));
    }
  }

  /** Three keys: RSA, P-256 and P-384. */
  public static class KeySet implements QuarkusTestResourceLifecycleManager {
    @Override
    public Map<String, String> start() {
      try {
        Map<String, String> settings = new HashMap<>(new ServerResource().start());
        JsonWebKeySet set = new JsonWebKeySet();
        KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
        rsa.initialize(2048);
        add("rsa", rsa.generateKeyPair(), set, settings);
        for (String curve : List.of("secp256r1", "secp384r1")) {
          KeyPairGenerator ec = KeyPairGenerator.getInstance("EC");
          ec.initialize(new ECGenParameterSpec(curve));
          add(curve, ec.generateKeyPair(), set, settings);
        }
        settings.put(
            "mp.jwt.verify.publickey", set.toJson(JsonWebKey.OutputControlLevel.PUBLIC_ONLY));
        return settings;
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }

    private static void add(
        String id, KeyPair pair, JsonWebKeySet set, Map<String, String> settings) throws Exception {
      PublicJsonWebKey key = PublicJsonWebKey.Factory.newPublicJwk(pair.getPublic());
      key.setKeyId(id);
      set.addJsonWebKey(key);
      settings.put(
          "test.usageapi." + id,
          pair.getPrivate().getAlgorithm()
              + " "
              + Base64.getEncoder().encodeToString(pair.getPrivate().getEncoded()));
    }

    @Override
    public void stop() {}
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
      SignatureAlgorithm algorithm, String key, int status) throws Exception {
    page(token("tenant", algorithm, key, key)).statusCode(status);
  }

  @Test
  void a_token_that_names_another_key_or_none_is_bad() throws Exception {
    page(token("tenant", SignatureAlgorithm.RS256, "rsa", "secp256r1")).statusCode(401);
    page(token("tenant", SignatureAlgorithm.ES256, "secp256r1", "rsa")).statusCode(401);
    page(token("tenant", SignatureAlgorithm.RS256, "rsa", "unknown")).statusCode(401);
  }

  @Test
  void the_organization_is_in_the_configured_claim_and_in_no_other() throws Exception {
    page(token("org_id", SignatureAlgorithm.RS256, "rsa", "rsa"))
        .statusCode(403)
        .body("code", equalTo("organization_required"));
  }

  @Test
  void the_skew_is_as_configured() throws Exception {
    page(token("tenant", SignatureAlgorithm.RS256, "rsa", "rsa", Duration.ofSeconds(-200)))
        .statusCode(200);
    page(token("tenant", SignatureAlgorithm.RS256, "rsa", "rsa", Duration.ofSeconds(-400)))
        .statusCode(401);
  }

  @Test
  void links_lie_under_the_configured_address() throws Exception {
    page(token("tenant", SignatureAlgorithm.RS256, "rsa", "rsa"))
        .body("self.href", containsString("https://usage.example.com/api/express/usage/month"));
  }

  private static ValidatableResponse page(String token) {
    return Api.as(token).get(Api.USAGE).then();
  }

  private static String token(String claim, SignatureAlgorithm algorithm, String key, String keyId)
      throws Exception {
    return token(claim, algorithm, key, keyId, Duration.ofMinutes(5));
  }

  private static String token(
      String claim, SignatureAlgorithm algorithm, String key, String keyId, Duration validity)
      throws Exception {
    String[] stored =
        ConfigProvider.getConfig().getValue("test.usageapi." + key, String.class).split(" ", -1);
    PrivateKey signing =
        java.security.KeyFactory.getInstance(stored[0])
            .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(stored[1])));
    return Jwt.issuer(Tokens.ISSUER)
        .audience(Tokens.AUDIENCE)
        .issuedAt(Instant.now().minusSeconds(3600))
        .expiresAt(Instant.now().plus(validity))
        .claim("scope", Scope.USAGE_READ)
        .claim(claim, "acme")
        .jws()
        .algorithm(algorithm)
        .keyId(keyId)
        .sign(signing);
  }
}
