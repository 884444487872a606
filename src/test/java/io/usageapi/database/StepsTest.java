package io.usageapi.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.helpers.test.AssertSubscriber;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class StepsTest {
  private static final ExecutorService THREADS = Executors.newCachedThreadPool();

  @AfterAll
  static void stop() {
    THREADS.shutdownNow();
  }

  @Test
  void no_step_is_taken_before_it_is_asked_for() {
    AtomicInteger taken = new AtomicInteger();
    AssertSubscriber<Integer> reader =
        counting(taken, 3).subscribe().withSubscriber(AssertSubscriber.create());

    assertEquals(0, taken.get());
    assertEquals(List.of(1), reader.request(1).getItems());
    assertEquals(1, taken.get());
    assertEquals(List.of(1, 2), reader.request(1).getItems());
    assertEquals(2, taken.get());
    assertFalse(reader.hasCompleted());
    assertEquals(List.of(1, 2, 3), reader.request(2).getItems());
    assertTrue(reader.hasCompleted());
    assertEquals(3, taken.get());
  }

  @Test
  void the_last_item_is_delivered_too() {
    assertEquals(List.of(1, 2, 3), read(counting(new AtomicInteger(), 3)));
    assertEquals(List.of(1), read(counting(new AtomicInteger(), 1)));
  }

  @Test
  void each_reader_begins_at_the_start() {
    Multi<Integer> steps = counting(new AtomicInteger(), 2);

    assertEquals(List.of(1, 2), read(steps));
    assertEquals(List.of(1, 2), read(steps));
  }

  @Test
  void a_step_that_fails_is_the_last() {
    AtomicInteger taken = new AtomicInteger();
    AssertSubscriber<Object> reader =
        Steps.iterate(
                1,
                n -> {
                  taken.incrementAndGet();
                  return Uni.createFrom().failure(new IllegalStateException("broken"));
                },
                item -> Optional.of(2))
            .subscribe()
            .withSubscriber(AssertSubscriber.create(5));

    assertEquals("broken", reader.getFailure().getMessage());
    assertEquals(1, taken.get());
  }

  @Test
  void many_steps_need_no_more_stack_than_one() {
    int many = 100_000;

    assertEquals(many, read(counting(new AtomicInteger(), many)).size());
  }

  /** As records are taken in: one is read while the one before is worked on, on other threads. */
  @Test
  void each_item_comes_once_and_in_order_from_many_threads_by_a_queue_of_one() {
    int readers = 100;
    int steps = 300;
    List<Uni<List<Integer>>> all =
        IntStream.range(0, readers)
            .mapToObj(
                reader ->
                    Steps.iterate(
                            1,
                            n -> Uni.createFrom().item(n).runSubscriptionOn(THREADS),
                            n -> upTo(steps, n))
                        .emitOn(THREADS, 1)
                        .onItem()
                        .transformToUniAndConcatenate(n -> Uni.createFrom().item(n).emitOn(THREADS))
                        .collect()
                        .asList())
            .toList();

    List<List<Integer>> read =
        Uni.join().all(all).andFailFast().await().atMost(Duration.ofMinutes(1));

    List<Integer> expected = IntStream.rangeClosed(1, steps).boxed().toList();
    read.forEach(items -> assertEquals(expected, items));
  }

  private static Multi<Integer> counting(AtomicInteger taken, int last) {
    return Steps.iterate(
        1,
        n -> {
          taken.incrementAndGet();
          return Uni.createFrom().item(n);
        },
        n -> upTo(last, n));
  }

  private static Optional<Integer> upTo(int last, int n) {
    return n == last ? Optional.empty() : Optional.of(n + 1);
  }

  private static <T> List<T> read(Multi<T> items) {
    return items.collect().asList().await().atMost(Duration.ofMinutes(1));
  }
}
