package io.usageapi.http.body;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.usageapi.config.AtLeast;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;

/** Limits for reading bodies. */
@ConfigMapping(prefix = "usage-api")
public interface BodyConfig {
  /**
   * How long the server waits for a body, plus a second for each {@link #bodyMinRate()} bytes that
   * arrive, but never longer than this at a time; then 408.
   */
  @WithDefault("60s")
  @AtLeast(millis = 1)
  Duration bodyTimeout();

  /** The minimum rate of a body, in bytes per second of waiting for the client. */
  @WithDefault("4096")
  @Min(1)
  @Max(1_073_741_824)
  int bodyMinRate();

  /** Limits for the bodies of accounts. */
  AccountBodies accountBodies();

  /** Limits for the bodies of accounts. */
  interface AccountBodies {
    /** The most read at once on this replica; further ones are 503. */
    @WithDefault("256")
    @Min(1)
    @Max(100_000)
    int maxConcurrent();

    /** The most of one organization read at once; further ones are 429. */
    @WithDefault("32")
    @Min(1)
    @Max(100_000)
    int maxPerOrganization();
  }
}
