package io.usageapi.security;

import static io.usageapi.fixture.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.PackagedServer;
import io.usageapi.fixture.RawRequest;
import io.usageapi.fixture.TestPostgres;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The packaged server beside a real identity provider ({@code .ci/keycloak}). {@code KeyRotationIT}
 * asks the same of a provider of its own, in every build.
 */
@Tag("keycloak")
class KeycloakIT {
  @Test
  void a_new_key_works_at_once_a_withdrawn_one_stops_working_and_known_ones_outlive_the_provider()
      throws Exception {
    try (EmbeddedPostgres postgres = TestPostgres.start(0);
        Keycloak keycloak = Keycloak.start();
        PackagedServer server =
            PackagedServer.start(
                postgres.getPort(),
                "-Dmp.jwt.verify.publickey=NONE",
                "-Dmp.jwt.verify.publickey.location=" + keycloak.keys(),
                "-Dmp.jwt.verify.issuer=" + keycloak.issuer(),
                "-Dmp.jwt.verify.audiences=" + Keycloak.AUDIENCE,
                "-Dusage-api.key-refresh=5s")) {
      String first = keycloak.token();
      assertThat(ask(server, first)).isEqualTo(200);

      keycloak.addKey();
      String second = keycloak.token();
      assertThat(keyId(second)).isNotEqualTo(keyId(first));
      assertThat(ask(server, second)).isEqualTo(200);
      assertThat(ask(server, first)).isEqualTo(200);

      keycloak.removeKey(keyId(first));
      eventually("the withdrawn key stops working", () -> ask(server, first) == 401);
      assertThat(ask(server, second)).isEqualTo(200);

      String third = keycloak.token();
      keycloak.end();
      // Fetched again in vain, meanwhile.
      LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(6));
      assertThat(ask(server, second)).isEqualTo(200);
      assertThat(ask(server, third)).isEqualTo(200);
      assertThat(server.health("ready").status()).isEqualTo(200);
    }
  }

  private static int ask(PackagedServer server, String token) {
    return RawRequest.get(Api.USAGE).token(token).send(server.uri("/")).status();
  }

  private static String keyId(String token) throws IOException {
    byte[] header = Base64.getUrlDecoder().decode(token.substring(0, token.indexOf('.')));
    return new ObjectMapper().readTree(header).path("kid").asText();
  }
}
