package io.usageapi.months;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import java.util.Optional;

/** Which months records may be of, and how long these are kept. */
@ConfigMapping(prefix = "usage-api")
public interface MonthsConfig {
  /** How long usage records are kept. */
  Records records();

  /** Which months records may be of. */
  Intake intake();

  /** How long usage records are kept. */
  interface Records {
    /**
     * For how many months after the end of theirs records are kept; without it for ever. Then they
     * are dropped for good, a month at a time, and their aggregates stay.
     */
    Optional<@Min(1) @Max(1_200) Integer> retention();

    /** How often old records are dropped and partitions made for months to come. */
    @WithDefault("1h")
    Duration interval();
  }

  /** Which months records may be of. */
  interface Intake {
    /** How far ahead of the server's clock a record may have occurred. */
    @WithDefault("31d")
    Duration maxAhead();

    /** What becomes of a record of a month that is closed. */
    @WithDefault("reject")
    LateRecords lateRecords();
  }

  /** What becomes of a record of a month that is closed. */
  enum LateRecords {
    /** It is rejected, {@code month_closed}. */
    REJECT,
    /** It counts in the first month after its own that is open. */
    NEXT_OPEN_MONTH
  }
}
