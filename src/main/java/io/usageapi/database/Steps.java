package io.usageapi.database;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Takes steps one after the other, each when its item is asked for and the one before has ended. It
 * replaces {@code Multi.createBy().repeating()}, which now and then takes a step that nobody asked
 * for (docs/upstream.md, report 7).
 *
 * @param <S> what a step knows of those before, made anew for each subscriber
 * @param <T> what a step gives, never null
 */
public final class Steps<S, T> {
  private final Supplier<S> start;
  private final Function<S, Uni<T>> step;

  private Steps(Supplier<S> start, Function<S, Uni<T>> step) {
    this.start = start;
    this.step = step;
  }

  /**
   * Steps that share a state.
   *
   * @param start makes it
   * @param step takes a step; the items fail as it does
   */
  public static <S, T> Steps<S, T> of(Supplier<S> start, Function<S, Uni<T>> step) {
    return new Steps<>(start, step);
  }

  /** What the steps give, the last of them included. */
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

  /** What the steps give before the first that shows the end. */
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
