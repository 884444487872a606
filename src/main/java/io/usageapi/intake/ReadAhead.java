package io.usageapi.intake;

import java.util.List;

/**
 * A source that is read while what it gave before is written. The writing may fail and end the
 * request while a read is under way: then the read comes to nothing, and closing waits for it.
 */
final class ReadAhead implements EntrySource {
  private final EntrySource source;
  private volatile boolean ended;

  ReadAhead(EntrySource source) {
    this.source = source;
  }

  @Override
  public synchronized List<Entry> next(int max) {
    if (ended) {
      return List.of();
    }
    try {
      return source.next(max);
    } catch (RuntimeException e) {
      if (ended) {
        // The request was answered; nobody waits for this any more.
        return List.of();
      }
      throw e;
    }
  }

  /** Nothing more will be wanted. Does not wait. */
  void end() {
    ended = true;
  }

  @Override
  public synchronized void close() {
    ended = true;
    source.close();
  }
}
