package io.usageapi.security;

import java.security.Principal;
import java.util.Optional;

/**
 * The sender of a verified token.
 *
 * @param subject its {@code sub}, any text of any length; empty if it has none
 */
public record Bearer(Optional<String> subject) implements Principal {
  @Override
  public String getName() {
    return subject.orElse("");
  }
}
