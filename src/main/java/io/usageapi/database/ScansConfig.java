package io.usageapi.database;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;

/**
 * How many requests are answered at once that read far more than they are answered with: totals,
 * days, accounts, pages by number, and filters that no index serves. They are counted in
 * connections to the database, on each replica. Those beyond wait as long as for a connection.
 */
@ConfigMapping(prefix = "usage-api.scans")
public interface ScansConfig {
  /**
   * The share of the connections that one organization may have for them, in percent; at least one
   * connection. Those that wait for longer, or find too many waiting, are 429.
   */
  @WithDefault("25")
  @Min(1)
  @Max(100)
  int percentPerOrganization();

  /**
   * The share of the connections that all of them may have together, in percent; at least one
   * connection, and never all where there are two. Those that wait for longer are 503.
   */
  @WithDefault("50")
  @Min(1)
  @Max(100)
  int percent();

  /** How many of one organization may wait. */
  @WithDefault("20")
  @Min(0)
  @Max(1_000_000)
  int maxWaiting();
}
