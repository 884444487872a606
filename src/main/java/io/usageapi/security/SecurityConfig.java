package io.usageapi.security;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.usageapi.config.AtLeast;
import jakarta.validation.constraints.NotBlank;
import java.time.Duration;

/** How tokens are verified and read. */
@ConfigMapping(prefix = "usage-api")
public interface SecurityConfig {
  /** The claim that holds the caller's organization. */
  @WithDefault("org_id")
  @NotBlank
  String organizationClaim();

  /**
   * How long a verified token is accepted without verifying it again; never past its {@code exp},
   * and only while the keys are the same. {@code 0s} verifies it each time.
   */
  @WithDefault("60s")
  @AtLeast(millis = 0)
  Duration tokenCache();

  /**
   * How often the keys of the identity provider are fetched; tokens of a withdrawn key are accepted
   * that long. A token with a new key causes a fetch at once.
   */
  @WithDefault("30s")
  @AtLeast(millis = 1_000)
  Duration keyRefresh();
}
