package io.usageapi.intake.format;

import java.util.List;

/** The records of a body, pulled a batch at a time on a thread that may wait for the body. */
public interface EntrySource extends AutoCloseable {
  /**
   * The next records.
   *
   * @param max how many at most
   * @return them; none when the body is at its end
   * @throws io.usageapi.error.ApiException when the body as a whole is not valid
   */
  List<Entry> next(int max);

  /**
   * Frees what the source holds. Not the body, which is the framework's: closing it would wait for
   * all that is still to come.
   */
  @Override
  void close();
}
