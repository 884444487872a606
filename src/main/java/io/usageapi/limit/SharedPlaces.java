package io.usageapi.limit;

import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.distributed.AsyncBucketProxy;
import io.github.bucket4j.distributed.proxy.optimization.Optimization;
import io.micrometer.core.instrument.Counter;
import io.smallrye.mutiny.Uni;
import io.usageapi.database.ExportConfig;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import io.usageapi.security.OrganizationId;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The places for exports of an organization on all replicas together. Each place is a bucket of one
 * token in the database. An export takes the token and puts it back. The token of a replica that
 * was killed comes back by itself, later than any export may end.
 */
@ApplicationScoped
public class SharedPlaces {
  private final BucketStore store;
  private final Vertx vertx;
  private final int each;
  private final Duration longest;
  private final BucketConfiguration place;
  private final Counter countedAlone;

  SharedPlaces(BucketStore store, Vertx vertx, ExportConfig config) {
    this.store = store;
    this.vertx = vertx;
    this.each = config.maxPerOrganization();
    this.longest = config.timeout().plus(config.batchTimeout());
    // Greedy counts the time from when the token was taken.
    this.place =
        BucketConfiguration.builder()
            .addLimit(limit -> limit.capacity(1).refillGreedy(1, longest))
            .build();
    this.countedAlone = store.countedAlone("exports");
  }

  /** Begins to take a place. */
  public Place take(OrganizationId organization) {
    return new Place(organization);
  }

  private AsyncBucketProxy bucket(OrganizationId organization, int number) {
    String key = "export %d %d %s".formatted(number, longest.toMillis(), organization.value());
    return store.bucket(key, place, Optimization.NONE_OPTIMIZED);
  }

  /** The first free place; empty if none is. */
  private CompletableFuture<Optional<AsyncBucketProxy>> free(
      OrganizationId organization, int first, int asked) {
    if (asked == each) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    AsyncBucketProxy bucket = bucket(organization, (first + asked) % each);
    return bucket
        .tryConsume(1)
        .thenCompose(
            taken ->
                taken
                    ? CompletableFuture.completedFuture(Optional.of(bucket))
                    : free(organization, first, asked + 1));
  }

  /** A place that is being taken, is taken, or was not to be had. */
  public final class Place {
    private final CompletableFuture<Optional<AsyncBucketProxy>> taking;
    private final long since = System.nanoTime();
    private final AtomicBoolean givenBack = new AtomicBoolean();

    private Place(OrganizationId organization) {
      taking = free(organization, ThreadLocalRandom.current().nextInt(each), 0);
    }

    /**
     * Waits for the place, without blocking, and not for long: if the database does not answer, it
     * succeeds without one.
     *
     * @return fails with 429 if the organization has all it may
     */
    public Uni<Void> taken() {
      Context context = vertx.getOrCreateContext();
      return Uni.createFrom()
          .completionStage(
              () ->
                  taking
                      .copy()
                      .orTimeout(store.deadline().toMillis(), TimeUnit.MILLISECONDS)
                      .handle(this::hasOne))
          .emitOn(work -> context.runOnContext(none -> work.run()))
          .invoke(
              free -> {
                if (!free) {
                  throw ApiException.of(
                      ErrorCode.RATE_LIMITED,
                      "An organization may have " + each + " exports at once.");
                }
              })
          .replaceWithVoid();
    }

    private boolean hasOne(Optional<AsyncBucketProxy> free, Throwable failure) {
      if (failure == null) {
        return free.isPresent();
      }
      if (failure instanceof TimeoutException) {
        store.pause(failure);
      }
      countedAlone.increment();
      return true;
    }

    /** Gives the place back, or as soon as it is taken. Safe to repeat. */
    public void giveBack() {
      if (givenBack.compareAndSet(false, true)) {
        CompletableFuture<Void> unused = taking.thenAccept(free -> free.ifPresent(this::giveBack));
      }
    }

    /** Tries until the token is back by itself, and may be another export's. */
    private void giveBack(AsyncBucketProxy bucket) {
      if (System.nanoTime() - since > longest.toNanos()) {
        return;
      }
      CompletableFuture<Object> unused =
          bucket
              .addTokens(1)
              .handle(
                  (done, failure) -> {
                    if (failure != null) {
                      CompletableFuture.delayedExecutor(
                              BucketStore.PAUSE.toMillis(), TimeUnit.MILLISECONDS)
                          .execute(() -> giveBack(bucket));
                    }
                    return null;
                  });
    }
  }
}
