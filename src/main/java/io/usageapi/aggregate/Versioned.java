package io.usageapi.aggregate;

import io.usageapi.aggregate.change.ChangeToken;
import java.util.Optional;
import java.util.UUID;

/**
 * Something read of an organization's aggregates.
 *
 * @param version the data version it was read at: of the same snapshot, or, as {@link
 *     DataVersionRepository#readBefore} says, of one before
 * @param value what was read
 * @param changes the position behind all changes up to then, if a mirror may start with it
 */
public record Versioned<T>(UUID version, T value, Optional<ChangeToken> changes) {
  /** Something that no mirror starts with. */
  public Versioned(UUID version, T value) {
    this(version, value, Optional.empty());
  }

  /** Another value that follows from this one. */
  public <U> Versioned<U> with(U other) {
    return new Versioned<>(version, other, changes);
  }
}
