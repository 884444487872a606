package io.usageapi.aggregate.change;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/**
 * What changed after a position: all of it, or the first part.
 *
 * @param version the data version when it was read
 * @param aggregates the ids of the touched aggregates in the order in which they were last touched,
 *     each with the position behind it
 * @param end the position behind all of them
 * @param more whether changes may follow
 */
public record LoggedChanges(
    UUID version, Map<UUID, ChangeToken> aggregates, ChangeToken end, boolean more) {

  /** The first of them, up to {@code most} aggregates. */
  public LoggedChanges first(int most) {
    if (aggregates.size() <= most) {
      return this;
    }
    Map<UUID, ChangeToken> first = new LinkedHashMap<>();
    ChangeToken last = end;
    for (Map.Entry<UUID, ChangeToken> each : aggregates.entrySet()) {
      if (first.size() == most) {
        break;
      }
      first.put(each.getKey(), each.getValue());
      last = each.getValue();
    }
    return new LoggedChanges(version, first, last, true);
  }
}
