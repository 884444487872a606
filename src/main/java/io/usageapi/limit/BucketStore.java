package io.usageapi.limit;

import io.agroal.api.AgroalDataSource;
import io.agroal.api.AgroalDataSource.FlushMode;
import io.agroal.api.configuration.supplier.AgroalConnectionFactoryConfigurationSupplier;
import io.agroal.api.configuration.supplier.AgroalDataSourceConfigurationSupplier;
import io.agroal.api.exceptionsorter.PostgreSQLExceptionSorter;
import io.agroal.api.security.NamePrincipal;
import io.agroal.api.security.SimplePassword;
import io.agroal.pool.DataSource;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.distributed.BucketProxy;
import io.github.bucket4j.distributed.ExpirationAfterWriteStrategy;
import io.github.bucket4j.distributed.jdbc.PrimaryKeyMapper;
import io.github.bucket4j.postgresql.Bucket4jPostgreSQL;
import io.github.bucket4j.postgresql.PostgreSQLSelectForUpdateBasedProxyManager;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.usageapi.database.migration.MigrationConnection;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.eclipse.microprofile.config.Config;
import org.jboss.logging.Logger;

/**
 * Keeps the buckets of limits that all replicas share, in the database. The library speaks JDBC,
 * which blocks, so it works on a few threads of its own, each with a connection. If the database
 * does not answer in time, nobody asks it for a while, and each replica counts alone. Without
 * shared limits there is neither a thread nor a connection.
 */
@ApplicationScoped
public class BucketStore {
  /** How long a request waits for the database. */
  static final Duration DEADLINE = Duration.ofSeconds(1);

  /** How long nobody asks after a failure. */
  static final Duration PAUSE = Duration.ofSeconds(5);

  private static final Logger LOG = Logger.getLogger(BucketStore.class);
  private static final String JDBC = "quarkus.datasource.jdbc.";
  private static final String PROPERTIES = JDBC + "additional-jdbc-properties.";

  private static final int CONNECTIONS = 2;
  private static final int MAX_WAITING = 1_000;
  private static final Duration IDLE = Duration.ofMinutes(5);
  private static final Duration LIFETIME = Duration.ofMinutes(30);

  /** A full bucket is kept for a moment longer, as clocks differ. */
  private static final Duration KEPT_FULL = Duration.ofSeconds(10);

  private final AgroalDataSource connections;
  private final PostgreSQLSelectForUpdateBasedProxyManager<String> buckets;
  private final ThreadPoolExecutor threads;
  private final MeterRegistry registry;

  private volatile boolean failed;
  private volatile long failedAt;

  BucketStore(Config settings, MeterRegistry registry) {
    this.registry = registry;
    this.connections = connections(settings);
    this.buckets =
        new Bucket4jPostgreSQL.PostgreSQLSelectForUpdateBasedProxyManagerBuilder<>(
                connections, PrimaryKeyMapper.STRING)
            .table("limit_bucket")
            .requestTimeout(DEADLINE)
            .expirationAfterWrite(
                ExpirationAfterWriteStrategy.basedOnTimeForRefillingBucketUpToMax(KEPT_FULL))
            .build();
    AtomicInteger number = new AtomicInteger();
    this.threads =
        new ThreadPoolExecutor(
            CONNECTIONS,
            CONNECTIONS,
            1,
            TimeUnit.MINUTES,
            new LinkedBlockingQueue<>(MAX_WAITING),
            work -> {
              Thread thread = new Thread(work, "limits-" + number.getAndIncrement());
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
  }

  private static AgroalDataSource connections(Config settings) {
    return new DataSource(
        new AgroalDataSourceConfigurationSupplier()
            .connectionPoolConfiguration(
                pool ->
                    pool.maxSize(CONNECTIONS)
                        .acquisitionTimeout(DEADLINE)
                        .reapTimeout(IDLE)
                        .maxLifetime(LIFETIME)
                        .exceptionSorter(new PostgreSQLExceptionSorter())
                        .connectionFactoryConfiguration(
                            connection -> connect(connection, settings)))
            .get());
  }

  /** As migrations do, but with deadlines of its own. */
  private static AgroalConnectionFactoryConfigurationSupplier connect(
      AgroalConnectionFactoryConfigurationSupplier connection, Config settings) {
    for (String name : settings.getPropertyNames()) {
      if (name.startsWith(PROPERTIES) && !name.equals(PROPERTIES + "options")) {
        value(settings, name)
            .ifPresent(
                value -> connection.jdbcProperty(name.substring(PROPERTIES.length()), value));
      }
    }
    String seconds = Long.toString(DEADLINE.toSeconds());
    connection
        .connectionProviderClassName("org.postgresql.Driver")
        .jdbcUrl(settings.getValue(JDBC + "url", String.class))
        .jdbcProperty("ApplicationName", "usage-api-limits")
        .jdbcProperty("targetServerType", "primary")
        .jdbcProperty("connectTimeout", seconds)
        .jdbcProperty("loginTimeout", seconds)
        .jdbcProperty("socketTimeout", seconds)
        .jdbcProperty("cancelSignalTimeout", seconds);
    value(settings, "quarkus.datasource.username")
        .ifPresent(user -> connection.principal(new NamePrincipal(user)));
    value(settings, "quarkus.datasource.password")
        .ifPresent(password -> connection.credential(new SimplePassword(password)));
    if (settings
        .getOptionalValue(MigrationConnection.TRANSACTION_POOLER, Boolean.class)
        .orElse(false)) {
      // It passes no options on, and the next transaction may be in another session.
      return connection.jdbcProperty("prepareThreshold", "0");
    }
    // A row that a silent replica has locked is free again soon.
    return connection.jdbcProperty(
        "options",
        "-c statement_timeout=%1$d -c idle_in_transaction_session_timeout=%1$d"
            .formatted(DEADLINE.toMillis()));
  }

  private static Optional<String> value(Config settings, String name) {
    return Optional.ofNullable(settings.getConfigValue(name).getValue());
  }

  /** The counter of what this replica counted alone, though the limit is shared. */
  Counter countedAlone(String of) {
    return Counter.builder("usage_api.limits.counted_alone")
        .description("Counted by this replica alone, as the database did not answer")
        .tag("of", of)
        .register(registry);
  }

  /** A bucket; without one in the database, it is a full one. Its methods block. */
  BucketProxy bucket(String key, BucketConfiguration configuration) {
    return buckets.builder().build(key, () -> configuration);
  }

  /** Whether the database may be asked: it did not fail within the last seconds. */
  boolean isAnswering() {
    return !failed || System.nanoTime() - failedAt > PAUSE.toNanos();
  }

  /**
   * Works with buckets on a thread that may block.
   *
   * @return the result; fails at once while the database is not asked, and never completes later
   *     than a few statements may take
   */
  <T> CompletableFuture<T> call(Supplier<T> work) {
    CompletableFuture<T> result = new CompletableFuture<>();
    try {
      threads.execute(() -> complete(result, work));
    } catch (RejectedExecutionException e) {
      result.completeExceptionally(e);
    }
    return result;
  }

  private <T> void complete(CompletableFuture<T> result, Supplier<T> work) {
    if (!isAnswering()) {
      result.completeExceptionally(new RejectedExecutionException("the database did not answer"));
      return;
    }
    try {
      T value = work.get();
      failed = false;
      result.complete(value);
    } catch (RuntimeException | Error e) {
      pause(e);
      result.completeExceptionally(e);
    }
  }

  /** Leaves the database alone for a while. */
  void pause(Throwable failure) {
    boolean first = isAnswering();
    failedAt = System.nanoTime();
    failed = true;
    if (first) {
      LOG.warnf("Shared limits are counted by this replica alone for %s: %s", PAUSE, failure);
      // They may lead to a database that is silent, or a standby by now.
      connections.flush(FlushMode.GRACEFUL);
    }
  }

  /**
   * Deletes buckets that are full again.
   *
   * @param most how many at most
   * @return how many were deleted
   */
  CompletableFuture<Integer> removeExpired(int most) {
    return call(() -> buckets.removeExpired(most));
  }

  /** Gives places back that exports held to the end. */
  @PreDestroy
  void close() {
    threads.shutdown();
    try {
      boolean unused = threads.awaitTermination(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    connections.close();
  }
}
