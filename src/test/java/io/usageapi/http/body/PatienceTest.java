package io.usageapi.http.body;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PatienceTest {
  private static final int RATE = 4096;

  private final Patience patience = new Patience(Duration.ofSeconds(60), RATE);

  @Test
  void who_sends_at_the_least_rate_is_waited_for_for_ever() {
    for (int second = 0; second < 100_000; second++) {
      wait(1);
      patience.arrived(RATE);
    }

    assertThat(patience.left()).isPositive();
  }

  @Test
  void who_dribbles_600_bytes_a_second_is_given_up_soon_after_a_minute() {
    int second = 0;
    while (patience.left() > 0) {
      wait(1);
      patience.arrived(600);
      second++;
    }

    assertThat(second).isBetween(60, 72);
  }

  @Test
  void what_was_sent_fast_is_no_credit_for_a_longer_pause() {
    patience.arrived(Integer.MAX_VALUE);

    wait(60);

    assertThat(patience.left()).isZero();
  }

  @Test
  void who_pauses_now_and_then_and_sends_much_in_between_is_waited_for() {
    for (int i = 0; i < 1000; i++) {
      wait(50);
      patience.arrived(1_000_000);
    }

    assertThat(patience.left()).isPositive();
  }

  private void wait(int seconds) {
    patience.waited(Duration.ofSeconds(seconds).toNanos());
  }
}
