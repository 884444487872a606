package io.usageapi.limit;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.usageapi.config.FilterOrder;
import io.usageapi.error.ApiException;
import io.usageapi.security.OrganizationClaim;
import io.usageapi.security.OrganizationId;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Optional;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/**
 * Limits the request rate of an organization on this replica, if configured. Runs after the token
 * and its scope were checked and before the parameters are. Tokens without an organization, which
 * only the vendor's own pipelines have, are not limited.
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
  private final Cache<OrganizationId, Bucket> buckets;

  RateLimits(LimitConfig config) {
    this.limit = config.requests();
    this.period = config.period();
    this.buckets =
        Caffeine.newBuilder()
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

  /**
   * Counts a request, and adds the remaining limit to its response.
   *
   * @throws ApiException 429 {@code rate_limited} if nothing is left
   */
  @ServerRequestFilter(priority = FilterOrder.RATE_LIMITS)
  public void count(RoutingContext request) {
    if (limit.isPresent()) {
      OrganizationClaim.of(request)
          .organization()
          .ifPresent(organization -> count(organization, request.response()));
    }
  }

  private void count(OrganizationId organization, HttpServerResponse response) {
    ConsumptionProbe probe =
        buckets.get(organization, unknown -> bucket()).tryConsumeAndReturnRemaining(1);
    response
        .putHeader(LIMIT, limit.orElseThrow().toString())
        .putHeader(REMAINING, Long.toString(probe.getRemainingTokens()))
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
