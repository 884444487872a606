package io.usageapi.operation;

import static io.usageapi.fixture.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;

import io.restassured.response.Response;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.KeyServer;
import io.usageapi.fixture.OwnServer;
import io.usageapi.fixture.PackagedServer;
import io.usageapi.fixture.RawRequest;
import io.usageapi.fixture.TestPostgres;
import io.usageapi.security.Scope;
import io.usageapi.telemetry.Scrape;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The server starts while its database and its identity provider are down. */
@Tag("drill")
class OutageIT {
  private static final int DATABASE_PORT = PackagedServer.freePort();
  private static final int KEYS_PORT = PackagedServer.freePort();

  /** Everything is configured, and nothing runs. */
  @RegisterExtension
  static final OwnServer SERVER =
      OwnServer.notReadyWith(
          "quarkus.datasource.reactive.url=postgresql://localhost:" + DATABASE_PORT + "/postgres",
          "mp.jwt.verify.publickey.location=http://localhost:" + KEYS_PORT + "/jwks");

  @Test
  void it_starts_lives_answers_503_and_recovers_by_itself(@TempDir Path data) throws Exception {
    assertThat(SERVER.health("live")).isEqualTo(200);
    assertThat(SERVER.health("ready")).isEqualTo(503);
    unavailable();
    assertThat(keysFetchedAt()).isNaN();

    KeyServer keys = new KeyServer(KEYS_PORT);
    eventually("tokens are verified", () -> page().statusCode() != 401);
    assertThat(keysFetchedAt()).isGreaterThan(Instant.now().getEpochSecond() - 60.0);
    assertThat(SERVER.health("ready")).isEqualTo(503);
    unavailable();

    EmbeddedPostgres database = TestPostgres.start(DATABASE_PORT, data);
    eventually("it is ready", () -> SERVER.health("ready") == 200);
    page().then().statusCode(200).body("count", equalTo(0));
    // The server goes on with the keys it knows.
    keys.close();
    page().then().statusCode(200);

    database.close();
    unavailable();
    assertThat(SERVER.health("live")).isEqualTo(200);
    eventually("it is not ready", () -> SERVER.health("ready") == 503);

    database = TestPostgres.start(DATABASE_PORT, data);
    eventually("it is ready again", () -> SERVER.health("ready") == 200);
    page().then().statusCode(200);
    database.close();
  }

  private static double keysFetchedAt() {
    return Scrape.of(RawRequest.get("/q/metrics").send(SERVER.management()).text())
        .sum("usage_api_token_keys_fetched_timestamp_seconds", Map.of());
  }

  private static void unavailable() {
    page()
        .then()
        .statusCode(503)
        .header("Retry-After", notNullValue())
        .body("code", equalTo("unavailable"));
  }

  private static Response page() {
    return Api.as(KeyServer.token(Scope.USAGE_READ, "acme")).get(Api.USAGE);
  }
}
