package io.usageapi.limit;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.usageapi.config.AtLeast;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import java.util.Optional;

/** How many requests of an organization are answered. */
@ConfigMapping(prefix = "usage-api.rate-limit")
public interface LimitConfig {
  /**
   * How many requests of one organization each replica, or all together if {@link #shared}, answer
   * in a period, and at most at once after a pause; those beyond are 429. Without it there is no
   * limit.
   */
  @Min(1)
  @Max(1_000_000_000)
  Optional<Integer> requests();

  /** In what time as many requests may be sent. */
  @WithDefault("1m")
  @AtLeast(millis = 1_000)
  Duration period();

  /** Whether all replicas count the requests together, in the database. */
  @WithDefault("false")
  boolean shared();

  /**
   * How long a request or an export waits for the database that counts for all replicas. Then this
   * replica counts alone.
   */
  @WithDefault("1s")
  @AtLeast(millis = 100)
  Duration sharedTimeout();

  /**
   * How many requests of one organization each replica answers at the same time; those beyond are
   * 429.
   */
  @WithDefault("100")
  @Min(1)
  @Max(1_000_000)
  int maxConcurrent();
}
