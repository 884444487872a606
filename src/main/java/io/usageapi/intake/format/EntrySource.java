package io.usageapi.intake.format;

import java.util.List;

/** The records of a body, pulled in batches on a thread that may block. */
public interface EntrySource extends AutoCloseable {
  /**
   * Reads the next records.
   *
   * @param max the most records to return
   * @return the records; none at the end of the body
   * @throws io.usageapi.error.ApiException if the body as a whole is invalid
   */
  List<Entry> next(int max);

  /**
   * Frees the resources of the source, but does not close the body: the framework would wait for
   * its rest.
   */
  @Override
  default void close() {}
}
