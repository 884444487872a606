package io.usageapi.intake.format;

import java.io.BufferedReader;
import java.io.FilterReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.apache.commons.io.input.BOMInputStream;

/**
 * Reads CSV (RFC 4180, UTF-8 with or without a byte order mark) row by row, each of bounded length.
 * Empty lines are skipped.
 */
public final class CsvReader {
  /** How much of the body {@link #beginning} shows at most. */
  private static final int BEGINNING = 4096;

  private final BoundedReader characters;
  private final String beginning;
  private final CSVParser parser;
  private final Iterator<CSVRecord> rows;
  private CSVRecord row;

  /**
   * Opens a body, and waits for its first characters.
   *
   * @param maxRowCharacters the longest row, including its quotes and line breaks
   */
  public CsvReader(InputStream body, int maxRowCharacters) throws IOException {
    BufferedReader text =
        new BufferedReader(
            new InputStreamReader(
                BOMInputStream.builder().setInputStream(body).get(),
                StandardCharsets.UTF_8.newDecoder()));
    this.beginning = beginning(text);
    this.characters = new BoundedReader(text, maxRowCharacters);
    this.parser = CSVFormat.RFC4180.builder().setIgnoreEmptyLines(true).get().parse(characters);
    this.rows = parser.iterator();
  }

  private static String beginning(BufferedReader text) throws IOException {
    char[] first = new char[BEGINNING];
    text.mark(BEGINNING);
    int read = text.read(first);
    text.reset();
    return read < 0 ? "" : new String(first, 0, read);
  }

  /** The first characters of the body, as they came. */
  public String beginning() {
    return beginning;
  }

  /**
   * Reads the next row. The last one may lack a line end.
   *
   * @return whether there is one
   * @throws TooLongException if the row is too long
   * @throws org.apache.commons.csv.CSVException if its quoting is broken
   */
  public boolean next() throws IOException {
    characters.rowEnded();
    try {
      row = rows.hasNext() ? rows.next() : null;
      return row != null;
    } catch (UncheckedIOException e) {
      row = null;
      throw e.getCause();
    }
  }

  /** How many cells the row has. */
  public int cells() {
    return row.size();
  }

  /** A cell of the row, from 0. */
  public String cell(int index) {
    return row.get(index);
  }

  /** All cells of the row. */
  public List<String> row() {
    return row.toList();
  }

  /** The line the row starts on, from 1; after a failure, one at or before it. */
  public long line() {
    return row == null ? Math.max(1, parser.getCurrentLineNumber()) : firstLine();
  }

  /** The parser only knows the line a row ends on. */
  private long firstLine() {
    long breaks = 0;
    for (String cell : row) {
      breaks += cell.lines().count() - (cell.isEmpty() ? 0 : 1);
      breaks += cell.endsWith("\n") || cell.endsWith("\r") ? 1 : 0;
    }
    return parser.getCurrentLineNumber() - breaks;
  }

  /** Fails on an endless row before it fills the memory. */
  private static final class BoundedReader extends FilterReader {
    private final int maxCharacters;
    private int count;

    BoundedReader(Reader in, int maxCharacters) {
      super(in);
      this.maxCharacters = maxCharacters;
    }

    /** Starts to count the next row. */
    void rowEnded() {
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

    private void count(int characters) throws TooLongException {
      count += characters;
      if (count > maxCharacters) {
        throw new TooLongException("A row may have at most " + maxCharacters + " characters");
      }
    }
  }
}
