package io.usageapi.operator;

import java.time.YearMonth;
import java.util.Optional;
import java.util.UUID;

/**
 * A range of an organization's aggregates by id, and all records in it.
 *
 * @param month their month
 * @param after the id before the range; empty to start at the first one
 * @param upTo the last id; empty to end at the last one of the month
 * @param aggregates how many aggregates the range has
 */
record AggregateRange(YearMonth month, Optional<UUID> after, Optional<UUID> upTo, int aggregates) {
  AggregateRange withEnd(UUID last, int aggregatesUpToIt) {
    return new AggregateRange(month, after, Optional.of(last), aggregatesUpToIt);
  }
}
