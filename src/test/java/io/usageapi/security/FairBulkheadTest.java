package io.usageapi.security;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.usageapi.security.Bulkhead.Answer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FairBulkheadTest {
  private final List<String> turns = new ArrayList<>();

  private static Optional<OrganizationId> of(Object owner) {
    return Optional.of(new OrganizationId(owner.toString()));
  }

  private static Bulkhead shares(int each, int all, int eachWaiting, int allWaiting) {
    return new Bulkhead("things", new Bulkhead.Bounds(each, all, eachWaiting, allWaiting));
  }

  @CanIgnoreReturnValue
  private Bulkhead.Permit ask(Bulkhead shares, String owner, Answer expected) {
    Bulkhead.Permit place = shares.place(of(owner), () -> turns.add(owner));
    assertThat(place.ask()).as(owner).isEqualTo(expected);
    return place;
  }

  @Test
  void an_owner_has_its_share_and_leaves_the_rest_to_others() {
    Bulkhead shares = shares(2, 3, 1, 10);
    Bulkhead.Permit first = ask(shares, "a", Answer.TAKEN);
    ask(shares, "a", Answer.TAKEN);
    ask(shares, "a", Answer.WAITING);
    ask(shares, "a", Answer.TOO_MANY_OF_OWNER);
    ask(shares, "b", Answer.TAKEN);
    ask(shares, "b", Answer.WAITING);
    ask(shares, "b", Answer.TOO_MANY);

    first.giveBack();

    // Of the two that wait b holds one place, as a does; a has waited for longer.
    assertThat(turns).containsExactly("a");
  }

  @Test
  void a_place_goes_to_who_holds_the_fewest_however_many_wait_before_it() {
    Bulkhead shares = shares(2, 4, 10, 20);
    Bulkhead.Permit first = ask(shares, "a", Answer.TAKEN);
    ask(shares, "a", Answer.TAKEN);
    Bulkhead.Permit second = ask(shares, "b", Answer.TAKEN);
    ask(shares, "b", Answer.TAKEN);
    for (int i = 0; i < 5; i++) {
      ask(shares, "a", Answer.WAITING);
      ask(shares, "b", Answer.WAITING);
    }
    ask(shares, "c", Answer.WAITING);
    ask(shares, "c", Answer.WAITING);

    first.giveBack();
    second.giveBack();

    // The second time a and c hold one and b, who freed it, too: a was first to wait.
    assertThat(turns).containsExactly("c", "a");
  }

  @Test
  void who_gave_up_or_ended_gets_no_turn_and_ends_nothing_twice() {
    Bulkhead shares = shares(1, 1, 10, 10);
    Bulkhead.Permit first = ask(shares, "a", Answer.TAKEN);
    Bulkhead.Permit second = ask(shares, "a", Answer.WAITING);
    Bulkhead.Permit third = ask(shares, "b", Answer.WAITING);
    Bulkhead.Permit fourth = ask(shares, "b", Answer.WAITING);

    assertThat(second.giveUp()).contains(Answer.TOO_MANY_OF_OWNER);
    assertThat(third.giveUp()).contains(Answer.TOO_MANY);
    assertThat(third.giveUp()).isEmpty();
    assertThat(first.giveUp()).isEmpty();
    fourth.giveBack();
    first.giveBack();
    first.giveBack();
    second.giveBack();

    assertThat(turns).isEmpty();
    assertThat(shares.isEmpty()).isTrue();
  }

  /** Whatever is asked, given up and ended in whatever order, all bounds hold at every step. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void it_never_exceeds_never_leaks_and_each_owner_is_served_in_order(long seed) {
    Random random = new Random(seed);
    int each = 1 + random.nextInt(4);
    int all = each + random.nextInt(5);
    int eachWaiting = random.nextInt(6);
    int allWaiting = random.nextInt(15);
    Bulkhead shares =
        new Bulkhead("things", new Bulkhead.Bounds(each, all, eachWaiting, allWaiting));
    List<Bulkhead.Permit> taken = new ArrayList<>();
    Map<Integer, Integer> takenOf = new HashMap<>();
    Map<Bulkhead.Permit, Integer> owners = new HashMap<>();
    Map<Integer, Deque<Bulkhead.Permit>> waiting = new HashMap<>();

    for (int step = 0; step < 20_000; step++) {
      int owner = random.nextInt(5);
      int what = random.nextInt(10);
      Deque<Bulkhead.Permit> queue = waiting.computeIfAbsent(owner, each0 -> new ArrayDeque<>());
      if (what < 5) {
        Bulkhead.Permit place =
            shares.place(
                of(owner),
                () -> {
                  // First come, first served, among those of one owner.
                  Bulkhead.Permit first = waiting.get(owner).remove();
                  taken.add(first);
                  takenOf.merge(owner, 1, Integer::sum);
                });
        owners.put(place, owner);
        switch (place.ask()) {
          case TAKEN -> {
            taken.add(place);
            takenOf.merge(owner, 1, Integer::sum);
          }
          case WAITING -> queue.add(place);
          case TOO_MANY, TOO_MANY_OF_OWNER -> place.giveBack();
        }
      } else if (what < 9 && !taken.isEmpty()) {
        Bulkhead.Permit place = taken.remove(random.nextInt(taken.size()));
        takenOf.merge(owners.get(place), -1, Integer::sum);
        place.giveBack();
      } else if (!queue.isEmpty()) {
        Bulkhead.Permit place = random.nextBoolean() ? queue.peekFirst() : queue.peekLast();
        queue.remove(place);
        if (random.nextBoolean()) {
          assertThat(place.giveUp()).isPresent();
        } else {
          place.giveBack();
        }
      }

      assertThat(shares.taken()).isEqualTo(taken.size()).isLessThanOrEqualTo(all);
      int allThatWait = waiting.values().stream().mapToInt(Deque::size).sum();
      assertThat(shares.waiting()).isEqualTo(allThatWait).isLessThanOrEqualTo(allWaiting);
      waiting.forEach(
          (who, those) -> {
            assertThat(shares.taken(of(who)))
                .isEqualTo(takenOf.getOrDefault(who, 0))
                .isLessThanOrEqualTo(each);
            assertThat(those).hasSizeLessThanOrEqualTo(eachWaiting);
            // Nobody waits for what is there.
            assertThat(those.isEmpty() || shares.taken() == all || shares.taken(of(who)) == each)
                .isTrue();
          });
    }

    waiting.values().forEach(those -> those.forEach(Bulkhead.Permit::giveBack));
    taken.forEach(Bulkhead.Permit::giveBack);
    assertThat(shares.isEmpty()).isTrue();
  }

  @Test
  void threads_that_ask_and_end_at_once_leave_nothing_behind() throws InterruptedException {
    int all = 6;
    Bulkhead shares = new Bulkhead("things", new Bulkhead.Bounds(3, all, 50, 200));
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    AtomicInteger served = new AtomicInteger();
    CountDownLatch done = new CountDownLatch(8);
    ExecutorService threads = Executors.newFixedThreadPool(8);
    for (int thread = 0; thread < 8; thread++) {
      int owner = thread % 3;
      threads.execute(
          () -> {
            for (int i = 0; i < 5_000; i++) {
              Once once = new Once(running, most, served);
              once.place = shares.place(of(owner), once::run);
              if (once.place.ask() == Answer.TAKEN) {
                once.run();
              } else if (i % 7 == 0) {
                once.place.giveBack();
              }
            }
            done.countDown();
          });
    }

    assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
    threads.shutdown();

    assertThat(most).hasValueLessThanOrEqualTo(all);
    assertThat(served).hasPositiveValue();
    assertThat(shares.isEmpty()).isTrue();
  }

  /** Takes its turn and ends it. */
  private static final class Once {
    private final AtomicInteger running;
    private final AtomicInteger most;
    private final AtomicInteger served;
    private Bulkhead.Permit place;

    Once(AtomicInteger running, AtomicInteger most, AtomicInteger served) {
      this.running = running;
      this.most = most;
      this.served = served;
    }

    void run() {
      int now = running.incrementAndGet();
      int unused = most.accumulateAndGet(now, Math::max);
      unused = served.incrementAndGet();
      unused = running.decrementAndGet();
      place.giveBack();
    }
  }
}
