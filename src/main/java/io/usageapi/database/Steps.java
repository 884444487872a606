package io.usageapi.database;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

/**
 * Asynchronous steps: each runs on demand, after the one before has ended.
 *
 * <p>They replace {@code Multi.createBy().repeating()}, which runs an extra step if a request
 * arrives on another thread while a step ends: its subscription (Mutiny's {@code
 * SwitchableSubscriptionSubscriber}, 3.1.1 to 3.3.0) passes the request to whichever step is
 * current by then. A bounded queue behind it fails on the extra item, and a concatenation drops it.
 */
public final class Steps {
  private Steps() {}

  /**
   * The results of steps. The stream fails with the first step that does.
   *
   * @param seed the argument of the first step
   * @param step runs a step; its result is never null
   * @param next makes the argument of the next step from a result; empty after the last step
   */
  public static <S, T> Multi<T> iterate(
      S seed, Function<S, Uni<T>> step, Function<T, Optional<S>> next) {
    return Multi.createFrom()
        .<AtomicReference<Optional<S>>, AtomicReference<Optional<S>>>generator(
            () -> new AtomicReference<>(Optional.of(seed)),
            (argument, emitter) -> {
              if (argument.get().isPresent()) {
                emitter.emit(argument);
              } else {
                emitter.complete();
              }
              return argument;
            })
        .onItem()
        .transformToUniAndConcatenate(
            argument ->
                step.apply(argument.get().orElseThrow())
                    .invoke(result -> argument.set(next.apply(result))));
  }
}
