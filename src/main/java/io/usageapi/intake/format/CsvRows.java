package io.usageapi.intake.format;

import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import io.usageapi.error.FieldError;
import io.usageapi.text.TextLimit;
import java.io.FilterReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.apache.commons.io.input.BOMInputStream;

/** The rows of a CSV body (RFC 4180): cells by column name. */
final class CsvRows {
  private final BoundedReader characters;
  private final CSVParser parser;
  private final Iterator<CSVRecord> rows;
  private final List<String> header;
  private long index;

  /**
   * Opens a body and reads its header.
   *
   * @param maxRowCharacters the longest row, including its line breaks
   * @param maxColumns the most columns
   * @param needed the columns the header must have
   * @param known whether a column is allowed
   * @throws ApiException 400 {@code invalid_body} for a header with too many, missing, repeated or
   *     unknown columns
   */
  CsvRows(
      InputStream body,
      int maxRowCharacters,
      int maxColumns,
      Set<String> needed,
      Predicate<String> known) {
    try {
      this.characters =
          new BoundedReader(
              new InputStreamReader(
                  BOMInputStream.builder().setInputStream(body).get(),
                  StandardCharsets.UTF_8.newDecoder()),
              maxRowCharacters);
      this.parser = CSVFormat.RFC4180.builder().setIgnoreEmptyLines(true).get().parse(characters);
    } catch (IOException e) {
      throw EntrySource.broken(e, 1);
    }
    this.rows = parser.iterator();
    this.header = header(maxColumns, needed, known);
  }

  private List<String> header(int maxColumns, Set<String> needed, Predicate<String> known) {
    List<String> names = row().map(CSVRecord::toList).orElse(List.of());
    if (names.size() > maxColumns) {
      throw ApiException.of(
          ErrorCode.INVALID_BODY,
          "The header may have at most " + maxColumns + " columns; it has " + names.size() + ".");
    }
    List<FieldError> errors = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (String name : names) {
      if (!seen.add(name)) {
        errors.add(new FieldError(TextLimit.shown(name), "stands in the header twice"));
      } else if (!known.test(name)) {
        errors.add(new FieldError(TextLimit.shown(name), "is not a field of a record"));
      }
    }
    needed.stream()
        .sorted()
        .filter(name -> !seen.contains(name))
        .forEach(name -> errors.add(new FieldError(name, "is missing from the header")));
    if (!errors.isEmpty()) {
      throw ApiException.of(ErrorCode.INVALID_BODY, errors);
    }
    return names;
  }

  /** Reads a row's cells as an entry. */
  interface CellReader {
    Entry read(Entry.Place place, Map<String, String> cells);
  }

  /** The entries of the next rows, at most {@code max}; none at the end. */
  List<Entry> next(int max, CellReader reader) {
    List<Entry> batch = new ArrayList<>();
    while (batch.size() < max) {
      Optional<CSVRecord> row = row();
      if (row.isEmpty()) {
        break;
      }
      batch.add(entry(row.get(), reader));
      index++;
    }
    return batch;
  }

  private Entry entry(CSVRecord row, CellReader reader) {
    Entry.Place place = new Entry.Place(index, firstLine(row));
    if (row.size() != header.size()) {
      return new Entry.Rejected(
          place,
          null,
          ErrorCode.INVALID_RECORD,
          List.of(
              new FieldError(
                  "line " + place.line(),
                  "has " + row.size() + " cells, the header has " + header.size())));
    }
    Map<String, String> cells = new LinkedHashMap<>();
    for (int i = 0; i < header.size(); i++) {
      cells.put(header.get(i), row.get(i));
    }
    return reader.read(place, cells);
  }

  private Optional<CSVRecord> row() {
    characters.recordEnded();
    try {
      return rows.hasNext() ? Optional.of(rows.next()) : Optional.empty();
    } catch (UncheckedIOException e) {
      throw EntrySource.broken(e.getCause(), Math.max(1, parser.getCurrentLineNumber()));
    }
  }

  /** The parser only knows the line a row ends on. */
  private long firstLine(CSVRecord row) {
    long breaks = 0;
    for (String cell : row) {
      breaks += cell.lines().count() - (cell.isEmpty() ? 0 : 1);
      breaks += cell.endsWith("\n") || cell.endsWith("\r") ? 1 : 0;
    }
    return parser.getCurrentLineNumber() - breaks;
  }

  /** Fails on an endless record before it fills the memory. */
  private static final class BoundedReader extends FilterReader {
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
}
