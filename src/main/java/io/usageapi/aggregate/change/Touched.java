package io.usageapi.aggregate.change;

import java.util.Collection;
import java.util.List;
import java.util.UUID;

/**
 * The aggregates that a transaction adds, changes or removes.
 *
 * @param ids a query of their ids, each once; {@code $1} is the organization
 * @param arguments of the query, from {@code $2}
 */
public record Touched(String ids, List<Object> arguments) {
  /** None: only what readers see beside the aggregates changed. */
  public static final Touched NONE = of(List.of());

  /** The aggregates with these ids. */
  public static Touched of(Collection<UUID> ids) {
    return new Touched("SELECT unnest($2::uuid[])", List.of((Object) ids.toArray(UUID[]::new)));
  }
}
