package io.usageapi.intake.format;

import java.io.IOException;

/** A line or a row over its limit; the message says the limit, without a full stop. */
final class TooLongException extends IOException {
  private static final long serialVersionUID = 1L;

  TooLongException(String message) {
    super(message);
  }
}
