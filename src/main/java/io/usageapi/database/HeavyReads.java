package io.usageapi.database;

import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import io.usageapi.security.Bulkhead;
import io.usageapi.security.OrganizationId;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Limits heavy reads: requests that read far more than they return. One organization, and all
 * together, may use a share of the database connections for them. So a connection is always left
 * for pages, and one for another organization. A read beyond its share waits before it takes a
 * connection.
 */
@ApplicationScoped
public class HeavyReads {
  private static final int PERCENT = 100;

  /** {@code Retry-After} counts whole seconds. */
  private static final Duration LEAST_WAIT = Duration.ofSeconds(1);

  private final Bulkhead places;
  private final int each;
  private final Duration patience;
  private final Vertx vertx;

  @Inject
  HeavyReads(
      HeavyReadsConfig config,
      DatabaseConfig database,
      @ConfigProperty(name = "quarkus.datasource.reactive.max-size") int connections,
      Vertx vertx,
      MeterRegistry registry) {
    this(bounds(config, database, connections), database.acquireTimeout(), vertx);
    places.measure(registry, "heavy_reads");
  }

  HeavyReads(Bulkhead.Bounds bounds, Duration patience, Vertx vertx) {
    this.places = new Bulkhead("scans", bounds);
    this.each = bounds.each();
    this.patience = patience;
    this.vertx = vertx;
  }

  /** At least one connection each; with two or more connections, one is left for pages. */
  static Bulkhead.Bounds bounds(HeavyReadsConfig config, DatabaseConfig database, int connections) {
    int all = part(connections, config.percent());
    int allButOne = Math.max(1, Math.min(all, connections - 1));
    return new Bulkhead.Bounds(
        Math.min(allButOne, part(connections, config.percentPerOrganization())),
        allButOne,
        config.maxWaiting(),
        database.maxWaiting());
  }

  private static int part(int connections, int percent) {
    return Math.max(1, connections * percent / PERCENT);
  }

  /**
   * Reads when it is the organization's turn.
   *
   * @return the result of {@code scan}; fails with 429 {@code rate_limited} beyond the
   *     organization's share, and with 503 beyond the share of all
   */
  public <T> Uni<T> run(OrganizationId organization, Supplier<Uni<T>> scan) {
    return Uni.createFrom()
        .deferred(
            () -> {
              Turn turn = new Turn(organization, vertx.getOrCreateContext());
              return Uni.createFrom()
                  .<Void>emitter(turn::await)
                  .chain(none -> scan.get())
                  .onTermination()
                  .invoke(turn::end);
            });
  }

  private ApiException refusal(Bulkhead.Answer answer) {
    return answer == Bulkhead.Answer.TOO_MANY_OF_OWNER
        ? ApiException.rateLimited(
            "An organization may have "
                + each
                + " requests answered at once that read far more than they are answered with:"
                + " totals, changes, days, accounts, pages by number or by amount, and filters that no"
                + " index serves.",
            patience.compareTo(LEAST_WAIT) < 0 ? LEAST_WAIT : patience)
        : ApiException.of(
            ErrorCode.UNAVAILABLE, "As many requests that read much are answered as may be.");
  }

  /** A request that waits for its turn, has it, and ends it. */
  private final class Turn {
    private static final long NONE = -1;

    private final Bulkhead.Permit place;
    private volatile UniEmitter<? super Void> waiter;
    private volatile long timer = NONE;

    Turn(OrganizationId organization, Context context) {
      // The releasing thread is another one.
      this.place =
          places.place(
              Optional.of(organization), () -> context.runOnContext(now -> waiter.complete(null)));
    }

    void await(UniEmitter<? super Void> emitter) {
      waiter = emitter;
      Bulkhead.Answer answer = place.ask();
      switch (answer) {
        case TAKEN -> emitter.complete(null);
        case WAITING -> timer = vertx.setTimer(Math.max(1, patience.toMillis()), id -> giveUp());
        case TOO_MANY_OF_OWNER, TOO_MANY -> emitter.fail(refusal(answer));
      }
    }

    private void giveUp() {
      place.giveUp().ifPresent(answer -> waiter.fail(refusal(answer)));
    }

    void end() {
      if (timer != NONE) {
        boolean unused = vertx.cancelTimer(timer);
      }
      place.giveBack();
    }
  }
}
