package io.usageapi.operation;

import static io.usageapi.fixture.Eventually.eventually;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.KeyServer;
import io.usageapi.fixture.RemoteKeys;
import io.usageapi.fixture.ServerProfile;
import io.usageapi.fixture.TestKeys;
import io.usageapi.fixture.TestPostgres;
import io.usageapi.fixture.Tokens;
import io.usageapi.security.Scope;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The server is started with its database and its identity provider down. */
@QuarkusTest
@TestProfile(OutageTest.NothingThere.class)
class OutageTest {
  private static final String DATABASE = "test.usageapi.database-port";
  private static final String KEYS = "test.usageapi.keys-port";

  /** Everything is set, nothing is there. */
  public static class NothingThere implements ServerProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
      return RemoteKeys.NO_KEYS_OF_THE_FRAMEWORK;
    }

    @Override
    public List<TestResourceEntry> testResources() {
      return List.of(new TestResourceEntry(Addresses.class));
    }
  }

  /** Addresses nobody listens at, yet. */
  public static class Addresses implements QuarkusTestResourceLifecycleManager {
    @Override
    public Map<String, String> start() {
      int database = freePort();
      int keys = freePort();
      return Map.of(
          "quarkus.datasource.reactive.url",
          "postgresql://localhost:" + database + "/postgres",
          "quarkus.datasource.username",
          "postgres",
          "quarkus.flyway.migrate-at-start",
          "true",
          "mp.jwt.verify.publickey.location",
          "http://localhost:" + keys + "/jwks",
          "mp.jwt.verify.issuer",
          Tokens.ISSUER,
          "mp.jwt.verify.audiences",
          Tokens.AUDIENCE,
          DATABASE,
          Integer.toString(database),
          KEYS,
          Integer.toString(keys));
    }

    private static int freePort() {
      try (ServerSocket socket = new ServerSocket(0)) {
        return socket.getLocalPort();
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }

    @Override
    public void stop() {}
  }

  @Test
  void it_starts_lives_answers_503_and_recovers_by_itself(@TempDir Path data) throws Exception {
    Api.anonymous().get("/q/health/live").then().statusCode(200);
    Api.anonymous().get("/q/health/ready").then().statusCode(503);
    unavailable();

    KeyServer keys = new KeyServer(port(KEYS));
    eventually("tokens are verified", () -> page().statusCode() != 401);
    Api.anonymous().get("/q/health/ready").then().statusCode(503);
    unavailable();

    EmbeddedPostgres database = TestPostgres.start(port(DATABASE), data);
    eventually("it is ready", () -> ready() == 200);
    page().then().statusCode(200).body("count", equalTo(0));
    // Keys once known serve on.
    keys.close();
    page().then().statusCode(200);

    database.close();
    unavailable();
    Api.anonymous().get("/q/health/live").then().statusCode(200);
    eventually("it is not ready", () -> ready() == 503);

    database = TestPostgres.start(port(DATABASE), data);
    eventually("it is ready again", () -> ready() == 200);
    page().then().statusCode(200);
    database.close();
  }

  private static void unavailable() {
    page()
        .then()
        .statusCode(503)
        .header("Retry-After", notNullValue())
        .body("code", equalTo("unavailable"));
  }

  private static int ready() {
    return Api.anonymous().get("/q/health/ready").statusCode();
  }

  private static Response page() {
    String token =
        Tokens.claims(Scope.USAGE_READ)
            .claim("org_id", "acme")
            .jws()
            .keyId(KeyServer.KEY_ID)
            .sign(TestKeys.privateKey());
    return Api.as(token).get(Api.USAGE);
  }

  private static int port(String setting) {
    return ConfigProvider.getConfig().getValue(setting, Integer.class);
  }
}
