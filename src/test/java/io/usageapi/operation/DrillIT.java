package io.usageapi.operation;

import static io.usageapi.fixture.Eventually.eventually;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static org.assertj.core.api.Assertions.assertThat;

import io.usageapi.fixture.Api;
import io.usageapi.fixture.Load;
import io.usageapi.fixture.PackagedServer;
import io.usageapi.fixture.RawRequest;
import io.usageapi.fixture.SlowClient;
import io.usageapi.fixture.TestPostgres;
import io.usageapi.fixture.Tokens;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the packaged server does when things break under load. {@code .ci/run} runs a short form;
 * {@code docs/drills.md} has the commands of the long ones, and what came of them.
 */
@Tag("drill")
class DrillIT {
  private static final int CLIENTS = Integer.getInteger("test.usageapi.clients", 16);
  private static final int SECONDS = Integer.getInteger("test.usageapi.seconds", 2);
  private static final int IDLE = Integer.getInteger("test.usageapi.idle", 300);

  /** No more than may send records at once. */
  private static final int WRITERS = Math.min(CLIENTS, 8);

  /** Connections of the server's pool, and those for short reads. */
  private static final int POOL = 8;

  private static final int PIPELINED = 2;

  private static EmbeddedPostgres postgres;
  private static PackagedServer server;

  @BeforeAll
  static void start() throws Exception {
    postgres = TestPostgres.start(0);
    server =
        server(
            postgres.getPort(),
            "-Dusage-api.body-timeout=" + (SECONDS + 1) + "s",
            "-Dusage-api.export.client-timeout=" + (SECONDS + 1) + "s");
  }

  @AfterAll
  static void stop() throws IOException {
    server.close();
    postgres.close();
  }

  @Test
  void while_postgres_is_gone_it_is_503_and_alive_and_recovers_by_itself(@TempDir Path data)
      throws Exception {
    EmbeddedPostgres killed = TestPostgres.start(0, data);
    try (PackagedServer server = server(killed.getPort())) {
      Load load = new Load(CLIENTS, () -> page(server, "acme"));
      try (load) {
        eventually("pages are answered", () -> load.answers(200) > CLIENTS);
        killed.close();
        eventually("it is not ready", () -> ready(server) == 503);
        int before = load.answers(503);
        passes(server);
        assertThat(load.answers(503)).isGreaterThan(before);

        try (EmbeddedPostgres restarted = TestPostgres.start(killed.getPort(), data)) {
          eventually("it is ready again", () -> ready(server) == 200);
          int served = load.answers(200);
          eventually("pages are answered again", () -> load.answers(200) > served + CLIENTS);
          assertThat(restarted.getPort()).isEqualTo(killed.getPort());
        }
      }
      say("Postgres gone and back", load);
      assertThat(load.answers()).containsOnlyKeys("200", "503");
    }
  }

  @Test
  void while_postgres_is_slow_requests_end_in_their_deadline_and_the_queue_is_bounded()
      throws Exception {
    Load load = new Load(CLIENTS, () -> page(server, "acme"));
    try (load) {
      eventually("pages are answered", () -> load.answers(200) > CLIENTS);
      try (Connection connection = TestPostgres.connect(postgres);
          Statement statement = connection.createStatement()) {
        connection.setAutoCommit(false);
        boolean unused = statement.execute("LOCK TABLE monthly_usage IN ACCESS EXCLUSIVE MODE");
        eventually("requests run into their deadline", () -> load.answers(503) > CLIENTS);
        passes(server);
        assertThat(connectionsOfTheServer()).isLessThanOrEqualTo(POOL + PIPELINED);
        connection.rollback();
      }
      int served = load.answers(200);
      eventually("pages are answered again", () -> load.answers(200) > served + CLIENTS);
      eventually("it is ready", () -> ready(server) == 200);
    }
    say("Postgres slow", load);
    assertThat(load.answers()).containsOnlyKeys("200", "503");
  }

  @Test
  @Tag("long")
  void while_postgres_has_no_connection_left_it_is_503_and_recovers_by_itself() throws Exception {
    List<Connection> taken = new ArrayList<>();
    try (EmbeddedPostgres small = TestPostgres.startWithConnections(20);
        PackagedServer server =
            server(small.getPort(), "-Dquarkus.datasource.reactive.idle-timeout=1S")) {
      // The server lets its idle connections go; somebody else takes them all.
      takeAll(small, taken);
      eventually(
          "there is none for the server",
          () -> {
            takeAll(small, taken);
            return ready(server) == 503;
          });
      Load load = new Load(CLIENTS, () -> page(server, "acme"));
      try (load) {
        eventually("pages are refused", () -> load.answers(503) > CLIENTS);
        passes(server);
        for (Connection each : taken) {
          each.close();
        }
        eventually("pages are answered", () -> load.answers(200) > CLIENTS);
        assertThat(ready(server)).isEqualTo(200);
      }
      say("Postgres without connections", load);
      assertThat(load.answers()).containsOnlyKeys("200", "503");
    }
  }

  @Test
  void idle_connections_and_halves_of_requests_keep_nobody_from_being_served() throws Exception {
    List<Socket> idle = new ArrayList<>();
    try {
      long before = server.residentKib();
      URI address = server.uri("/");
      for (int i = 0; i < IDLE; i++) {
        Socket socket = new Socket(address.getHost(), address.getPort());
        if (i % 2 == 0) {
          socket
              .getOutputStream()
              .write("GET / HTTP/1.1\r\nHost:".getBytes(StandardCharsets.US_ASCII));
        }
        idle.add(socket);
      }
      Load load = new Load(2, () -> page(server, "acme"));
      try (load) {
        passes(server);
        eventually("pages are answered", () -> load.answers(200) > 2);
        assertThat(ready(server)).isEqualTo(200);
      }
      say(
          IDLE + " idle connections, " + (server.residentKib() - before) / IDLE + " KiB each",
          load);
      assertThat(load.answers()).containsOnlyKeys("200");
    } finally {
      for (Socket each : idle) {
        each.close();
      }
    }
  }

  private static boolean exportsTwice(URI address) throws IOException {
    String token = Tokens.reader("slow");
    try (SlowClient one = new SlowClient(address, Api.USAGE, "text/csv", token);
        SlowClient two = new SlowClient(address, Api.USAGE, "text/csv", token)) {
      one.vanish();
      two.vanish();
      return true;
    } catch (IllegalStateException e) {
      return false;
    }
  }

  @Test
  void clients_that_send_or_read_byte_by_byte_are_cut_off_and_hold_up_nobody() throws Exception {
    List<Socket> senders = new ArrayList<>();
    List<SlowClient> readers = new ArrayList<>();
    try {
      URI address = server.uri("/");
      provision(server, "slow");
      store("slow", 60_000);
      RawRequest post =
          RawRequest.of("POST", Api.RECORDS)
              .token(Tokens.writer("slow"))
              .body("application/x-ndjson", "{\"id\"");
      for (int i = 0; i < 4; i++) {
        senders.add(post.sendWithoutEnd(address, RawRequest.Framing.CHUNKED));
      }
      for (int i = 0; i < 2; i++) {
        readers.add(new SlowClient(address, Api.USAGE, "text/csv", Tokens.reader("slow")));
      }
      Load load = new Load(2, () -> page(server, "acme"));
      try (load) {
        List<Socket> waiting = new ArrayList<>(senders);
        eventually(
            "each sender is told that it is too slow",
            () -> {
              // A byte a second each.
              LockSupport.parkNanos(1_000_000_000L);
              for (Socket sender : List.copyOf(waiting)) {
                if (sender.getInputStream().available() > 0) {
                  byte[] line = sender.getInputStream().readNBytes("HTTP/1.1 408".length());
                  assertThat(new String(line, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 408");
                  waiting.remove(sender);
                } else {
                  sender.getOutputStream().write("1\r\n \r\n".getBytes(StandardCharsets.US_ASCII));
                }
              }
              return waiting.isEmpty();
            });
        // Not before: what a reader is still sent must not be read.
        eventually("exports are free again, both of them", () -> exportsTwice(address));
        for (SlowClient reader : readers) {
          assertThat(reader.rest()).doesNotEndWith("\r\n0\r\n\r\n");
        }
      }
      say("clients of a byte a second", load);
      assertThat(load.answers()).containsOnlyKeys("200");
    } finally {
      for (Socket each : senders) {
        each.close();
      }
      for (SlowClient each : readers) {
        each.close();
      }
    }
  }

  @Test
  void while_one_organization_floods_another_is_served() throws Exception {
    Load flood = new Load(4 * CLIENTS, () -> page(server, "flooding"));
    Load other = new Load(1, () -> page(server, "acme"));
    try (flood;
        other) {
      passes(server);
      eventually("the other is served", () -> other.answers(200) > SECONDS);
    }
    say("the flood", flood);
    say("the other organization meanwhile", other);
    assertThat(other.answers()).containsOnlyKeys("200");
    assertThat(connectionsOfTheServer()).isLessThanOrEqualTo(POOL + PIPELINED);
  }

  @Test
  void at_sigterm_what_is_in_flight_is_answered_and_every_record_is_there() throws Exception {
    AtomicInteger sent = new AtomicInteger();
    try (PackagedServer ending = server(postgres.getPort(), "-Dquarkus.shutdown.delay=1s")) {
      provision(ending, "ending");
      Load load = new Load(WRITERS, () -> record(ending, "ending", sent.incrementAndGet()));
      try (load) {
        eventually("records are taken in", () -> load.answers(200) > 4 * CLIENTS);
        ending.terminate();
        // A load balancer goes by this.
        eventually("it is not ready", () -> ready(ending) == 503);
      }
      ending.awaitEnd();
      say("SIGTERM under load", load);
      assertThat(load.answers()).containsOnlyKeys("200");
      assertThat(load.answers(200)).isEqualTo(sent.get());
    }
    String all = Integer.toString(sent.get());
    assertThat(one("SELECT count(*) FROM record_identity WHERE organization_id = 'ending'"))
        .isEqualTo(all);
    assertThat(
            one("SELECT sum(number_of_units) FROM monthly_usage WHERE organization_id = 'ending'"))
        .isEqualTo(all);
  }

  private static PackagedServer server(int databasePort, String... options) throws Exception {
    List<String> all =
        new ArrayList<>(
            List.of(
                "-Dquarkus.datasource.reactive.max-size=" + POOL,
                "-Dusage-api.database.pipelined-connections=" + PIPELINED,
                "-Dquarkus.datasource.reactive.additional-properties.application_name=drill",
                "-Dusage-api.database.read-timeout=" + SECONDS + "s",
                "-Dusage-api.database.acquire-timeout=" + SECONDS + "s"));
    all.addAll(List.of(options));
    return PackagedServer.start(databasePort, all.toArray(String[]::new));
  }

  /** Time, in which it is alive, whatever else happens. */
  private static void passes(PackagedServer server) {
    long end = System.nanoTime() + SECONDS * 1_000_000_000L;
    while (System.nanoTime() < end) {
      assertThat(server.health("live").status()).isEqualTo(200);
      LockSupport.parkNanos(100_000_000L);
    }
  }

  private static int ready(PackagedServer server) {
    return server.health("ready").status();
  }

  private static HttpRequest page(PackagedServer server, String organization) {
    return RawRequest.get(Api.USAGE).token(TOKENS.get(organization)).http(server.uri("/"));
  }

  private static final Map<String, String> TOKENS =
      Map.of("acme", Tokens.reader("acme"), "flooding", Tokens.reader("flooding"));

  private static final String OPERATOR = Tokens.operator();

  private static HttpRequest record(PackagedServer server, String account, int id) {
    return RawRequest.of("POST", Api.RECORDS)
        .token(OPERATOR)
        .body("application/x-ndjson", aRecord().id(Integer.toString(id)).account(account).json())
        .http(server.uri("/"));
  }

  private static void provision(PackagedServer server, String account) {
    server.accepts(
        "PUT", Api.ACCOUNTS + "/" + account, "{\"organization_id\":\"" + account + "\"}");
  }

  private static void store(String organization, int count) throws SQLException {
    try (Connection connection = TestPostgres.connect(postgres)) {
      TestPostgres.storeAggregates(connection, organization, organization, count);
    }
  }

  private static void takeAll(EmbeddedPostgres database, List<Connection> taken) {
    try {
      while (taken.size() < 100) {
        taken.add(TestPostgres.connect(database));
      }
    } catch (SQLException e) {
      assertThat(e.getSQLState()).isEqualTo("53300");
    }
  }

  private static int connectionsOfTheServer() throws SQLException {
    return Integer.parseInt(
        one(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'drill' AND query"
                + " LIKE '%monthly_usage%'"));
  }

  private static String one(String sql) throws SQLException {
    try (Connection connection = TestPostgres.connect(postgres)) {
      return TestPostgres.one(connection, sql);
    }
  }

  private static void say(String what, Load load) {
    System.out.println("drill: " + what + ": " + load);
  }
}
