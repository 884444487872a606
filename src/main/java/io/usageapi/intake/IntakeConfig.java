package io.usageapi.intake;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.LocalDate;

/** How usage records are taken in. */
@ConfigMapping(prefix = "usage-api.intake")
public interface IntakeConfig {
  /** The largest JSON or CloudEvents body, in bytes after decompression. */
  @WithDefault("16777216")
  @Min(1024)
  @Max(268_435_456)
  int maxJsonBytes();

  /** The longest line of an NDJSON body, in bytes after decompression. */
  @WithDefault("262144")
  @Min(1024)
  @Max(16_777_216)
  int maxLineBytes();

  /** The longest row of a CSV body, in characters, including its line breaks. */
  @WithDefault("262144")
  @Min(1024)
  @Max(16_777_216)
  int maxRowCharacters();

  /** The most records written in one transaction. */
  @WithDefault("2500")
  @Min(1)
  @Max(10_000)
  int batchSize();

  /**
   * How many organizations' transactions of one body run at once. All bodies of this replica
   * together run no more than {@link #maxConcurrent}, or one each.
   */
  @WithDefault("4")
  @Min(1)
  @Max(100)
  int organizationsAtOnce();

  /** The most entries in {@code errors} of an answer; the counts are complete. */
  @WithDefault("100")
  @Min(0)
  @Max(10_000)
  int maxErrors();

  /** The most bodies read at once on this replica; further ones are 503. */
  @WithDefault("8")
  @Min(1)
  @Max(1_000)
  int maxConcurrent();

  /** The most bodies of one organization read at once; further ones are 429. */
  @WithDefault("4")
  @Min(1)
  @Max(1_000)
  int maxPerOrganization();

  /** The earliest day a record may have occurred on, in UTC. */
  @WithDefault("2000-01-01")
  LocalDate earliest();
}
