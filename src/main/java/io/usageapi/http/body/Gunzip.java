package io.usageapi.http.body;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipException;

/**
 * Decodes gzip (RFC 1952) strictly: one or more members, then the end. It finds the end by reading,
 * never by {@code available()}, so packet boundaries make no difference. It checks every length and
 * checksum.
 *
 * <p>{@code GZIPInputStream} takes a broken next member for the end. Commons Compress is strict,
 * but keeps a file name of any length and ignores the checksum of a header. This class skips the
 * optional parts of a header, and keeps nothing of them.
 *
 * <p>Bytes are returned before the checksum of their member is known: a member may have any length.
 * Only at the end all of them are checked.
 *
 * <p>A read fails with {@link EOFException} if the body ends within a member, with {@link
 * ZipException} if it is not gzip, and with 413 if it is a decompression bomb. Later reads fail
 * too.
 */
final class Gunzip extends InputStream {
  private static final int BUFFER = 8192;
  private static final int ID_1 = 0x1F;
  private static final int ID_2 = 0x8B;
  private static final int DEFLATE = 8;
  private static final int HEADER_CHECKSUM = 0x02;
  private static final int EXTRA = 0x04;
  private static final int NAME = 0x08;
  private static final int COMMENT = 0x10;
  private static final int RESERVED = 0xE0;

  /** The length of time, extra flags and system. */
  private static final int IGNORED = 6;

  private final InputStream in;
  private final long maxRatio;
  private final Inflater inflater = new Inflater(true);
  private final CRC32 checksum = new CRC32();
  private final CRC32 headerChecksum = new CRC32();
  private final byte[] buffer = new byte[BUFFER];
  private int at;
  private int filled;
  private long taken;
  private long given;
  private State state = State.BEFORE_FIRST;

  private enum State {
    BEFORE_FIRST,
    IN_MEMBER,
    BETWEEN,
    AT_END,
    BROKEN
  }

  /**
   * Creates the stream; reads nothing.
   *
   * @param maxRatio the largest ratio of decompressed to compressed bytes
   */
  Gunzip(InputStream in, long maxRatio) {
    this.in = in;
    this.maxRatio = maxRatio;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (state == State.BROKEN) {
      throw new ZipException("broken before");
    }
    State before = state;
    state = State.BROKEN;
    try {
      int read = readOn(before, target, offset, length);
      state = read < 0 ? State.AT_END : State.IN_MEMBER;
      return read;
    } catch (DataFormatException e) {
      ZipException broken = new ZipException("not deflate");
      broken.initCause(e);
      throw broken;
    } finally {
      if (state != State.IN_MEMBER) {
        inflater.end();
      }
    }
  }

  private int readOn(State before, byte[] target, int offset, int length)
      throws IOException, DataFormatException {
    State now = before;
    while (now != State.AT_END) {
      if (now != State.IN_MEMBER) {
        now = beginMember(now == State.BEFORE_FIRST) ? State.IN_MEMBER : State.AT_END;
        continue;
      }
      int read = inflater.inflate(target, offset, length);
      if (read > 0) {
        checksum.update(target, offset, read);
        given += read;
        requireProportion();
        return read;
      }
      if (inflater.finished()) {
        endMember();
        now = State.BETWEEN;
      } else if (inflater.needsDictionary()) {
        throw new ZipException("a dictionary is asked for");
      } else if (inflater.needsInput()) {
        if (!fill()) {
          throw new EOFException();
        }
        inflater.setInput(buffer, 0, filled);
      }
    }
    return -1;
  }

  /** Reads the header of a member; false if there is none. */
  private boolean beginMember(boolean first) throws IOException {
    if (at == filled && !fill()) {
      if (first) {
        throw new EOFException();
      }
      return false;
    }
    headerChecksum.reset();
    if (headerByte() != ID_1 || headerByte() != ID_2 || headerByte() != DEFLATE) {
      throw new ZipException("no member begins here");
    }
    int flags = headerByte();
    if ((flags & RESERVED) != 0) {
      throw new ZipException("a reserved flag is set");
    }
    passOver(IGNORED);
    if ((flags & EXTRA) != 0) {
      passOver(headerByte() | headerByte() << 8);
    }
    if ((flags & NAME) != 0) {
      passOverText();
    }
    if ((flags & COMMENT) != 0) {
      passOverText();
    }
    if ((flags & HEADER_CHECKSUM) != 0) {
      long expected = headerChecksum.getValue() & 0xFFFF;
      if (littleEndian(2) != expected) {
        throw new ZipException("the checksum of the header is wrong");
      }
    }
    inflater.reset();
    inflater.setInput(buffer, at, filled - at);
    checksum.reset();
    return true;
  }

  /** Checks a member against its trailer. */
  private void endMember() throws IOException {
    at = filled - inflater.getRemaining();
    if (littleEndian(4) != checksum.getValue()) {
      throw new ZipException("the checksum is wrong");
    }
    if (littleEndian(4) != (inflater.getBytesWritten() & 0xFFFF_FFFFL)) {
      throw new ZipException("the length is wrong");
    }
  }

  private void passOver(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      headerByte();
    }
  }

  private void passOverText() throws IOException {
    while (headerByte() != 0) {
      // Of any length, and of no use.
    }
  }

  @CanIgnoreReturnValue
  private int headerByte() throws IOException {
    int next = next();
    headerChecksum.update(next);
    return next;
  }

  private long littleEndian(int count) throws IOException {
    long value = 0;
    for (int i = 0; i < count; i++) {
      value |= (long) next() << (8 * i);
    }
    return value;
  }

  private int next() throws IOException {
    if (at == filled && !fill()) {
      throw new EOFException();
    }
    return buffer[at++] & 0xFF;
  }

  /** Waits for more bytes; false at the end. */
  private boolean fill() throws IOException {
    int read;
    do {
      read = in.read(buffer, 0, BUFFER);
    } while (read == 0);
    at = 0;
    filled = Math.max(read, 0);
    taken += filled;
    return read > 0;
  }

  private void requireProportion() {
    if (given > taken * maxRatio) {
      throw ApiException.of(
          ErrorCode.PAYLOAD_TOO_LARGE,
          "The body grows to more than " + maxRatio + " times what was sent.");
    }
  }

  @Override
  public void close() throws IOException {
    state = State.BROKEN;
    inflater.end();
    in.close();
  }
}
