package io.usageapi.operation;

import static io.restassured.path.json.config.JsonPathConfig.jsonPathConfig;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static io.usageapi.fixture.TestPostgres.one;
import static org.assertj.core.api.Assertions.assertThat;

import io.restassured.path.json.JsonPath;
import io.restassured.path.json.config.JsonPathConfig.NumberReturnType;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Eventually;
import io.usageapi.fixture.Mirror;
import io.usageapi.fixture.PackagedServer;
import io.usageapi.fixture.Page;
import io.usageapi.fixture.TestPostgres;
import io.usageapi.fixture.Tokens;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Four senders send overlapping bodies, each until it is answered, while the database or the server
 * is killed under them. A mirror follows what changes meanwhile. {@code -Dtest.usageapi.records=}
 * makes it a longer drill.
 */
@Tag("drill")
class CrashIT {
  private static final int RECORDS = Integer.getInteger("test.usageapi.records", 6_000);
  private static final int RECORDS_OF_A_BODY = 400;
  private static final int SENDERS = 4;
  private static final int ACCOUNTS = 20;
  private static final int ORGANIZATIONS = 4;
  private static final String DISASTER = "test.usageapi.disaster";

  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
  private final AtomicInteger answered = new AtomicInteger();
  private final AtomicInteger failed = new AtomicInteger();
  private EmbeddedPostgres restarted;

  @Test
  void when_postgres_is_killed_under_load_every_answered_record_counts_once(@TempDir Path data)
      throws Exception {
    EmbeddedPostgres killed = TestPostgres.start(0, data);
    int port = killed.getPort();
    try (PackagedServer server = PackagedServer.start(port)) {
      load(
          server,
          () -> {
            kill(data);
            // Only lets go of its directory: there is nothing left to stop.
            killed.close();
            restarted = TestPostgres.start(port, data);
          });
      requireWhole(port);
    }
    restarted.close();
  }

  @Test
  void when_the_server_is_killed_under_load_every_answered_record_counts_once() throws Exception {
    try (EmbeddedPostgres database = TestPostgres.start(0);
        PackagedServer server = PackagedServer.start(database.getPort())) {
      load(
          server,
          () -> {
            server.kill();
            server.start();
          });
      requireWhole(database.getPort());
    }
  }

  /**
   * {@code -Dtest.usageapi.disaster=} is a shell command that kills a node of the cluster and
   * starts it again.
   */
  @Test
  @EnabledIfSystemProperty(named = DISASTER, matches = ".+")
  void when_a_node_of_a_cluster_is_killed_under_load_every_answered_record_counts_once()
      throws Exception {
    String address = TestPostgres.createDatabase("crash");
    try (PackagedServer server =
        PackagedServer.start(
            TestPostgres.port(),
            "-Dquarkus.datasource.reactive.url=" + address,
            "-Dusage-api.database.distributed=" + TestPostgres.isDistributed())) {
      load(
          server,
          () -> {
            Process process =
                new ProcessBuilder("sh", "-c", System.getProperty(DISASTER)).inheritIO().start();
            assertThat(process.waitFor()).isZero();
          });
      requireWhole("jdbc:" + address);
    }
  }

  private interface Disaster {
    void strike() throws Exception;
  }

  private void load(PackagedServer server, Disaster disaster) throws Exception {
    for (int i = 0; i < ACCOUNTS; i++) {
      server.accepts(
          "PUT",
          Api.ACCOUNTS + "/a" + i,
          "{\"organization_id\":\"acme-%d\"}".formatted(i % ORGANIZATIONS));
    }
    ExecutorService senders = Executors.newFixedThreadPool(SENDERS);
    List<Future<?>> sending = new ArrayList<>();
    for (int sender = 0; sender < SENDERS; sender++) {
      long seed = sender;
      sending.add(senders.submit(() -> sendAll(server, new Random(seed))));
    }
    Mirror mirror = mirror(server);
    mirror.readAll();
    int third = RECORDS / RECORDS_OF_A_BODY;
    Eventually.eventually(
        "a good part is answered",
        () -> {
          mirror.read();
          return answered.get() >= third;
        });
    disaster.strike();
    for (Future<?> each : sending) {
      while (!each.isDone()) {
        mirror.read();
      }
      each.get();
    }
    senders.shutdown();
    assertThat(failed).as("bodies that were not answered, and sent again").hasPositiveValue();
    assertThat(mirror.readAll().rows())
        .as("what a mirror has that followed the changes")
        .isNotEmpty()
        .isEqualTo(mirror(server).readAll().rows());
  }

  private Mirror mirror(PackagedServer server) {
    return new Mirror(
        () -> read(server.uri(Api.USAGE + "?per_page=7")), href -> read(URI.create(href)));
  }

  /** Reads a page, however often it takes. */
  private Page read(URI page) {
    String reader = Tokens.reader("acme-0");
    HttpRequest get =
        HttpRequest.newBuilder(page).header("Authorization", "Bearer " + reader).build();
    while (true) {
      try {
        HttpResponse<String> response = http.send(get, BodyHandlers.ofString());
        if (response.statusCode() == 200) {
          return new Page(
              reader,
              new JsonPath(response.body())
                  .using(jsonPathConfig().numberReturnType(NumberReturnType.BIG_DECIMAL)));
        }
        assertThat(response.statusCode()).as(response.body()).isEqualTo(503);
      } catch (IOException e) {
        // The server is down.
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** All bodies, in an order of its own: half of each is also in the one that follows. */
  private void sendAll(PackagedServer server, Random random) {
    List<Integer> starts =
        IntStream.iterate(0, start -> start < RECORDS, start -> start + RECORDS_OF_A_BODY / 2)
            .boxed()
            .collect(Collectors.toCollection(ArrayList::new));
    Collections.shuffle(starts, random);
    for (int start : starts) {
      String body =
          IntStream.range(start, Math.min(start + RECORDS_OF_A_BODY, RECORDS))
              .mapToObj(CrashIT::line)
              .collect(Collectors.joining("\n"));
      boolean isAnswered = false;
      while (!isAnswered) {
        isAnswered = isAnswered(server, body);
      }
      int unused = answered.incrementAndGet();
    }
  }

  private boolean isAnswered(PackagedServer server, String body) {
    HttpRequest post =
        HttpRequest.newBuilder(server.uri(Api.RECORDS))
            .timeout(Duration.ofSeconds(60))
            .header("Authorization", "Bearer " + Tokens.operator())
            .header("Content-Type", "application/x-ndjson")
            .POST(BodyPublishers.ofString(body))
            .build();
    try {
      HttpResponse<String> response = http.send(post, BodyHandlers.ofString());
      if (response.statusCode() == 200) {
        assertThat(response.body()).contains("\"rejected\":0");
        return true;
      }
      assertThat(response.statusCode()).as(response.body()).isEqualTo(503);
    } catch (IOException e) {
      // Whether it was taken nobody knows: it is sent again.
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    int unused = failed.incrementAndGet();
    return false;
  }

  private static String line(int i) {
    return aRecord()
        .id("r" + i)
        .account("a" + i % ACCOUNTS)
        .of("p" + i % 3)
        .in("2026-0" + (1 + i % 9))
        .units(i)
        .amount(new BigDecimal("0." + (1 + i % 9)))
        .json();
  }

  private static void requireWhole(int port) throws SQLException {
    requireWhole("jdbc:postgresql://localhost:" + port + "/postgres");
  }

  private static void requireWhole(String address) throws SQLException {
    String sum = Long.toString((long) RECORDS * (RECORDS - 1) / 2);
    String all = Integer.toString(RECORDS);
    try (Connection connection = DriverManager.getConnection(address, "postgres", "")) {
      assertThat(one(connection, "SELECT count(*) FROM record_identity")).isEqualTo(all);
      assertThat(one(connection, "SELECT count(*) FROM usage_record")).isEqualTo(all);
      assertThat(one(connection, "SELECT sum(number_of_units) FROM monthly_usage")).isEqualTo(sum);
      assertThat(one(connection, "SELECT sum(number_of_units) FROM daily_usage")).isEqualTo(sum);
      assertThat(
              one(
                  connection,
                  """
                  SELECT count(*) FROM monthly_usage m
                  WHERE (number_of_units, total_amount) IS DISTINCT FROM (
                    SELECT (sum(r.number_of_units), sum(r.total_amount)) FROM usage_record r
                    WHERE r.organization_id = m.organization_id AND r.month = m.month
                      AND r.aggregate_id = m.id)
                  """))
          .isEqualTo("0");
    }
  }

  /** All its processes at once: nothing is flushed, nobody is told. */
  static void kill(Path data) throws IOException {
    Path pid = data.resolve("postmaster.pid");
    if (!Files.exists(pid)) {
      return;
    }
    ProcessHandle.of(Long.parseLong(Files.readAllLines(pid).get(0).trim()))
        .ifPresent(
            postmaster -> {
              List<ProcessHandle> all =
                  Stream.concat(Stream.of(postmaster), postmaster.descendants()).toList();
              all.forEach(ProcessHandle::destroyForcibly);
              all.forEach(process -> process.onExit().join());
            });
  }
}
