package io.usageapi.limit;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.ConsumptionProbe;
import io.usageapi.config.FilterOrder;
import io.usageapi.error.ApiException;
import io.usageapi.security.OrganizationClaim;
import io.usageapi.security.OrganizationId;
import io.vertx.core.Context;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jboss.resteasy.reactive.server.spi.ResteasyReactiveContainerRequestContext;

/**
 * Limits the request rate of an organization on this replica, or on all replicas together, if
 * configured. Runs after the token and its scope were checked and before the parameters are. Tokens
 * without an organization, which only the vendor's own pipelines have, are not limited.
 */
@ApplicationScoped
public class RateLimits {
  /** The requests allowed in a period, and at once after a pause. */
  public static final String LIMIT = "RateLimit-Limit";

  /** How many of them are left. */
  public static final String REMAINING = "RateLimit-Remaining";

  /** Seconds until all of them are available again if none is sent. */
  public static final String RESET = "RateLimit-Reset";

  /** The most organizations to count for. Beyond it, the least recently seen one starts anew. */
  private static final int MAX_ORGANIZATIONS = 100_000;

  private static final long NANOS_PER_SECOND = 1_000_000_000;

  private final Optional<Integer> limit;
  private final Duration period;
  private final boolean shared;
  private final Instance<BucketStore> store;
  private final Cache<OrganizationId, Bucket> buckets;
  private final Cache<OrganizationId, SharedBucket> sharedBuckets;

  /**
   * @param store created if limits are shared
   */
  RateLimits(LimitConfig config, Instance<BucketStore> store) {
    this.limit = config.requests();
    this.period = config.period();
    this.shared = config.shared();
    this.store = store;
    this.buckets = cache();
    this.sharedBuckets = cache();
  }

  private <B> Cache<OrganizationId, B> cache() {
    return Caffeine.newBuilder()
        .maximumSize(MAX_ORGANIZATIONS)
        // By then it would be full again, like a new one.
        .expireAfterAccess(period)
        .build();
  }

  private Bucket bucket() {
    int requests = limit.orElseThrow();
    return Bucket.builder()
        .addLimit(each -> each.capacity(requests).refillGreedy(requests, period))
        // Uses the monotonic clock.
        .withNanosecondPrecision()
        .build();
  }

  private SharedBucket sharedBucket(OrganizationId organization) {
    int requests = limit.orElseThrow();
    // Another limit is another bucket. The id, which may be any text, is the last part.
    String key = "requests %d %d %s".formatted(requests, period.toMillis(), organization.value());
    BucketConfiguration configuration =
        BucketConfiguration.builder()
            .addLimit(each -> each.capacity(requests).refillGreedy(requests, period))
            .build();
    return new SharedBucket(
        store.get(),
        store.get().bucket(key, configuration, SharedBucket.optimization(requests)),
        bucket(),
        store.get().countedAlone("requests"));
  }

  /**
   * Counts a request, and adds the remaining limit to its response.
   *
   * @throws ApiException 429 {@code rate_limited} if nothing is left
   */
  @ServerRequestFilter(priority = FilterOrder.RATE_LIMITS)
  public void count(ResteasyReactiveContainerRequestContext filtered, RoutingContext request) {
    if (limit.isPresent()) {
      OrganizationClaim.of(request)
          .organization()
          .ifPresent(
              organization -> {
                if (shared) {
                  countWithOthers(organization, filtered, request);
                } else {
                  answer(
                      buckets
                          .get(organization, unknown -> bucket())
                          .tryConsumeAndReturnRemaining(1),
                      request.response());
                }
              });
    }
  }

  private void countWithOthers(
      OrganizationId organization,
      ResteasyReactiveContainerRequestContext filtered,
      RoutingContext request) {
    CompletableFuture<ConsumptionProbe> counted =
        sharedBuckets.get(organization, this::sharedBucket).count();
    ConsumptionProbe now = counted.getNow(null);
    if (now != null) {
      answer(now, request.response());
      return;
    }
    filtered.suspend();
    Context context = request.vertx().getOrCreateContext();
    CompletableFuture<Void> unused =
        counted.thenAccept(
            later -> context.runOnContext(none -> resume(later, filtered, request.response())));
  }

  private void resume(
      ConsumptionProbe probe,
      ResteasyReactiveContainerRequestContext filtered,
      HttpServerResponse response) {
    try {
      answer(probe, response);
    } catch (ApiException e) {
      filtered.resume(e);
      return;
    }
    filtered.resume();
  }

  private void answer(ConsumptionProbe probe, HttpServerResponse response) {
    response
        .putHeader(LIMIT, limit.orElseThrow().toString())
        .putHeader(REMAINING, Long.toString(Math.max(0, probe.getRemainingTokens())))
        .putHeader(RESET, Long.toString(seconds(probe.getNanosToWaitForReset())));
    if (!probe.isConsumed()) {
      throw ApiException.rateLimited(
          "An organization may send " + limit.orElseThrow() + " requests at once.",
          Duration.ofSeconds(Math.max(1, seconds(probe.getNanosToWaitForRefill()))));
    }
  }

  /** Rounded up, so that waiting that long is enough. */
  private static long seconds(long nanos) {
    return (nanos + NANOS_PER_SECOND - 1) / NANOS_PER_SECOND;
  }
}
