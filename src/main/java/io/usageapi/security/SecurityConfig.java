package io.usageapi.security;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import java.time.Duration;
import java.util.Optional;
import org.hibernate.validator.constraints.time.DurationMin;

/** How tokens are read, and how many requests of an organization are answered. */
@ConfigMapping(prefix = "usage-api")
public interface SecurityConfig {
  /** The claim of the token that holds the caller's organization. */
  @WithDefault("org_id")
  @NotBlank
  String organizationClaim();

  /**
   * How long a token that was verified is taken again without verifying it; never past its {@code
   * exp}, and no longer than the keys stay the same. {@code 0s} verifies each time.
   */
  @WithDefault("60s")
  @DurationMin
  Duration tokenCache();

  /**
   * How often the keys of an identity provider are fetched again, and so how long at most a
   * withdrawn one serves on. A key that is new is fetched when the first token is signed with it.
   */
  @WithDefault("30s")
  @DurationMin(seconds = 1)
  Duration keyRefresh();

  /** How many requests of an organization are answered. */
  RateLimit rateLimit();

  /** How many requests of an organization are answered. */
  interface RateLimit {
    /**
     * How many requests of one organization each replica answers in a period, and at most at once
     * after a pause; those beyond are 429. Without it there is no limit.
     */
    Optional<@Min(1) @Max(1_000_000_000) Integer> requests();

    /** In what time as many requests may be sent. */
    @WithDefault("1m")
    @DurationMin(seconds = 1)
    Duration period();

    /**
     * How many requests of one organization each replica answers at the same time; those beyond are
     * 429.
     */
    @WithDefault("100")
    @Min(1)
    @Max(1_000_000)
    int maxConcurrent();
  }
}
