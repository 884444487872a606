package io.usageapi.aggregate;

import java.util.UUID;

/**
 * Something read of an organization's aggregates.
 *
 * @param version the data version it was read at, in the same snapshot
 * @param value what was read
 */
public record Versioned<T>(UUID version, T value) {}
