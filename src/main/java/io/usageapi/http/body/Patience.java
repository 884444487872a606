package io.usageapi.http.body;

import java.time.Duration;

/**
 * How long a client that sends a body is still waited for: at first as long as a body may pause;
 * every wait takes from it, and every byte that arrives gives back what it may take at the least
 * rate, up to what there was at first. So a body may take that long, and a second more for each
 * {@code minRate} bytes, and what was sent fast is no credit for being slow later. The time that
 * the server takes for what was sent costs the client nothing. Not for more than one thread at a
 * time.
 */
final class Patience {
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  private final long most;
  private final int minRate;
  private long left;

  /**
   * Creates patience.
   *
   * @param most how long a body may pause
   * @param minRate the least rate, in bytes a second
   */
  Patience(Duration most, int minRate) {
    this.most = most.toNanos();
    this.minRate = minRate;
    this.left = this.most;
  }

  /** As the settings say. */
  static Patience of(BodyConfig config) {
    return new Patience(config.bodyTimeout(), config.bodyMinRate());
  }

  /** How much is left, in nanoseconds; nothing when it is not positive. */
  long left() {
    return left;
  }

  /** Waiting took that many nanoseconds. */
  void waited(long nanos) {
    left -= nanos;
  }

  /** That many bytes arrived. */
  void arrived(int bytes) {
    left = Math.min(most, left + bytes * NANOS_PER_SECOND / minRate);
  }
}
