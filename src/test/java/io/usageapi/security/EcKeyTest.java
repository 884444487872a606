package io.usageapi.security;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.smallrye.jwt.algorithm.SignatureAlgorithm;
import io.usageapi.fixture.Api;
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
      return Map.of("smallrye.jwt.encrypt.key.location", "unused");
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
    PrivateKey key =
        KeyFactory.getInstance("EC")
            .generatePrivate(
                new PKCS8EncodedKeySpec(
                    Base64.getDecoder()
                        .decode(ConfigProvider.getConfig().getValue(PRIVATE, String.class))));
    String token =
        Tokens.claims(Scope.USAGE_READ)
            .claim("org_id", "acme")
            .jws()
            .algorithm(SignatureAlgorithm.ES256)
            .sign(key);

    Api.as(token).get(Api.USAGE).then().statusCode(200);
    Api.as(Tokens.reader("acme")).get(Api.USAGE).then().statusCode(401);
  }
}
