package io.usageapi.database;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.usageapi.config.AtLeast;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;

/** The limits of exports. */
@ConfigMapping(prefix = "usage-api.export")
public interface ExportConfig {
  /** How long an export may take. */
  @WithDefault("15m")
  @AtLeast(millis = 1)
  Duration timeout();

  /** How long the database may take for the first rows of an export, and for the next. */
  @WithDefault("20s")
  @AtLeast(millis = 1)
  Duration batchTimeout();

  /** How long a client may leave part of an export unread; then its connection is closed. */
  @WithDefault("60s")
  @AtLeast(millis = 1)
  Duration clientTimeout();

  /**
   * The most exports of one organization at once on this replica, or on all together if {@link
   * #shared}; further ones are 429.
   */
  @WithDefault("2")
  @Min(1)
  @Max(1_000)
  int maxPerOrganization();

  /** Whether all replicas count the exports of an organization together, in the database. */
  @WithDefault("false")
  boolean shared();

  /** The most exports at once on this replica, and their connections; further ones are 503. */
  @WithDefault("8")
  @Min(1)
  @Max(1_000)
  int maxConcurrent();
}
