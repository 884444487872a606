package io.usageapi.security;

import java.security.Principal;
import java.util.Optional;

/**
 * Who sent a verified token.
 *
 * @param subject its {@code sub}, of any length and with any characters; none where it has none
 */
public record Bearer(Optional<String> subject) implements Principal {
  @Override
  public String getName() {
    return subject.orElse("");
  }
}
