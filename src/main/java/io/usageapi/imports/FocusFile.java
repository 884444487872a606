package io.usageapi.imports;

import io.usageapi.error.ApiException;
import io.usageapi.http.body.BodyReader;
import io.usageapi.imports.focus.FileSignature;
import io.usageapi.imports.focus.FocusCsv;
import io.usageapi.imports.focus.FocusJsonLines;
import io.usageapi.imports.focus.FocusRows;
import io.usageapi.intake.RecordReader;
import io.usageapi.intake.format.Entry;
import io.usageapi.intake.format.EntrySource;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/**
 * The rows of a FOCUS billing file (1.0 and later) as records. The id of a record is a digest of
 * all values that are mapped: equal rows have equal ids, whatever else the file holds, and in
 * whatever order.
 */
public final class FocusFile implements EntrySource {
  private final FocusRows rows;

  private FocusFile(FocusRows rows) {
    this.rows = rows;
  }

  /** What a file is written in. */
  public enum Format {
    /** RFC 4180 with a header of column names. */
    CSV,
    /** A JSON object a line, its members named as columns. */
    JSON_LINES
  }

  /**
   * Opens a file, and reads its header if it has one. Gzip is recognised by its first bytes.
   *
   * @param body the file as it was sent
   * @param coding its {@code Content-Encoding}
   * @param maxRow the longest row, in characters of CSV or in bytes of JSON
   * @throws ApiException 415 for another format, 400 {@code invalid_body} for a header that lacks a
   *     needed column or has one twice
   */
  public static EntrySource open(
      InputStream body, BodyReader.Coding coding, Format format, RecordReader reader, int maxRow) {
    try {
      InputStream plain = FileSignature.plain(body, coding);
      return new FocusFile(
          format == Format.CSV
              ? FocusCsv.open(plain, reader, maxRow)
              : FocusJsonLines.open(plain, reader, maxRow));
    } catch (IOException e) {
      throw broken(e, 1);
    }
  }

  @Override
  public List<Entry> next(int max) {
    try {
      return rows.next(max);
    } catch (IOException e) {
      throw broken(e, rows.line());
    }
  }

  private static ApiException broken(IOException e, long line) {
    return EntrySource.broken(e, line, "Nothing of the file was taken in.");
  }
}
