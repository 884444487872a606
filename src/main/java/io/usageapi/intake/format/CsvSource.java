package io.usageapi.intake.format;

import io.usageapi.intake.RecordReader;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The rows of a CSV body whose header names the fields of a record. */
public final class CsvSource implements EntrySource {
  private final CsvRows rows;
  private final RecordReader reader;

  /** Opens a body, as {@link CsvRows} does. */
  public CsvSource(InputStream body, RecordReader reader, int maxRowCharacters) {
    this.rows =
        new CsvRows(
            body,
            maxRowCharacters,
            RawRecord.MAX_MEMBERS,
            RecordReader.REQUIRED,
            RecordReader.FIELDS::contains);
    this.reader = reader;
  }

  @Override
  public List<Entry> next(int max) {
    return rows.next(max, this::entry);
  }

  private Entry entry(Entry.Place place, Map<String, String> cells) {
    Map<String, RawValue> raw = new HashMap<>();
    cells.forEach((name, cell) -> raw.put(name, new RawValue.Text(cell)));
    return reader.read(place, RawRecord.of(raw));
  }

  @Override
  public void close() {}
}
