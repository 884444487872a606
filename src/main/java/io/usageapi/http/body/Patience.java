package io.usageapi.http.body;

import java.time.Duration;

/**
 * The time left to wait for a client that sends a body. It starts at the longest pause a body may
 * make. Waiting uses it up, and each byte that arrives gives back the time it takes at the minimum
 * rate, up to the start value. So a body may take the longest pause, plus a second for each {@code
 * minRate} bytes, and sending fast earns no credit for being slow later. Time that the server
 * spends on what was sent does not count. For one thread at a time.
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
