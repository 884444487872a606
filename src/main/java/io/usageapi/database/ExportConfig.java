package io.usageapi.database;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;

/** How much may be exported at once, and for how long. */
@ConfigMapping(prefix = "usage-api.export")
public interface ExportConfig {
  /** How long an export may take from its start to its end. */
  @WithDefault("15m")
  @DurationMin(millis = 1)
  Duration timeout();

  /** How long the database may take over the next rows of an export, or its first. */
  @WithDefault("20s")
  @DurationMin(millis = 1)
  Duration batchTimeout();

  /** How long a client may leave a part of an export unread before it is cut off. */
  @WithDefault("60s")
  @DurationMin(millis = 1)
  Duration clientTimeout();

  /** The most exports of one organization at once on this replica; those beyond are 429. */
  @WithDefault("2")
  @Min(1)
  @Max(1_000)
  int maxPerOrganization();

  /**
   * The most exports at once on this replica, and connections to the database for them; those
   * beyond are answered 503.
   */
  @WithDefault("8")
  @Min(1)
  @Max(1_000)
  int maxConcurrent();
}
