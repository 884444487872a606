package io.usageapi.intake.format;

import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import io.usageapi.error.FieldError;
import io.usageapi.text.TextLimit;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** The rows of a CSV body: cells by column name. */
final class CsvRows {
  /** A column of every billing file, and of no record. */
  private static final String OF_FOCUS = "BilledCost";

  private final CsvReader rows;
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
      this.rows = new CsvReader(body, maxRowCharacters);
    } catch (IOException e) {
      throw EntrySource.broken(e, 1);
    }
    this.header = header(maxColumns, needed, known);
  }

  private List<String> header(int maxColumns, Set<String> needed, Predicate<String> known) {
    List<String> names = row() ? rows.row() : List.of();
    if (names.contains(OF_FOCUS) && !known.test(OF_FOCUS)) {
      throw ApiException.of(
          ErrorCode.INVALID_BODY,
          "The header is one of a FOCUS billing file: PUT it to /express/usage/imports/{id}.");
    }
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
    while (batch.size() < max && row()) {
      batch.add(entry(reader));
      index++;
    }
    return batch;
  }

  private Entry entry(CellReader reader) {
    Entry.Place place = new Entry.Place(index, rows.line());
    if (rows.cells() != header.size()) {
      return Entry.Rejected.ofCells(place, rows.cells(), header.size());
    }
    Map<String, String> cells = new LinkedHashMap<>();
    for (int i = 0; i < header.size(); i++) {
      cells.put(header.get(i), rows.cell(i));
    }
    return reader.read(place, cells);
  }

  private boolean row() {
    try {
      return rows.next();
    } catch (IOException e) {
      throw EntrySource.broken(e, rows.line());
    }
  }
}
