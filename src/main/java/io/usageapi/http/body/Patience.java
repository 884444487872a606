package io.usageapi.http.body;

import java.time.Duration;

/**
 * The time left to wait for a client that sends a body. It starts at the longest pause. Waiting
 * uses it up, and each byte that arrives gives back its time at the minimum rate, up to the start
 * value. So fast sending earns no credit for being slow later, and the work of the server does not
 * count. For one thread at a time.
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
   * @param minRate the minimum rate, in bytes per second
   */
  Patience(Duration most, int minRate) {
    this.most = most.toNanos();
    this.minRate = minRate;
    this.left = this.most;
  }

  static Patience of(BodyConfig config) {
    return new Patience(config.bodyTimeout(), config.bodyMinRate());
  }

  /** What is left, in nanoseconds; nothing if not positive. */
  long left() {
    return left;
  }

  void waited(long nanos) {
    left -= nanos;
  }

  void arrived(int bytes) {
    left = Math.min(most, left + bytes * NANOS_PER_SECOND / minRate);
  }
}
