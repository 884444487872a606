package io.usageapi.limit;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import io.github.bucket4j.distributed.AsyncBucketProxy;
import io.github.bucket4j.distributed.proxy.optimization.DelayParameters;
import io.github.bucket4j.distributed.proxy.optimization.NopeOptimizationListener;
import io.github.bucket4j.distributed.proxy.optimization.Optimization;
import io.github.bucket4j.distributed.proxy.optimization.Optimizations;
import io.github.bucket4j.distributed.proxy.optimization.skiponzero.SkipSyncOnZeroOptimization;
import io.micrometer.core.instrument.Counter;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The requests of an organization, which all replicas count in one bucket of the database. While
 * the database does not answer, this replica counts alone.
 */
final class SharedBucket {
  private static final int SHARE = 100;
  private static final Duration FRESH = Duration.ofSeconds(1);

  private final BucketStore store;
  private final AsyncBucketProxy all;
  private final Bucket alone;
  private final Counter countedAlone;

  /**
   * Begins with a full bucket of its own, which counts what this replica lets through.
   *
   * @param all the bucket in the database
   * @param alone a full bucket of the same configuration
   */
  SharedBucket(BucketStore store, AsyncBucketProxy all, Bucket alone, Counter countedAlone) {
    this.store = store;
    this.all = all;
    this.alone = alone;
    this.countedAlone = countedAlone;
  }

  /**
   * How seldom the database is asked. A replica answers by a copy of the bucket that is at most a
   * second old, until the database has to be told of one in a hundred of the limit. So each replica
   * lets through at most so many beyond the limit; they count, and the bucket goes below zero. A
   * limit below a hundred is exact: only what is refused needs no database.
   */
  static Optimization optimization(long limit) {
    long untold = limit / SHARE;
    return untold == 0
        ? new SkipSyncOnZeroOptimization(
            NopeOptimizationListener.INSTANCE, TimeMeter.SYSTEM_MILLISECONDS)
        : Optimizations.delaying(new DelayParameters(untold, FRESH));
  }

  /**
   * Counts a request.
   *
   * @return whether it may be answered; completed at once, or on any thread within {@link
   *     BucketStore#deadline}; never fails
   */
  CompletableFuture<ConsumptionProbe> count() {
    if (!store.isAnswering()) {
      return CompletableFuture.completedFuture(alone());
    }
    return all.tryConsumeAndReturnRemaining(1)
        .whenComplete(
            (probe, failure) -> {
              if (failure == null && probe.isConsumed()) {
                alone.consumeIgnoringRateLimits(1);
              }
            })
        .orTimeout(store.deadline().toMillis(), TimeUnit.MILLISECONDS)
        .exceptionally(
            failure -> {
              if (failure instanceof TimeoutException) {
                store.pause(failure);
              }
              return alone();
            });
  }

  private ConsumptionProbe alone() {
    countedAlone.increment();
    return alone.tryConsumeAndReturnRemaining(1);
  }
}
