package io.usageapi.intake.format;

import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import java.io.IOException;
import java.io.InputStream;

/**
 * The lines of a body, one at a time, as bytes in a buffer that is used again. The buffer grows to
 * the longest line allowed and no further.
 */
final class Lines {
  private static final int FIRST_CAPACITY = 65_536;

  private final InputStream body;
  private final int maxBytes;
  private byte[] buffer = new byte[FIRST_CAPACITY];
  private int start;
  private int end;
  private int filled;
  private long number;

  Lines(InputStream body, int maxBytes) {
    this.body = body;
    this.maxBytes = maxBytes;
  }

  /**
   * Goes to the next line.
   *
   * @return whether there is one. The last needs no line end, as the body ended properly: one that
   *     broke off fails.
   * @throws ApiException 413 when the line is too long
   */
  boolean next() throws IOException {
    start = end;
    number++;
    int scanned = 0;
    while (true) {
      int lineEnd = indexOfLineEnd(start + scanned);
      scanned = (lineEnd < 0 ? filled : lineEnd) - start;
      if (scanned > maxBytes) {
        throw ApiException.of(
            ErrorCode.PAYLOAD_TOO_LARGE,
            "A line may have at most "
                + maxBytes
                + " bytes; line "
                + number
                + " has more. Records before it may have been taken in; sending it all again is"
                + " safe.");
      }
      if (lineEnd >= 0) {
        end = lineEnd + 1;
        return true;
      }
      if (!fill()) {
        end = filled;
        number -= scanned == 0 ? 1 : 0;
        return scanned > 0;
      }
    }
  }

  private int indexOfLineEnd(int from) {
    for (int i = from; i < filled; i++) {
      if (buffer[i] == '\n') {
        return i;
      }
    }
    return -1;
  }

  /** Reads on behind what is there of the line, which moves to the front. */
  private boolean fill() throws IOException {
    if (filled == buffer.length) {
      byte[] target = start == 0 ? new byte[buffer.length * 2] : buffer;
      System.arraycopy(buffer, start, target, 0, filled - start);
      buffer = target;
      filled -= start;
      start = 0;
    }
    int read = body.read(buffer, filled, buffer.length - filled);
    filled += Math.max(read, 0);
    return read >= 0;
  }

  /** The buffer that holds the line, from {@link #offset}, {@link #length} bytes of it. */
  byte[] buffer() {
    return buffer;
  }

  /** Where the line begins in the buffer. */
  int offset() {
    return start;
  }

  /** How many bytes the line has, its line end included. */
  int length() {
    return end - start;
  }

  /** The number of the line, from 1; when reading it fails, of the one that was being read. */
  long number() {
    return number;
  }
}
