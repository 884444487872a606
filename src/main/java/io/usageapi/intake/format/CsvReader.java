package io.usageapi.intake.format;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads CSV (RFC 4180, UTF-8 with or without a byte order mark) row by row. A row lies in buffers
 * that are reused; a cell becomes a text only when it is asked for. Empty lines are skipped.
 */
public final class CsvReader {
  private static final int BUFFER = 16_384;
  private static final int FIRST_CELLS = 64;
  private static final char BYTE_ORDER_MARK = '\uFEFF';

  private final Reader in;
  private final int maxRowCharacters;
  private final char[] buffer = new char[BUFFER];
  private int at;
  private int filled;

  /** The cells of the row without their quotes; cell {@code i} ends at {@code ends[i]}. */
  private char[] text = new char[BUFFER];

  private int length;
  private int[] ends = new int[FIRST_CELLS];
  private int cells;
  private boolean quoted;

  private long line = 1;
  private long rowLine = 1;

  /** The characters of the row in earlier buffers, and where its rest starts in this one. */
  private int rowCharacters;

  private int rowStart;

  /**
   * Creates the reader; reads nothing.
   *
   * @param maxRowCharacters the longest row, including its quotes and line breaks
   */
  public CsvReader(InputStream body, int maxRowCharacters) {
    this.in = new InputStreamReader(body, StandardCharsets.UTF_8.newDecoder());
    this.maxRowCharacters = maxRowCharacters;
  }

  /** Quotes that never close, or are followed by more than a comma or the end of the line. */
  public static final class QuotingException extends IOException {
    private static final long serialVersionUID = 1L;
    private final int next;

    QuotingException(int next) {
      super("broken quoting");
      this.next = next;
    }

    /** The character after the closing quote; -1 if the quote never closes. */
    public int next() {
      return next;
    }
  }

  /**
   * Reads the next row. The last one may lack a line end.
   *
   * @return whether there is one
   * @throws TooLongException if the row is too long
   * @throws QuotingException if its quoting is broken
   */
  public boolean next() throws IOException {
    do {
      length = 0;
      cells = 0;
      quoted = false;
      rowCharacters = 0;
      rowStart = at;
      rowLine = line;
      if (peek() < 0) {
        return false;
      }
      if (line == 1 && at == 0 && buffer[0] == BYTE_ORDER_MARK) {
        at++;
      }
      readCells();
      requireShort();
    } while (cells == 1 && length == 0 && !quoted);
    return true;
  }

  private void readCells() throws IOException {
    while (true) {
      if (peek() == '"') {
        at++;
        quoted = true;
        readQuoted();
      } else {
        readPlain();
      }
      endCell();
      int next = peek();
      if (next < 0) {
        return;
      }
      at++;
      if (next != ',') {
        if (next == '\r' && peek() == '\n') {
          at++;
        }
        line++;
        return;
      }
    }
  }

  private void readPlain() throws IOException {
    while (peek() >= 0) {
      int from = at;
      while (at < filled && !endsCell(buffer[at])) {
        at++;
      }
      append(from);
      if (at < filled) {
        return;
      }
    }
  }

  private static boolean endsCell(int character) {
    return character == ',' || character == '\n' || character == '\r';
  }

  private void readQuoted() throws IOException {
    char previous = 0;
    while (true) {
      if (peek() < 0) {
        throw new QuotingException(-1);
      }
      int from = at;
      while (at < filled && buffer[at] != '"') {
        char character = buffer[at];
        if (character == '\r' || (character == '\n' && previous != '\r')) {
          line++;
        }
        previous = character;
        at++;
      }
      append(from);
      if (at < filled) {
        at++;
        if (peek() != '"') {
          break;
        }
        // The second of two quotes stands for one.
        at++;
        append(at - 1);
        previous = '"';
      }
    }
    while (peek() == ' ') {
      at++;
    }
    if (peek() >= 0 && !endsCell(peek())) {
      throw new QuotingException(peek());
    }
  }

  /** Appends the characters from there to here to the row. */
  private void append(int from) {
    int count = at - from;
    if (length + count > text.length) {
      text = Arrays.copyOf(text, Math.max(2 * text.length, length + count));
    }
    System.arraycopy(buffer, from, text, length, count);
    length += count;
  }

  private void endCell() {
    if (cells == ends.length) {
      ends = Arrays.copyOf(ends, 2 * cells);
    }
    ends[cells] = length;
    cells++;
  }

  /** The next character, which is not taken; -1 at the end. */
  private int peek() throws IOException {
    return at < filled || fill() ? buffer[at] : -1;
  }

  private boolean fill() throws IOException {
    rowCharacters += at - rowStart;
    rowStart = 0;
    at = 0;
    filled = 0;
    requireShort();
    int read;
    do {
      read = in.read(buffer, 0, BUFFER);
    } while (read == 0);
    filled = Math.max(read, 0);
    return read > 0;
  }

  private void requireShort() throws TooLongException {
    if (rowCharacters + at - rowStart > maxRowCharacters) {
      throw new TooLongException("A row may have at most " + maxRowCharacters + " characters");
    }
  }

  /** How many cells the row has. */
  public int cells() {
    return cells;
  }

  /** A cell of the row, from 0. */
  public String cell(int index) {
    int start = index == 0 ? 0 : ends[index - 1];
    return new String(text, start, ends[index] - start);
  }

  /** All cells of the row. */
  public List<String> row() {
    List<String> row = new ArrayList<>(cells);
    for (int i = 0; i < cells; i++) {
      row.add(cell(i));
    }
    return row;
  }

  /** The line the row starts on, from 1; after a failure, of the row being read. */
  public long line() {
    return rowLine;
  }
}
