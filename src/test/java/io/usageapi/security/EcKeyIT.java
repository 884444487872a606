package io.usageapi.security;

import io.smallrye.jwt.algorithm.SignatureAlgorithm;
import io.smallrye.jwt.build.Jwt;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Authority;
import io.usageapi.fixture.Eventually;
import io.usageapi.fixture.OwnServer;
import io.usageapi.fixture.Tokens;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A single public key may be an elliptic one, in PEM. */
@Tag("drill")
class EcKeyIT {
  private static final KeyPair PAIR = Authority.ellipticKeys();

  @RegisterExtension
  static final OwnServer SERVER =
      OwnServer.with(
          "mp.jwt.verify.publickey="
              + Authority.pem("PUBLIC KEY", PAIR.getPublic().getEncoded()).strip(),
          "mp.jwt.verify.clock.skew=1",
          // Longer than the tokens of the test are good.
          "usage-api.token-cache=1h");

  @Test
  void its_tokens_are_good_and_those_of_another_key_are_not() {
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
  void a_token_like_one_that_was_good_but_for_its_signature_is_bad() {
    String token = token(Duration.ofMinutes(5));
    Api.as(token).get(Api.USAGE).then().statusCode(200);

    int signature = token.lastIndexOf('.') + 1;
    String forged =
        token.substring(0, signature)
            + (token.charAt(signature) == 'A' ? 'B' : 'A')
            + token.substring(signature + 1);
    Api.as(forged).get(Api.USAGE).then().statusCode(401);
  }

  private static String token(Duration validity) {
    return Jwt.issuer(Tokens.ISSUER)
        .audience(Tokens.AUDIENCE)
        .expiresAt(Instant.now().plus(validity))
        .claim("scope", Scope.USAGE_READ)
        .claim("org_id", "acme")
        .jws()
        .algorithm(SignatureAlgorithm.ES256)
        .sign(PAIR.getPrivate());
  }
}
