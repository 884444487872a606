package io.usageapi.usage;

import io.usageapi.aggregate.UsageAggregate;
import io.usageapi.aggregate.change.ChangeToken;
import java.util.List;

/**
 * A page of what changed after a position.
 *
 * @param aggregates those that are there, as they are now
 * @param removed the ids of those that are gone
 * @param end the position behind this page
 * @param more whether changes may follow already
 */
record ChangedUsage(
    List<UsageAggregate> aggregates, List<String> removed, ChangeToken end, boolean more) {}
