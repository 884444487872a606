package io.usageapi.operator;

import java.time.YearMonth;
import java.util.Optional;
import java.util.UUID;

/**
 * Some of an organization's aggregates, and all records between their ids.
 *
 * @param month their month
 * @param after the id they come after; empty from the first on
 * @param upTo the last id; empty up to the last of the month
 * @param aggregates how many aggregates there are in it
 */
record AggregateRange(YearMonth month, Optional<UUID> after, Optional<UUID> upTo, int aggregates) {
  AggregateRange withEnd(UUID last, int aggregatesUpToIt) {
    return new AggregateRange(month, after, Optional.of(last), aggregatesUpToIt);
  }
}
