package io.usageapi.aggregate.total;

import java.math.BigDecimal;
import java.time.OffsetDateTime;
import java.util.Optional;

/**
 * A total of a month that is not what its aggregates add up to.
 *
 * @param stored empty if the total is missing
 * @param aggregates empty if the total has no aggregates
 */
public record MonthTotalDifference(
    MonthTotal.Key key, Optional<Sums> stored, Optional<Sums> aggregates) {

  /** The sums of a total, and when the latest of its aggregates changed. */
  public record Sums(BigDecimal units, BigDecimal amount, OffsetDateTime updatedAt) {}
}
