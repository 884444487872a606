package io.usageapi.intake.format;

import io.usageapi.intake.RecordReader;
import io.usageapi.json.JsonMembers;
import io.usageapi.json.JsonValue;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The rows of a CSV body whose columns are fields of a record. */
public final class CsvSource implements EntrySource {
  private final CsvRows rows;
  private final RecordReader reader;

  /** Opens a body, as {@link CsvRows} does. */
  public CsvSource(InputStream body, RecordReader reader, int maxRowCharacters) {
    this.rows =
        new CsvRows(
            body,
            maxRowCharacters,
            JsonMembers.MAX,
            RecordReader.REQUIRED,
            RecordReader.FIELDS::contains);
    this.reader = reader;
  }

  @Override
  public List<Entry> next(int max) {
    return rows.next(max, this::entry);
  }

  private Entry entry(Entry.Place place, Map<String, String> cells) {
    Map<String, JsonValue> raw = new HashMap<>();
    cells.forEach((name, cell) -> raw.put(name, new JsonValue.Text(cell)));
    return reader.read(place, new JsonMembers(raw, false));
  }
}
