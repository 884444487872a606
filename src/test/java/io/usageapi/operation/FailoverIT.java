package io.usageapi.operation;

import static io.usageapi.fixture.Eventually.eventually;
import static io.usageapi.fixture.Organization.anOrganization;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static org.assertj.core.api.Assertions.assertThat;

import io.restassured.RestAssured;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Load;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.PackagedServer;
import io.usageapi.fixture.RatedRecord;
import io.usageapi.fixture.TestPostgres;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The database fails over under load, as a cluster manager does it: the primary becomes read-only,
 * the standby is promoted, and the address leads to it. Open connections stay open.
 */
@Tag("drill")
class FailoverIT {
  private static final Duration RECOVERY = Duration.ofSeconds(30);

  private final Organization acme = anOrganization();
  private final AtomicInteger sent = new AtomicInteger();
  private PackagedServer server;

  @AfterEach
  void reset() {
    RestAssured.reset();
  }

  /** The server knows the addresses of both. */
  @Test
  void a_promotion_under_load_is_503_at_worst_and_no_record_is_lost_or_doubled(
      @TempDir Path old, @TempDir Path young) throws Exception {
    promote(true, old, young);
  }

  @Test
  @Tag("long")
  void it_is_the_same_behind_one_address(@TempDir Path old, @TempDir Path young) throws Exception {
    promote(false, old, young);
  }

  private void promote(boolean severalHosts, Path old, Path young) throws Exception {
    try (EmbeddedPostgres primary = Standby.primary(old.resolve("data"));
        EmbeddedPostgres standby = Standby.of(primary, old.resolve("data"), young.resolve("data"));
        SilentProxy proxy = new SilentProxy(primary.getPort())) {
      String other = "postgresql://127.0.0.1:" + standby.getPort() + "/postgres";
      try (PackagedServer started =
          PackagedServer.start(
              primary.getPort(),
              "-Dquarkus.datasource.jdbc.url=jdbc:" + proxy.url(),
              "-Dquarkus.datasource.reactive.url="
                  + (severalHosts ? other + "," + proxy.url() : proxy.url()))) {
        server = started;
        RestAssured.baseURI = "http://localhost";
        RestAssured.port = server.uri("/").getPort();
        acme.account();
        failOver(primary, standby, severalHosts ? () -> {} : () -> proxy.to(standby.getPort()));
        everythingCountsOnce(standby);
      }
    }
  }

  private void failOver(EmbeddedPostgres primary, EmbeddedPostgres standby, Runnable follow)
      throws Exception {
    Load pages = new Load(4, () -> acme.get(Api.USAGE).http(server.uri("/")));
    Load senders =
        new Load(4, () -> acme.post(record(sent.incrementAndGet())).http(server.uri("/")));
    try (pages;
        senders) {
      eventually("records are taken", () -> senders.answers(200) > 50);

      fence(primary);
      eventually("records are refused", () -> senders.answers(503) > 10);
      // As a page, a probe may get a connection at the moment it is dropped.
      eventually("it is ready", () -> server.health("ready").status() == 200);
      eventually(
          "readiness says so", () -> server.health("ready").text().contains("\"read_only\": true"));
      promote(primary, standby);
      long promoted = System.nanoTime();
      follow.run();

      int before = senders.answers(200);
      eventually("records are taken again", RECOVERY, () -> senders.answers(200) > before + 50);
      System.out.printf(
          "drill: a promotion: records are taken again after %d ms%n",
          (System.nanoTime() - promoted) / 1_000_000);
      eventually("nobody reads the old one", RECOVERY, () -> connections(primary) == 0);
      System.out.printf(
          "drill: a promotion: nobody reads the old one after %d ms%n",
          (System.nanoTime() - promoted) / 1_000_000);
      eventually(
          "readiness says so",
          () -> server.health("ready").text().contains("\"read_only\": false"));
      primary.close();
      int after = pages.answers(200);
      eventually("pages are answered", () -> pages.answers(200) > after + 50);
    }
    System.out.println("drill: a promotion: pages " + pages + ", records " + senders);
    // A page may get a connection at the moment it is dropped.
    assertThat(pages.answers().keySet()).isSubsetOf("200", "503");
    assertThat(senders.answers().keySet()).isSubsetOf("200", "503");
  }

  /** Makes the primary read-only. */
  private static void fence(EmbeddedPostgres primary) throws SQLException {
    try (Connection connection = TestPostgres.connect(primary);
        Statement statement = connection.createStatement()) {
      statement.execute("ALTER SYSTEM SET default_transaction_read_only = on");
    }
    assertThat(one(primary, "SELECT pg_reload_conf()")).isEqualTo("t");
  }

  /** Promotes the standby once it has everything that was written. */
  private static void promote(EmbeddedPostgres primary, EmbeddedPostgres standby) throws Exception {
    eventually(
        "all writes have ended",
        () ->
            one(primary, "SELECT count(*) FROM pg_stat_activity WHERE backend_xid IS NOT NULL")
                .equals("0"));
    String end = one(primary, "SELECT pg_current_wal_lsn()");
    eventually(
        "the standby has everything",
        () -> one(standby, "SELECT pg_last_wal_replay_lsn() >= '" + end + "'::pg_lsn").equals("t"));
    assertThat(one(standby, "SELECT pg_promote(true, 30)")).isEqualTo("t");
  }

  /** How many connections the server has, without those of the migration. */
  private static int connections(EmbeddedPostgres postgres) throws SQLException {
    return Integer.parseInt(
        one(
            postgres,
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'vertx-pg-client'"));
  }

  private void everythingCountsOnce(EmbeddedPostgres database) throws SQLException {
    String all = Integer.toString(sent.get());
    acme.streams(IntStream.rangeClosed(1, sent.get()).mapToObj(this::record));
    assertThat(Api.sum(acme.walk(), "number_of_units")).isEqualByComparingTo(all);
    assertThat(one(database, "SELECT count(*) FROM usage_record")).isEqualTo(all);
  }

  private RatedRecord record(int id) {
    return aRecord().id(Integer.toString(id));
  }

  private static String one(EmbeddedPostgres postgres, String sql) throws SQLException {
    try (Connection connection = TestPostgres.connect(postgres)) {
      return TestPostgres.one(connection, sql);
    }
  }
}
