package io.usageapi.database;

import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import io.usageapi.security.OrganizationId;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.function.Supplier;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * What reads far more than it answers with. Of the connections to the database an organization has
 * a share for it, and all of them together have one: so there is always a connection for a page,
 * and always one for another organization. Past that it waits, before it asks for a connection.
 */
@ApplicationScoped
public class Scans {
  private static final int PERCENT = 100;

  /** What can be said of when to try again is whole seconds. */
  private static final Duration LEAST_WAIT = Duration.ofSeconds(1);

  private final FairShares<OrganizationId> shares;
  private final int each;
  private final Duration patience;
  private final Vertx vertx;

  @Inject
  Scans(
      ScansConfig config,
      DatabaseConfig database,
      @ConfigProperty(name = "quarkus.datasource.reactive.max-size") int connections,
      Vertx vertx) {
    this(bounds(config, database, connections), database.acquireTimeout(), vertx);
  }

  Scans(FairShares.Bounds bounds, Duration patience, Vertx vertx) {
    this.shares = new FairShares<>(bounds);
    this.each = bounds.each();
    this.patience = patience;
    this.vertx = vertx;
  }

  /** At least one, and where there are two connections one is left. */
  static FairShares.Bounds bounds(ScansConfig config, DatabaseConfig database, int connections) {
    int all = part(connections, config.percent());
    int allButOne = Math.max(1, Math.min(all, connections - 1));
    return new FairShares.Bounds(
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
   * @param organization for whom
   * @param scan what reads; it is asked for when the turn has come
   * @return what it read; fails with 429 {@code rate_limited} past the organization's own share,
   *     with 503 past that of all, and as {@code scan} does
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

  private ApiException refusal(FairShares.Answer answer) {
    return answer == FairShares.Answer.TOO_MANY_OF_OWNER
        ? ApiException.rateLimited(
            "An organization may have "
                + each
                + " requests answered at once that read far more than they are answered with:"
                + " totals, days, accounts, pages by number, and filters that no index serves.",
            patience.compareTo(LEAST_WAIT) < 0 ? LEAST_WAIT : patience)
        : ApiException.of(
            ErrorCode.UNAVAILABLE, "As many requests that read much are answered as may be.");
  }

  /** One who waits for a turn, has it, and ends it. */
  private final class Turn {
    private static final long NONE = -1;

    private final FairShares<OrganizationId>.Place place;
    private volatile UniEmitter<? super Void> waiter;
    private volatile long timer = NONE;

    Turn(OrganizationId organization, Context context) {
      // Whoever freed the place is on a thread of its own.
      this.place =
          shares.place(organization, () -> context.runOnContext(now -> waiter.complete(null)));
    }

    void await(UniEmitter<? super Void> emitter) {
      waiter = emitter;
      FairShares.Answer answer = place.ask();
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
      place.end();
    }
  }
}
