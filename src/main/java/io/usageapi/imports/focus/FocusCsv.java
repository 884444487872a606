package io.usageapi.imports.focus;

import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import io.usageapi.error.FieldError;
import io.usageapi.intake.RecordReader;
import io.usageapi.intake.format.CsvReader;
import io.usageapi.intake.format.Entry;
import io.usageapi.text.TextLimit;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.commons.csv.CSVException;

/** The rows of a FOCUS file as CSV, its columns in any order. */
public final class FocusCsv implements FocusRows {
  /** Far more than FOCUS and all provider extensions have. */
  static final int MAX_COLUMNS = 1_024;

  private static final char[] SEPARATORS = {';', '\t'};

  private final CsvReader csv;
  private final FocusRow row;

  /** The column of each cell; null for one that is ignored. */
  private final FocusColumn[] columns;

  private long index;

  private FocusCsv(CsvReader csv, FocusRow row, FocusColumn[] columns) {
    this.csv = csv;
    this.row = row;
    this.columns = columns;
  }

  /**
   * Opens a file and reads its header.
   *
   * @param body UTF-8 without a byte order mark
   * @throws ApiException 400 {@code invalid_body} if the header lacks a column or has one twice, or
   *     is not a header of FOCUS at all
   */
  public static FocusCsv open(InputStream body, RecordReader reader, int maxRowCharacters)
      throws IOException {
    CsvReader csv = new CsvReader(body, maxRowCharacters);
    return new FocusCsv(csv, new FocusRow(reader), columns(header(csv)));
  }

  private static FocusColumn[] columns(List<String> header) {
    requireFocus(header);
    List<FieldError> errors = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    FocusColumn[] columns = new FocusColumn[header.size()];
    for (int i = 0; i < columns.length; i++) {
      columns[i] = FocusColumn.byId(header.get(i));
      if (!seen.add(header.get(i))) {
        errors.add(new FieldError(TextLimit.shown(header.get(i)), "stands in the header twice"));
      }
    }
    for (FocusColumn needed : FocusColumn.NEEDED) {
      if (!seen.contains(needed.id())) {
        errors.add(new FieldError(needed.id(), missing(needed, header)));
      }
    }
    if (!errors.isEmpty()) {
      throw ApiException.of(ErrorCode.INVALID_BODY, errors);
    }
    return columns;
  }

  private static void requireFocus(List<String> header) {
    String first = header.get(0);
    if (header.size() == 1 && (first.contains(";") || first.contains("\t"))) {
      throw separator(first.contains(";") ? ';' : '\t');
    }
    if (header.size() > MAX_COLUMNS) {
      throw invalid(
          "The header may have at most " + MAX_COLUMNS + " columns; it has " + header.size() + ".");
    }
    if (header.contains("account_id") && header.contains("product_id")) {
      throw invalid(
          "The header is one of usage records, not of FOCUS: POST the file to"
              + " /express/usage/records.");
    }
    if (first.startsWith("{")) {
      throw invalid("The body is JSON, not CSV: send it as application/x-ndjson.");
    }
  }

  private static List<String> header(CsvReader csv) throws IOException {
    try {
      if (!csv.next()) {
        throw FileSignature.empty();
      }
      return csv.row();
    } catch (CSVException e) {
      String line = csv.beginning().lines().findFirst().orElse("");
      for (char separator : SEPARATORS) {
        // A quoted name is followed by what separates it.
        if (line.contains("\"" + separator)) {
          throw separator(separator);
        }
      }
      throw e;
    }
  }

  private static ApiException separator(char found) {
    return invalid(
        "The columns are separated by "
            + (found == ';' ? "semicolons" : "tabs")
            + "; write the file with commas, and decimals with a point.");
  }

  private static ApiException invalid(String description) {
    return ApiException.of(ErrorCode.INVALID_BODY, description);
  }

  private static String missing(FocusColumn needed, List<String> header) {
    return header.stream()
        .filter(needed.id()::equalsIgnoreCase)
        .findFirst()
        .map(found -> "is missing from the header; is " + found + " meant?")
        .orElse("is missing from the header");
  }

  @Override
  public List<Entry> next(int max) throws IOException {
    List<Entry> batch = new ArrayList<>();
    while (batch.size() < max && csv.next()) {
      batch.add(entry(new Entry.Place(index, csv.line())));
      index++;
    }
    return batch;
  }

  private Entry entry(Entry.Place place) {
    if (csv.cells() != columns.length) {
      return Entry.Rejected.ofCells(place, csv.cells(), columns.length);
    }
    row.clear();
    for (int i = 0; i < columns.length; i++) {
      if (columns[i] != null) {
        row.set(columns[i], csv.cell(i));
      }
    }
    return row.entry(place);
  }

  @Override
  public long line() {
    return csv.line();
  }
}
