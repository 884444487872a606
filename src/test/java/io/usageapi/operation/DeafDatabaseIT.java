package io.usageapi.operation;

import static io.usageapi.fixture.Eventually.eventually;
import static io.usageapi.fixture.Organization.anOrganization;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;

import io.usageapi.fixture.Api;
import io.usageapi.fixture.Load;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.OwnServer;
import io.usageapi.fixture.PackagedServer;
import io.usageapi.fixture.RawRequest;
import io.usageapi.fixture.SlowClient;
import io.usageapi.fixture.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The database, or its name server, accepts requests and never answers. */
@Tag("drill")
@Tag("long")
class DeafDatabaseIT {
  private static final int POOL = 6;
  private static final int EXPORTS = 2;
  private static final String JSON = "application/hal+json";

  private static final SilentProxy PROXY = SilentProxy.beforeTheDatabase();

  /** Deadlines that a test can wait for. */
  @RegisterExtension
  static final OwnServer SERVER =
      OwnServer.with(
          "quarkus.datasource.reactive.url=" + PROXY.url(),
          "quarkus.datasource.reactive.max-size=" + POOL,
          "usage-api.database.read-timeout=500ms",
          "usage-api.database.write-timeout=1s",
          "usage-api.database.acquire-timeout=1s",
          "usage-api.export.max-concurrent=" + EXPORTS,
          "usage-api.export.max-per-organization=1");

  private final Organization acme = anOrganization();

  /** A silent connection would keep its locks during the tests that follow. */
  @AfterAll
  static void close_the_proxy() throws IOException {
    PROXY.close();
  }

  @AfterEach
  void hear() throws Exception {
    PROXY.deaf(false);
    eventually("it is ready", () -> SERVER.health("ready") == 200);
  }

  @Test
  void new_connections_without_an_answer_are_given_up_and_leave_nothing_behind() throws Exception {
    eventually("pages are answered", () -> page() == 200);
    Load load = pages(8);
    try (load) {
      PROXY.deaf(true);
      PROXY.goSilent();
      eventually("requests are refused", () -> load.answers(503) > 30);
      acme.asReader()
          .get(Api.USAGE)
          .then()
          .statusCode(503)
          .header("Retry-After", notNullValue())
          .body("code", equalTo("unavailable"));
      assertThat(SERVER.health("live")).isEqualTo(200);
      assertThat(SERVER.health("ready")).isEqualTo(503);
      assertThat(PROXY.open()).isLessThanOrEqualTo(POOL + EXPORTS);

      PROXY.deaf(false);
      int served = load.answers(200);
      eventually("pages are answered again", () -> load.answers(200) > served + 50);
    }
    assertThat(load.answers()).containsOnlyKeys("200", "503");
  }

  @Test
  void one_failed_request_replaces_all_dead_connections() throws Exception {
    Load load = pages(2 * POOL);
    try (load) {
      eventually("all connections are open", () -> PROXY.open() >= POOL);
    }
    PROXY.goSilent();

    assertThat(IntStream.range(0, 2 * POOL).map(i -> page()).filter(status -> status != 200))
        .as("requests that failed, of those sent one after the other")
        .hasSizeLessThanOrEqualTo(1);
  }

  @Test
  void an_abandoned_export_frees_its_place_though_the_database_is_silent() throws Exception {
    acme.hasAggregates(60_000);
    for (int i = 0; i < EXPORTS; i++) {
      SlowClient client = new SlowClient(SERVER.uri(), Api.USAGE, "text/csv", acme.reader());
      assertThat(export()).isEqualTo(429);
      PROXY.goSilent();
      client.vanish();
      eventually("another is answered", () -> export() == 200);
    }
  }

  @Test
  void a_server_lives_while_the_database_is_silent_and_migrates_later() throws Exception {
    try (SilentProxy own = new SilentProxy(TestPostgres.port())) {
      own.deaf(true);
      try (PackagedServer server =
          PackagedServer.startNotReady(
              own.port(),
              "-Dquarkus.datasource.reactive.url=" + own.url(),
              "-Dquarkus.datasource.jdbc.additional-jdbc-properties.socketTimeout=1")) {
        assertThat(server.health("ready").status()).isEqualTo(503);
        own.deaf(false);
        eventually("it is ready", () -> server.health("ready").status() == 200);
      }
    }
  }

  /** The hosts file becomes a pipe that nobody writes to. */
  @Test
  void the_server_lives_while_a_name_lookup_hangs_and_recovers(@TempDir Path directory)
      throws Exception {
    Path hosts = directory.resolve("hosts");
    String names = "127.0.0.1 localhost database.test\n";
    Files.writeString(hosts, names);
    try (SilentProxy own = new SilentProxy(TestPostgres.port());
        PackagedServer server =
            PackagedServer.start(
                own.port(),
                "-Djdk.net.hosts.file=" + hosts,
                "-Dsun.net.inetaddr.ttl=1",
                "-Dusage-api.database.acquire-timeout=1s",
                "-Dquarkus.datasource.reactive.url="
                    + own.url().replace("127.0.0.1", "database.test"))) {
      Path pipe = directory.resolve("pipe");
      assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
      Files.move(pipe, hosts, StandardCopyOption.REPLACE_EXISTING);
      Thread.sleep(1_500);
      own.cut();

      eventually("it is not ready", () -> server.health("ready").status() == 503);
      for (int i = 0; i < 10; i++) {
        assertThat(RawRequest.get(Api.USAGE).send(server.uri("/")).status()).isEqualTo(401);
        assertThat(server.health("live").status()).isEqualTo(200);
      }

      Path again = directory.resolve("again");
      Files.writeString(again, names);
      Files.move(hosts, pipe);
      Files.move(again, hosts);
      // Whoever waits now reads its end.
      Files.newOutputStream(pipe).close();
      eventually("it is ready again", () -> server.health("ready").status() == 200);
    }
  }

  private int page() {
    return SERVER.status(acme.get(Api.USAGE).accept(JSON));
  }

  private int export() {
    return SERVER.status(acme.get(Api.USAGE).accept("text/csv"));
  }

  private Load pages(int clients) {
    return new Load(clients, () -> acme.get(Api.USAGE).accept(JSON).http(SERVER.uri()));
  }
}
