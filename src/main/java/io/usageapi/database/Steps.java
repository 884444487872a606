package io.usageapi.database;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Asynchronous steps run one after the other, each on demand and after the previous one ended.
 *
 * <p>It replaces {@code Multi.createBy().repeating()}, which runs an extra step if a request
 * arrives on another thread while a step ends: its subscription (Mutiny's {@code
 * SwitchableSubscriptionSubscriber}, 3.1.1 to 3.3.0) passes the request to whichever step is
 * current by then. A bounded queue behind it fails on the extra item, and a concatenation drops it.
 *
 * @param <S> the state shared by the steps, created for each subscriber
 * @param <T> the result of a step, never null
 */
public final class Steps<S, T> {
  private final Supplier<S> start;
  private final Function<S, Uni<T>> step;

  private Steps(Supplier<S> start, Function<S, Uni<T>> step) {
    this.start = start;
    this.step = step;
  }

  /**
   * Creates steps that share a state.
   *
   * @param start creates the state
   * @param step runs a step; the stream fails if it does
   */
  public static <S, T> Steps<S, T> of(Supplier<S> start, Function<S, Uni<T>> step) {
    return new Steps<>(start, step);
  }

  /** The results up to and including the first that matches. */
  public Multi<T> upTo(Predicate<T> last) {
    return Multi.createFrom()
        .<Walk<S>, Walk<S>>generator(
            () -> new Walk<>(start.get()),
            (walk, next) -> {
              if (walk.ended) {
                next.complete();
              } else {
                next.emit(walk);
              }
              return walk;
            })
        .onItem()
        .transformToUniAndConcatenate(
            walk -> step.apply(walk.state).invoke(item -> walk.ended = last.test(item)));
  }

  /** The results before the first that matches. */
  public Multi<T> until(Predicate<T> end) {
    return upTo(end).select().where(end.negate());
  }

  private static final class Walk<S> {
    private final S state;
    private volatile boolean ended;

    Walk(S state) {
      this.state = state;
    }
  }
}
