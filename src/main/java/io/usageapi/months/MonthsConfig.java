package io.usageapi.months;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.usageapi.config.AtLeast;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import java.util.Optional;

/** Which months may get records, and how long records and the log of changes are kept. */
@ConfigMapping(prefix = "usage-api")
public interface MonthsConfig {
  /** How long records are kept. */
  Records records();

  /** Which months may get records. */
  Intake intake();

  /** How long the log of changes is kept. */
  Changes changes();

  /** How long records are kept. */
  interface Records {
    /**
     * For how many months after the end of their month records are kept; without it for ever. Then
     * they are dropped for good, a month at a time; their aggregates stay.
     */
    @Min(1)
    @Max(1_200)
    Optional<Integer> retention();

    /** How often old records are dropped and partitions created ahead. */
    @WithDefault("1h")
    Duration interval();

    /**
     * Whether the server does that. If not, the command {@code retention} has to be run as the
     * owner of the tables.
     */
    @WithDefault("true")
    boolean scheduled();
  }

  /** Which months may get records. */
  interface Intake {
    /** How far ahead of the clock a record may have occurred. */
    @WithDefault("31d")
    Duration maxAhead();

    /** What happens to a record of a closed month. */
    @WithDefault("reject")
    LateRecords lateRecords();
  }

  /** How long the log of changes is kept. */
  interface Changes {
    /** How long one may ask for what changed since a page was read. */
    @WithDefault("7d")
    @AtLeast(millis = 60_000)
    Duration kept();
  }

  /** What happens to a record of a closed month. */
  enum LateRecords {
    /** It is rejected with {@code month_closed}. */
    REJECT,
    /** It counts in the first later month that is open. */
    NEXT_OPEN_MONTH
  }
}
