package io.usageapi.intake.format;

import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import java.io.FilterReader;
import java.io.IOException;
import java.io.Reader;

/** Fails on an endless record before it fills the memory. */
final class BoundedReader extends FilterReader {
  private final int maxCharacters;
  private int count;

  BoundedReader(Reader in, int maxCharacters) {
    super(in);
    this.maxCharacters = maxCharacters;
  }

  /** Starts to count the next record. */
  void recordEnded() {
    count = 0;
  }

  @Override
  public int read() throws IOException {
    int read = in.read();
    count(read < 0 ? 0 : 1);
    return read;
  }

  @Override
  public int read(char[] buffer, int offset, int length) throws IOException {
    int read = in.read(buffer, offset, length);
    count(Math.max(read, 0));
    return read;
  }

  private void count(int characters) {
    count += characters;
    if (count > maxCharacters) {
      throw ApiException.of(
          ErrorCode.PAYLOAD_TOO_LARGE,
          "A record may have at most " + maxCharacters + " characters.");
    }
  }
}
