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
import io.github.bucket4j.BucketListener;
import io.github.bucket4j.distributed.AsyncBucketProxy;
import io.github.bucket4j.distributed.ExpirationAfterWriteStrategy;
import io.github.bucket4j.distributed.jdbc.PrimaryKeyMapper;
import io.github.bucket4j.distributed.proxy.AsyncCommandExecutor;
import io.github.bucket4j.distributed.proxy.DefaultAsyncBucketProxy;
import io.github.bucket4j.distributed.proxy.RecoveryStrategy;
import io.github.bucket4j.distributed.proxy.optimization.Optimization;
import io.github.bucket4j.distributed.remote.CommandResult;
import io.github.bucket4j.distributed.remote.RemoteCommand;
import io.github.bucket4j.distributed.remote.Request;
import io.github.bucket4j.distributed.remote.commands.CreateInitialStateAndExecuteCommand;
import io.github.bucket4j.distributed.versioning.Versions;
import io.github.bucket4j.postgresql.Bucket4jPostgreSQL.PostgreSQLSelectForUpdateBasedProxyManagerBuilder;
import io.github.bucket4j.postgresql.PostgreSQLSelectForUpdateBasedProxyManager;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.usageapi.database.migration.MigrationConnection;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
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
  private static final ExpirationAfterWriteStrategy UNTIL_FULL =
      ExpirationAfterWriteStrategy.basedOnTimeForRefillingBucketUpToMax(Duration.ofSeconds(10));

  private final AgroalDataSource connections;
  private final PostgreSQLSelectForUpdateBasedProxyManager<String> buckets;
  private final ThreadPoolExecutor threads;
  private final MeterRegistry registry;

  private final Duration deadline;
  private volatile boolean failed;
  private volatile long failedAt;

  @Inject
  BucketStore(Config settings, LimitConfig limits, MeterRegistry registry) {
    this(settings, limits.sharedTimeout(), registry);
  }

  BucketStore(Config settings, Duration deadline, MeterRegistry registry) {
    this.registry = registry;
    this.deadline = deadline;
    this.connections = connections(settings);
    this.buckets =
        new PostgreSQLSelectForUpdateBasedProxyManagerBuilder<>(
                connections, PrimaryKeyMapper.STRING)
            .table("limit_bucket")
            .requestTimeout(deadline)
            .expirationAfterWrite(UNTIL_FULL)
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

  private AgroalDataSource connections(Config settings) {
    return new DataSource(
        new AgroalDataSourceConfigurationSupplier()
            .connectionPoolConfiguration(
                pool ->
                    pool.maxSize(CONNECTIONS)
                        .acquisitionTimeout(deadline)
                        .reapTimeout(IDLE)
                        .maxLifetime(LIFETIME)
                        .exceptionSorter(new PostgreSQLExceptionSorter())
                        .connectionFactoryConfiguration(
                            connection -> connect(connection, settings)))
            .get());
  }

  /** As migrations do, but with deadlines of its own. */
  private AgroalConnectionFactoryConfigurationSupplier connect(
      AgroalConnectionFactoryConfigurationSupplier connection, Config settings) {
    for (String name : settings.getPropertyNames()) {
      if (name.startsWith(PROPERTIES) && !name.equals(PROPERTIES + "options")) {
        value(settings, name)
            .ifPresent(
                value -> connection.jdbcProperty(name.substring(PROPERTIES.length()), value));
      }
    }
    String seconds = Long.toString(Math.max(1, deadline.toSeconds()));
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
            .formatted(deadline.toMillis()));
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

  /**
   * A bucket; without one in the database, it is a full one. What it returns fails at once while
   * the database is not asked, and completes on any thread.
   */
  AsyncBucketProxy bucket(
      String key, BucketConfiguration configuration, Optimization optimization) {
    return new DefaultAsyncBucketProxy(
        optimization.apply(new Remote(key, configuration)),
        RecoveryStrategy.RECONSTRUCT,
        () -> CompletableFuture.completedFuture(configuration),
        null,
        BucketListener.NOPE);
  }

  /**
   * Executes commands of the library on a thread that may block. Each brings the bucket's
   * configuration: commands that the library put together would never end if it had to ask for one.
   */
  private final class Remote implements AsyncCommandExecutor {
    private final String key;
    private final BucketConfiguration configuration;

    private Remote(String key, BucketConfiguration configuration) {
      this.key = key;
      this.configuration = configuration;
    }

    @Override
    public <T> CompletableFuture<CommandResult<T>> executeAsync(RemoteCommand<T> command) {
      return call(
          () ->
              buckets.execute(
                  key,
                  new Request<>(
                      new CreateInitialStateAndExecuteCommand<>(configuration, command),
                      Versions.getLatest(),
                      null,
                      UNTIL_FULL)));
    }
  }

  /** How long a request waits for the database. */
  Duration deadline() {
    return deadline;
  }

  /** Whether the database may be asked: it did not fail within the last seconds. */
  boolean isAnswering() {
    return !failed || System.nanoTime() - failedAt > PAUSE.toNanos();
  }

  private <T> CompletableFuture<T> call(Supplier<T> work) {
    CompletableFuture<T> result = new CompletableFuture<>();
    if (!isAnswering()) {
      result.completeExceptionally(new RejectedExecutionException("the database did not answer"));
      return result;
    }
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
      boolean unused = threads.awaitTermination(deadline.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    connections.close();
  }
}
