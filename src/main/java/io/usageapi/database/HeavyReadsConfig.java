package io.usageapi.database;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;

/**
 * How many heavy reads run at once: totals, changes, days, accounts, pages by number, and filters
 * that no index serves. They are counted in database connections of a replica. Further ones wait as
 * long as for a connection.
 */
@ConfigMapping(prefix = "usage-api.scans")
public interface HeavyReadsConfig {
  /**
   * The percentage of connections for one organization, at least one connection. A read that waits
   * too long, or finds too many waiting, is 429.
   */
  @WithDefault("25")
  @Min(1)
  @Max(100)
  int percentPerOrganization();

  /**
   * The percentage of connections for all, at least one connection, and never all of several. A
   * read that waits too long is 503.
   */
  @WithDefault("50")
  @Min(1)
  @Max(100)
  int percent();

  /** How many reads of one organization may wait. */
  @WithDefault("20")
  @Min(0)
  @Max(1_000_000)
  int maxWaiting();
}
