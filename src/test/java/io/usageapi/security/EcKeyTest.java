package io.usageapi.security;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.smallrye.jwt.algorithm.SignatureAlgorithm;
import io.smallrye.jwt.build.Jwt;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Eventually;
import io.usageapi.fixture.ServerProfile;
import io.usageapi.fixture.ServerResource;
import io.usageapi.fixture.Tokens;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
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
import org.junit.jupiter.api.Test;

/** A single public key may be an elliptic one, in PEM. */
@QuarkusTest
@TestProfile(EcKeyTest.EllipticKey.class)
class EcKeyTest {
  private static final String PRIVATE = "test.usageapi.elliptic";

  /** One key, P-256. */
  public static class EllipticKey implements ServerProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of(
          "smallrye.jwt.encrypt.key.location", "unused",
          "mp.jwt.verify.clock.skew", "1",
          // Longer than the tokens of the test are good.
          "usage-api.token-cache", "1h");
    }

    @Override
    public List<TestResourceEntry> testResources() {
      return List.of(new TestResourceEntry(Pem.class));
    }
  }

  /** Its public half as the server takes it. */
  public static class Pem implements QuarkusTestResourceLifecycleManager {
    @Override
    public Map<String, String> start() {
      try {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair pair = generator.generateKeyPair();
        Map<String, String> settings = new HashMap<>(new ServerResource().start());
        settings.put(
            "mp.jwt.verify.publickey",
            "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder().encodeToString(pair.getPublic().getEncoded())
                + "\n-----END PUBLIC KEY-----");
        settings.put(PRIVATE, Base64.getEncoder().encodeToString(pair.getPrivate().getEncoded()));
        return settings;
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void stop() {}
  }

  @Test
  void its_tokens_are_good_and_those_of_another_key_are_not() throws GeneralSecurityException {
    String token = token(Duration.ofMinutes(5));

    Api.as(token).get(Api.USAGE).then().statusCode(200);
    Api.as(Tokens.reader("acme")).get(Api.USAGE).then().statusCode(401);
  }

  @Test
  void a_token_that_was_good_is_good_until_it_expires_and_no_longer() throws Exception {
    String token = token(Duration.ofSeconds(3));

    Api.as(token).get(Api.USAGE).then().statusCode(200);
    Api.as(token).get(Api.USAGE).then().statusCode(200);
    Eventually.eventually("it expired", () -> Api.as(token).get(Api.USAGE).statusCode() == 401);
  }

  @Test
  void a_token_like_one_that_was_good_but_for_its_signature_is_bad() throws Exception {
    String token = token(Duration.ofMinutes(5));
    Api.as(token).get(Api.USAGE).then().statusCode(200);

    int signature = token.lastIndexOf('.') + 1;
    String forged =
        token.substring(0, signature)
            + (token.charAt(signature) == 'A' ? 'B' : 'A')
            + token.substring(signature + 1);
    Api.as(forged).get(Api.USAGE).then().statusCode(401);
  }

  private static String token(Duration validity) throws GeneralSecurityException {
    PrivateKey key =
        KeyFactory.getInstance("EC")
            .generatePrivate(
                new PKCS8EncodedKeySpec(
                    Base64.getDecoder()
                        .decode(ConfigProvider.getConfig().getValue(PRIVATE, String.class))));
    return Jwt.issuer(Tokens.ISSUER)
        .audience(Tokens.AUDIENCE)
        .expiresAt(Instant.now().plus(validity))
        .claim("scope", Scope.USAGE_READ)
        .claim("org_id", "acme")
        .jws()
        .algorithm(SignatureAlgorithm.ES256)
        .sign(key);
  }
}
