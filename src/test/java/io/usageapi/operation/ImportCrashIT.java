package io.usageapi.operation;

import static io.usageapi.fixture.RatedRecord.FOCUS_HEADER;
import static io.usageapi.fixture.TestPostgres.one;
import static org.assertj.core.api.Assertions.assertThat;

import io.usageapi.fixture.PackagedServer;
import io.usageapi.fixture.TestPostgres;
import io.usageapi.fixture.Tokens;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The server or the database is killed while a file replaces another, and a reader reads all the
 * time: it sees the one file or the other. {@code -Dtest.usageapi.rounds=} makes it a longer drill.
 */
@Tag("drill")
@Tag("long")
class ImportCrashIT {
  private static final int ROWS = 8_000;
  private static final int ROUNDS = Integer.getInteger("test.usageapi.rounds", 3);
  private static final String FIRST = file(1);
  private static final String SECOND = file(2);

  /** What must be zero: sums that their records, or the rows of imports, do not add up to. */
  private static final String FAULTS =
      """
      SELECT
        (SELECT count(*) FROM (SELECT aggregate_id AS id, sum(total_amount) AS a
           FROM usage_record GROUP BY 1) AS r
         FULL JOIN monthly_usage m ON m.id = r.id WHERE r.a IS DISTINCT FROM m.total_amount)
        + (SELECT abs((SELECT sum(total_amount) FROM monthly_usage)
                    - (SELECT sum(total_amount) FROM daily_usage)))
        + (SELECT abs((SELECT sum(total_amount) FROM monthly_usage)
                    - (SELECT sum(total_amount * copies) FROM imported_row)))
        + (SELECT abs((SELECT sum(total_amount) FROM monthly_usage)
                    - (SELECT sum(total_amount) FROM import_sum)))
        + (SELECT abs((SELECT count(*) FROM usage_record) - (SELECT count(*) FROM record_identity)))
      """;

  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
  private final Random random = new Random(1);
  private final Set<String> seen = ConcurrentHashMap.newKeySet();
  private EmbeddedPostgres database;

  @Test
  void when_the_server_is_killed_during_a_replacement_the_import_is_the_old_file_or_the_new_one()
      throws Exception {
    database = TestPostgres.start(0);
    try (PackagedServer server = PackagedServer.start(database.getPort())) {
      drill(
          server,
          () -> {
            server.kill();
            server.start();
          });
    }
    database.close();
  }

  @Test
  void when_postgres_is_killed_during_a_replacement_the_import_is_the_old_file_or_the_new_one(
      @TempDir Path data) throws Exception {
    database = TestPostgres.start(0, data);
    int port = database.getPort();
    try (PackagedServer server = PackagedServer.start(port)) {
      drill(
          server,
          () -> {
            CrashIT.kill(data);
            database.close();
            database = TestPostgres.start(port, data);
          });
    }
    database.close();
  }

  private interface Disaster {
    void strike() throws Exception;
  }

  private void drill(PackagedServer server, Disaster disaster) throws Exception {
    assertThat(put(server, FIRST)).isEqualTo(200);
    long start = System.nanoTime();
    assertThat(put(server, SECOND)).isEqualTo(200);
    long millis = Duration.ofNanos(System.nanoTime() - start).toMillis();
    AtomicBoolean done = new AtomicBoolean();
    CompletableFuture<Void> reading = CompletableFuture.runAsync(() -> read(server, done));
    int broken = 0;
    for (int round = 0; round < ROUNDS; round++) {
      String file = round % 2 == 0 ? FIRST : SECOND;
      CompletableFuture<Integer> sent = CompletableFuture.supplyAsync(() -> put(server, file));
      Thread.sleep(millis * (1 + random.nextInt(9)) / 10);
      disaster.strike();
      broken += sent.get() == 200 ? 0 : 1;
      requireWhole();
    }
    assertThat(broken).as("files that were not answered").isPositive();
    while (put(server, FIRST) != 200) {
      Thread.sleep(200);
    }
    requireWhole();
    done.set(true);
    reading.get();
    assertThat(seen).contains(Integer.toString(ROWS)).isSubsetOf(sum(1), sum(2));
  }

  private static String sum(int cost) {
    return Integer.toString(cost * ROWS);
  }

  private void requireWhole() throws SQLException {
    String address = "jdbc:postgresql://localhost:" + database.getPort() + "/postgres";
    try (Connection connection = DriverManager.getConnection(address, "postgres", "")) {
      assertThat(one(connection, FAULTS)).matches("0([.]0*)?");
      assertThat(one(connection, "SELECT sum(total_amount) FROM monthly_usage"))
          .isIn(sum(1), sum(2));
    }
  }

  /** Reads the sum of the month as fast as it can. */
  private void read(PackagedServer server, AtomicBoolean done) {
    while (!done.get()) {
      try {
        HttpResponse<String> answer =
            http.send(
                request(server.uri("/express/usage/month/totals"), Tokens.reader("acme"))
                    .GET()
                    .build(),
                BodyHandlers.ofString());
        if (answer.statusCode() == 200) {
          boolean unused =
              seen.add(answer.body().replaceFirst("(?s).*\"total_amount\":([0-9.]+).*", "$1"));
        }
      } catch (IOException e) {
        // The server is down.
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private int put(PackagedServer server, String file) {
    try {
      return http.send(
              request(server.uri("/express/usage/imports/bill"), Tokens.writer("acme"))
                  .header("Content-Type", "text/csv")
                  .PUT(BodyPublishers.ofString(file))
                  .build(),
              BodyHandlers.ofString())
          .statusCode();
    } catch (IOException e) {
      return 0;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static HttpRequest.Builder request(URI address, String token) {
    return HttpRequest.newBuilder(address)
        .timeout(Duration.ofSeconds(60))
        .header("Authorization", "Bearer " + token);
  }

  /** Rows of a hundred products and ten days, each of the same cost. */
  private static String file(int cost) {
    return IntStream.range(0, ROWS)
        .mapToObj(
            i ->
                "acme,,acme-1,,sku-%d,,,,2026-09-%02dT00:00:%02dZ,EUR,GB,,1,%d\n"
                    .formatted(i % 100, 1 + i / 100 % 10, i % 60, cost))
        .collect(Collectors.joining("", FOCUS_HEADER, ""));
  }
}
