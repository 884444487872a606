package io.usageapi.imports.focus;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import io.usageapi.error.FieldError;
import io.usageapi.intake.RecordReader;
import io.usageapi.intake.format.Entry;
import io.usageapi.intake.format.JsonLines;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** The rows of a FOCUS file as lines of JSON: objects with the names of its columns. */
public final class FocusJsonLines implements FocusRows {
  private static final int MAX_MEMBERS = FocusCsv.MAX_COLUMNS;

  private final JsonLines lines;
  private final FocusRow row;
  private final Set<FocusColumn> seen = EnumSet.noneOf(FocusColumn.class);

  private FocusJsonLines(JsonLines lines, FocusRow row) {
    this.lines = lines;
    this.row = row;
  }

  /**
   * Opens a file.
   *
   * @param body UTF-8 without a byte order mark
   * @throws ApiException 400 {@code invalid_body} if it does not start with an object
   */
  public static FocusJsonLines open(InputStream body, RecordReader reader, int maxLineBytes)
      throws IOException {
    PushbackInputStream lines = new PushbackInputStream(body);
    int first = lines.read();
    if (first < 0) {
      throw FileSignature.empty();
    }
    if (first == '[') {
      throw invalid("The body is a JSON array. Send an object a line: jq -c '.[]' bill.json.");
    }
    if (first == '"' || Character.isLetter(first)) {
      throw invalid("The body is not JSON: send CSV as text/csv.");
    }
    lines.unread(first);
    return new FocusJsonLines(new JsonLines(lines, maxLineBytes), new FocusRow(reader));
  }

  @Override
  public List<Entry> next(int max) throws IOException {
    return lines.next(max, this::entry);
  }

  private Entry entry(Entry.Place place, JsonParser parser) throws IOException {
    row.clear();
    seen.clear();
    int members = 0;
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      members++;
      JsonToken value = parser.nextToken();
      FocusColumn column = members > MAX_MEMBERS ? null : FocusColumn.byId(name);
      if (column == null) {
        parser.skipChildren();
      } else if (!seen.add(column)) {
        row.reject(column, "must be given once");
        parser.skipChildren();
      } else if (value.isScalarValue()) {
        row.set(column, value == JsonToken.VALUE_NULL ? "" : parser.getText());
      } else {
        row.reject(column, "must be a string or a number");
        parser.skipChildren();
      }
    }
    return members > MAX_MEMBERS
        ? new Entry.Rejected(
            place,
            null,
            ErrorCode.INVALID_RECORD,
            List.of(
                new FieldError(
                    "line " + place.line(), "has more than " + MAX_MEMBERS + " members")))
        : row.entry(place);
  }

  private static ApiException invalid(String description) {
    return ApiException.of(ErrorCode.INVALID_BODY, description);
  }

  @Override
  public long line() {
    return lines.line();
  }
}
