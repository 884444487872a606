package io.usageapi.intake;

import io.smallrye.mutiny.Uni;
import io.usageapi.database.Steps;
import io.usageapi.http.body.ArrivingBody;
import io.usageapi.http.body.BodyConfig;
import io.usageapi.intake.format.Entry;
import io.usageapi.intake.format.EntrySource;
import io.usageapi.intake.format.ReadAheadSource;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/**
 * Reads the entries of bodies in batches: each batch is taken after the previous one was. Meanwhile
 * one more batch is read.
 */
public final class EntryBatches {
  private static final int BATCHES_AHEAD = 1;

  private final BodyThreads threads;
  private final BodyConfig reading;

  /**
   * Creates the threads that read.
   *
   * @param name of the threads
   * @param bodies how many bodies are read at once
   */
  public EntryBatches(Vertx vertx, String name, int bodies, BodyConfig reading) {
    this.threads = new BodyThreads(vertx, name, bodies);
    this.reading = reading;
  }

  /**
   * Reads a body.
   *
   * @param request the request, with its body untouched; its client is still there
   * @param open creates the source of the body, on a thread that may block
   * @param size the most entries of the next batch
   * @param take takes a batch
   * @param outcome what the outcomes of the batches are added to
   * @param closed called when the body is not read any more
   * @return the outcome; fails as the body or {@code take} does, after everything read before is
   *     taken
   */
  public <T, C> Uni<C> read(
      HttpServerRequest request,
      Function<InputStream, EntrySource> open,
      IntSupplier size,
      Function<List<Entry>, Uni<T>> take,
      Supplier<C> outcome,
      BiConsumer<C, T> add,
      Runnable closed) {
    ReadAheadSource source = new ReadAheadSource(ArrivingBody.open(request, reading), open);
    return Steps.iterate(
            source,
            body ->
                Uni.createFrom()
                    .item(() -> body.next(size.getAsInt()))
                    .runSubscriptionOn(threads)
                    .map(batch -> new Reading(batch, null))
                    .onFailure()
                    .recoverWithItem(failure -> new Reading(List.of(), failure)),
            read -> read.batch().isEmpty() ? Optional.empty() : Optional.of(source))
        .emitOn(threads, BATCHES_AHEAD)
        .onItem()
        .transformToUniAndConcatenate(
            read ->
                read.failure() == null
                    ? take.apply(read.batch())
                    : Uni.createFrom().<T>failure(read.failure()))
        .collect()
        .in(outcome, add)
        .onTermination()
        // The answer waits for it: whoever sends the next body then finds the place free.
        .call(() -> end(source, closed));
  }

  /**
   * The result of a read. A failure waits until everything read before it is taken.
   *
   * @param batch the entries; empty at the end and on failure
   * @param failure why the read failed, or null
   */
  private record Reading(List<Entry> batch, Throwable failure) {}

  /** Closes on a thread that may wait for a read in progress. */
  private Uni<Void> end(ReadAheadSource source, Runnable closed) {
    source.end();
    return Uni.createFrom()
        .voidItem()
        .emitOn(threads)
        .invoke(
            () -> {
              try {
                source.close();
              } finally {
                closed.run();
              }
            });
  }

  /** The threads that read and check bodies. */
  Executor threads() {
    return threads;
  }

  /** Stops the threads. */
  public void close() {
    threads.close();
  }
}
