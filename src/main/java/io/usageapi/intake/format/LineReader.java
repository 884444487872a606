package io.usageapi.intake.format;

import java.io.IOException;
import java.io.InputStream;

/**
 * Reads the lines of a body as bytes into a reused buffer, which grows at most to the longest line.
 */
final class LineReader {
  private static final int FIRST_CAPACITY = 65_536;

  private final InputStream body;
  private final int maxBytes;
  private byte[] buffer = new byte[FIRST_CAPACITY];
  private int start;
  private int end;
  private int filled;
  private long number;

  LineReader(InputStream body, int maxBytes) {
    this.body = body;
    this.maxBytes = maxBytes;
  }

  /**
   * Reads the next line. The last line may lack a line end.
   *
   * @return whether there is one
   * @throws TooLongException if the line is too long
   */
  boolean next() throws IOException {
    start = end;
    number++;
    int scanned = 0;
    while (true) {
      int lineEnd = indexOfLineEnd(start + scanned);
      scanned = (lineEnd < 0 ? filled : lineEnd) - start;
      if (scanned > maxBytes) {
        throw new TooLongException("A line may have at most " + maxBytes + " bytes");
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

  /** Reads more bytes; if the buffer is full, moves the started line to the front. */
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

  /** The buffer that holds the line: {@link #length} bytes from {@link #offset}. */
  byte[] buffer() {
    return buffer;
  }

  int offset() {
    return start;
  }

  /** The length of the line in bytes, including its line end. */
  int length() {
    return end - start;
  }

  /** The number of the line, from 1; after a failure, of the line being read. */
  long number() {
    return number;
  }
}
