package io.usageapi.security;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.NotBlank;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;

/** How tokens are verified and read. */
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
}
