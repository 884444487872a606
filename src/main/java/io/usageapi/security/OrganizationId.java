package io.usageapi.security;

import static java.util.Objects.requireNonNull;

/**
 * The tenant whose data a request may see. Its own type, so that text from a parameter can never
 * take its place.
 *
 * @param value the id, 1 to 128 characters
 */
public record OrganizationId(String value) {
  /** The longest organization id, in characters (OpenAPI document, "Conventions"). */
  public static final int MAX_LENGTH = 128;

  public OrganizationId {
    requireNonNull(value, "value");
    if (value.isEmpty() || value.codePointCount(0, value.length()) > MAX_LENGTH) {
      throw new IllegalArgumentException("an organization id has 1 to 128 characters");
    }
  }
}
