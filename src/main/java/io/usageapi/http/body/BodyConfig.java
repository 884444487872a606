package io.usageapi.http.body;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;

/** How bodies are read. */
@ConfigMapping(prefix = "usage-api")
public interface BodyConfig {
  /**
   * How long a client that sends a body is waited for before it is answered 408, and a second
   * longer for each {@link #bodyMinRate()} bytes that arrive, but never longer at a time.
   */
  @WithDefault("60s")
  @DurationMin(millis = 1)
  Duration bodyTimeout();

  /** The least rate of a body, in bytes a second of the time that the client is waited for. */
  @WithDefault("4096")
  @Min(1)
  @Max(1_073_741_824)
  int bodyMinRate();

  /** How the bodies of accounts are read. */
  AccountBodies accountBodies();

  /** How the bodies of accounts are read. */
  interface AccountBodies {
    /** The most read at the same time on this replica; those beyond are answered 503. */
    @WithDefault("256")
    @Min(1)
    @Max(100_000)
    int maxConcurrent();

    /** The most of one organization read at the same time; those beyond are 429. */
    @WithDefault("32")
    @Min(1)
    @Max(100_000)
    int maxPerOrganization();
  }
}
