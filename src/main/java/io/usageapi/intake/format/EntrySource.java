package io.usageapi.intake.format;

import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.util.List;
import java.util.zip.ZipException;
import org.apache.commons.csv.CSVException;

/** The records of a body, pulled in batches on a thread that may block. */
public interface EntrySource extends AutoCloseable {
  /**
   * Reads the next records.
   *
   * @param max the most records to return
   * @return the records; none at the end of the body
   * @throws ApiException if the body as a whole is invalid
   */
  List<Entry> next(int max);

  /** The failure to read a stream of records, at a line. */
  static ApiException broken(IOException e, long line) {
    return broken(
        e, line, "Records before it may have been taken in; sending it all again is safe.");
  }

  /**
   * The failure to read a stream, at a line.
   *
   * @param consequence a sentence that says what became of the lines before it
   */
  static ApiException broken(IOException e, long line, String consequence) {
    if (e instanceof TooLongException) {
      return ApiException.of(
          ErrorCode.PAYLOAD_TOO_LARGE,
          e.getMessage() + "; line " + line + " has more. " + consequence);
    }
    String problem = "The body broke off";
    if (e instanceof ZipException) {
      problem = "The gzip of the body is broken";
    } else if (e instanceof CSVException) {
      problem = "The quoting is broken";
    } else if (e instanceof CharacterCodingException) {
      problem = "The body is not UTF-8";
    }
    return ApiException.of(
        ErrorCode.INVALID_BODY, problem + " at or after line " + line + ". " + consequence);
  }

  /**
   * Frees the resources of the source, but does not close the body: the framework would wait for
   * its rest.
   */
  @Override
  default void close() {}
}
