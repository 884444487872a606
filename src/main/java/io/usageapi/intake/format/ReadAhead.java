package io.usageapi.intake.format;

import io.usageapi.http.body.ArrivingBody;
import java.io.InputStream;
import java.util.List;
import java.util.function.Function;

/**
 * A source that is read while what it gave before is written. The writing may fail and end the
 * request while a read is under way: then the read comes to nothing, and closing waits for it, as
 * long as what is there of the body takes.
 */
public final class ReadAhead implements EntrySource {
  private final ArrivingBody body;
  private final Function<InputStream, EntrySource> open;
  private EntrySource source;
  private volatile boolean ended;

  /**
   * Creates the source of a body, of which nothing is read yet.
   *
   * @param open makes the source, which may read of the body; when it is first read
   */
  public ReadAhead(ArrivingBody body, Function<InputStream, EntrySource> open) {
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
        // The request was answered; nobody waits for this any more.
        return List.of();
      }
      throw e;
    }
  }

  /** Nothing more will be wanted, and a read that waits for the client waits no more. */
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
