package io.usageapi.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.ConsumptionProbe;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.usageapi.fixture.TestPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Replicas that count in one bucket of a real database, within one process. */
class SharedBucketTest {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final long REPLICAS = 3;

  /** A busy machine must not make a replica count alone. */
  private static final Duration PATIENT = Duration.ofSeconds(20);

  private static String database;
  private static List<BucketStore> stores;

  @BeforeAll
  static void three_replicas() throws Exception {
    database = TestPostgres.createDatabase("limits");
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(
          Files.readString(Path.of("src/main/resources/db/migration/V6__limit_bucket.sql")));
    }
    stores = new ArrayList<>();
    for (int i = 0; i < REPLICAS; i++) {
      stores.add(store());
    }
  }

  @AfterAll
  static void stop() {
    stores.forEach(BucketStore::close);
  }

  private static Connection connect() throws SQLException {
    return DriverManager.getConnection("jdbc:" + database, "postgres", "");
  }

  private static BucketStore store() {
    Map<String, String> settings =
        Map.of(
            "quarkus.datasource.jdbc.url",
            "jdbc:" + database,
            "quarkus.datasource.username",
            "postgres");
    return new BucketStore(
        new SmallRyeConfigBuilder()
            .withSources(new PropertiesConfigSource(settings, "test", 1))
            .build(),
        PATIENT,
        new SimpleMeterRegistry());
  }

  private static SharedBucket bucket(BucketStore store, String key, int limit, Duration period) {
    BucketConfiguration configuration =
        BucketConfiguration.builder()
            .addLimit(each -> each.capacity(limit).refillGreedy(limit, period))
            .build();
    Bucket copy =
        Bucket.builder()
            .addLimit(each -> each.capacity(limit).refillGreedy(limit, period))
            .withNanosecondPrecision()
            .build();
    return new SharedBucket(
        store,
        store.bucket(key, configuration, SharedBucket.optimization(limit)),
        copy,
        counter(store));
  }

  private static Counter counter(BucketStore store) {
    return store.countedAlone("requests");
  }

  private static List<SharedBucket> everywhere(String key, int limit, Duration period) {
    return stores.stream().map(store -> bucket(store, key, limit, period)).toList();
  }

  private static ConsumptionProbe answer(CompletableFuture<ConsumptionProbe> counted)
      throws Exception {
    return counted.get(20, TimeUnit.SECONDS);
  }

  /**
   * Asks all replicas in turn without waiting for answers, and returns how many they let through.
   */
  private static long admitted(List<SharedBucket> replicas, int each) throws Exception {
    List<CompletableFuture<ConsumptionProbe>> asked = new ArrayList<>();
    for (int i = 0; i < each; i++) {
      replicas.forEach(replica -> asked.add(replica.count()));
    }
    long admitted = 0;
    for (CompletableFuture<ConsumptionProbe> one : asked) {
      admitted += answer(one).isConsumed() ? 1 : 0;
    }
    return admitted;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 40, 99, 100, 1_000, 5_000})
  void replicas_let_through_the_limit_and_one_in_a_hundred_more_for_each_at_most(int limit)
      throws Exception {
    List<SharedBucket> acme = everywhere("several " + limit, limit, HOUR);

    // First each has a copy, then all come at once.
    long admitted = admitted(acme, 1);
    admitted += admitted(acme, limit + 10);

    assertThat(admitted).isBetween((long) limit, (long) limit + REPLICAS * (limit / 100));
    ConsumptionProbe refused = answer(acme.get(0).count());
    assertThat(refused.isConsumed()).isFalse();
    assertThat(refused.getNanosToWaitForRefill()).isPositive();
    assertThat(admitted(everywhere("other " + limit, limit, HOUR), 1))
        .isEqualTo(Math.min(3, limit));
    assertThat(stores).allSatisfy(store -> assertThat(counter(store).count()).isZero());
  }

  /** A replica cannot exceed the limit again and again: what it let through beyond it counts. */
  @Test
  void in_the_long_run_no_more_is_let_through_than_is_refilled() throws Exception {
    int limit = 600;
    Duration period = Duration.ofSeconds(1);
    List<SharedBucket> acme = everywhere("long run", limit, period);
    long begun = System.nanoTime();
    long admitted = 0;
    while (System.nanoTime() - begun < TimeUnit.MILLISECONDS.toNanos(1_500)) {
      admitted += admitted(acme, 20);
      TimeUnit.MILLISECONDS.sleep(2);
    }
    long refilled = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun) * limit / 1_000;

    assertThat(admitted).isBetween(refilled / 2, limit + refilled + REPLICAS * (limit / 100) + 1);
  }

  @Test
  void buckets_that_are_full_again_are_deleted() throws Exception {
    List<SharedBucket> acme = everywhere("old", 5, HOUR);
    assertThat(admitted(acme, 1)).isEqualTo(REPLICAS);
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(
          "INSERT INTO limit_bucket SELECT 'full ' || i, NULL, i FROM generate_series(1, 5) i");
    }

    assertThat(stores.get(0).removeExpired(3).get()).isEqualTo(3);
    assertThat(stores.get(0).removeExpired(1_000).get()).isGreaterThanOrEqualTo(2);

    assertThat(answer(acme.get(0).count()).getRemainingTokens()).isEqualTo(1);
  }
}
