package io.usageapi.intake.format;

import io.usageapi.http.body.ArrivingBody;
import java.io.InputStream;
import java.util.List;
import java.util.function.Function;

/**
 * Reads a source while its previous batch is written. If a write fails during a read, the result of
 * the read is dropped, and closing waits for the read to return.
 */
public final class ReadAheadSource implements EntrySource {
  private final ArrivingBody body;
  private final Function<InputStream, EntrySource> open;
  private EntrySource source;
  private volatile boolean ended;

  /**
   * Creates the source.
   *
   * @param open creates the actual source at the first read; it may read from the body
   */
  public ReadAheadSource(ArrivingBody body, Function<InputStream, EntrySource> open) {
    this.body = body;
    this.open = open;
  }

  @Override
  public synchronized List<Entry> next(int max) {
    if (ended) {
      return List.of();
    }
    try {
      if (source == null) {
        source = open.apply(body);
      }
      return source.next(max);
    } catch (RuntimeException e) {
      if (ended) {
        // The request was answered already.
        return List.of();
      }
      throw e;
    }
  }

  /** Stops reading; a read that waits for the client returns. */
  public void end() {
    ended = true;
    body.close();
  }

  @Override
  public synchronized void close() {
    end();
    if (source != null) {
      source.close();
    }
  }
}
