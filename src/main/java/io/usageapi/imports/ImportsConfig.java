package io.usageapi.imports;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;

/** How billing files are imported. */
@ConfigMapping(prefix = "usage-api.imports")
public interface ImportsConfig {
  /**
   * The most rows of a file; past that 413. Until they are counted they take some 310 bytes each of
   * the database's disk.
   */
  @WithDefault("10000000")
  @Min(1)
  @Max(1_000_000_000)
  long maxRows();

  /** The most files imported at once on this replica; further ones are 503. */
  @WithDefault("4")
  @Min(1)
  @Max(1_000)
  int maxConcurrent();

  /** The most files of one organization imported at once; further ones are 429. */
  @WithDefault("2")
  @Min(1)
  @Max(1_000)
  int maxPerOrganization();

  /**
   * How long one statement may run that replaces the rows of an organization. The transaction may
   * take twice as long.
   */
  @WithDefault("10m")
  Duration statementTimeout();

  /** After how long the rows of a file that never arrived whole are deleted. */
  @WithDefault("24h")
  Duration abandonedAfter();
}
