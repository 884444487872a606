package io.usageapi.limit;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.VerboseBucket;
import io.github.bucket4j.VerboseResult;
import io.micrometer.core.instrument.Counter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The requests of an organization, which all replicas count in one bucket of the database. This
 * replica has a copy of it. It answers by the copy while that is fresh and holds few requests that
 * the database was not told of: one in a hundred of the limit. It tells the database of them in the
 * background. Any other request waits for the database; those that wait are told together. A
 * request that the copy refuses costs the database nothing.
 *
 * <p>Each replica so lets through at most one in a hundred of the limit beyond it. They count: the
 * bucket goes below zero, and all wait until it is refilled. A limit below a hundred is exact.
 */
final class SharedBucket {
  private static final int SHARE = 100;

  /** How old the copy may be when a request is answered by it, in nanoseconds. */
  private static final long FRESH = 1_000_000_000;

  private final BucketStore store;
  private final VerboseBucket all;
  private final Bucket copy;
  private final long limit;
  private final long mostUntold;
  private final Counter countedAlone;

  private final List<CompletableFuture<ConsumptionProbe>> waiting = new ArrayList<>();
  private long untold;
  private boolean telling;
  private int asking;
  private long toldAt = System.nanoTime() - FRESH;

  /**
   * Begins with a full copy.
   *
   * @param all the bucket in the database
   * @param copy a full bucket of the same configuration
   * @param limit its capacity
   */
  SharedBucket(
      BucketStore store, VerboseBucket all, Bucket copy, long limit, Counter countedAlone) {
    this.store = store;
    this.all = all;
    this.copy = copy;
    this.limit = limit;
    this.mostUntold = limit / SHARE;
    this.countedAlone = countedAlone;
  }

  /**
   * Counts a request.
   *
   * @return whether it may be answered; completed at once, or on any thread within {@link
   *     BucketStore#DEADLINE}; never fails
   */
  synchronized CompletableFuture<ConsumptionProbe> count() {
    if (!store.isAnswering()) {
      return CompletableFuture.completedFuture(alone());
    }
    long age = System.nanoTime() - toldAt;
    // Early, so that the next requests need not wait.
    if (untold > 0 && (2 * untold >= mostUntold || 2 * age > FRESH)) {
      tell();
    }
    int ahead = asking + waiting.size();
    if (copy.getAvailableTokens() <= ahead) {
      return CompletableFuture.completedFuture(refused(ahead));
    }
    if (untold < mostUntold && age < FRESH) {
      ConsumptionProbe probe = copy.tryConsumeAndReturnRemaining(1);
      untold += probe.isConsumed() ? 1 : 0;
      return CompletableFuture.completedFuture(probe);
    }
    CompletableFuture<ConsumptionProbe> answer = new CompletableFuture<>();
    waiting.add(answer);
    tell();
    return answer
        .orTimeout(BucketStore.DEADLINE.toMillis(), TimeUnit.MILLISECONDS)
        .exceptionally(
            failure -> {
              if (failure instanceof TimeoutException) {
                store.pause(failure);
              }
              return alone();
            });
  }

  /** The database would refuse it, too: the copy has at least as much as the bucket. */
  private ConsumptionProbe refused(int ahead) {
    long needed = Math.min(limit, ahead + 1L);
    return ConsumptionProbe.rejected(
        0,
        copy.estimateAbilityToConsume(needed).getNanosToWaitForRefill(),
        copy.estimateAbilityToConsume(limit).getNanosToWaitForRefill());
  }

  /** The database does not hear of it later: then everybody would wait for what nobody refused. */
  private synchronized ConsumptionProbe alone() {
    countedAlone.increment();
    return copy.tryConsumeAndReturnRemaining(1);
  }

  private void tell() {
    if (telling) {
      return;
    }
    telling = true;
    List<CompletableFuture<ConsumptionProbe>> asked = List.copyOf(waiting);
    waiting.clear();
    asking = asked.size();
    long told = untold;
    CompletableFuture<Void> unused =
        store
            .call(() -> told(told, asked.size()))
            .handle(
                (state, failure) -> {
                  if (failure == null) {
                    adopt(told, state, asked);
                  } else {
                    giveUp(failure, asked);
                  }
                  return null;
                });
  }

  /** The state of the bucket, and how many of those that ask it lets through. */
  private record Told(long left, long admitted) {}

  /** Blocks. */
  private Told told(long told, long asking) {
    long left = 0;
    if (told > 0) {
      left = all.consumeIgnoringRateLimits(told).getState().getAvailableTokens();
    }
    if (asking == 0) {
      return new Told(left, 0);
    }
    VerboseResult<Long> admitted = all.tryConsumeAsMuchAsPossible(asking);
    return new Told(admitted.getState().getAvailableTokens(), admitted.getValue());
  }

  private void adopt(long told, Told state, List<CompletableFuture<ConsumptionProbe>> asked) {
    List<ConsumptionProbe> answers = new ArrayList<>(asked.size());
    synchronized (this) {
      untold -= told;
      toldAt = System.nanoTime();
      long surplus = copy.getAvailableTokens() - (state.left() + state.admitted() - untold);
      if (surplus > 0) {
        copy.consumeIgnoringRateLimits(surplus);
      } else if (surplus < 0) {
        copy.forceAddTokens(-surplus);
      }
      long consumed = 0;
      for (int i = 0; i < asked.size(); i++) {
        ConsumptionProbe answer = copy.tryConsumeAndReturnRemaining(1);
        consumed += answer.isConsumed() ? 1 : 0;
        answers.add(answer);
      }
      // The copy may have been refilled meanwhile.
      untold += Math.max(0, consumed - state.admitted());
      telling = false;
      asking = 0;
      if (!waiting.isEmpty()) {
        tell();
      }
    }
    for (int i = 0; i < asked.size(); i++) {
      asked.get(i).complete(answers.get(i));
    }
  }

  private void giveUp(Throwable failure, List<CompletableFuture<ConsumptionProbe>> asked) {
    List<CompletableFuture<ConsumptionProbe>> unanswered = new ArrayList<>(asked);
    synchronized (this) {
      telling = false;
      asking = 0;
      unanswered.addAll(waiting);
      waiting.clear();
    }
    unanswered.forEach(each -> each.completeExceptionally(failure));
  }
}
