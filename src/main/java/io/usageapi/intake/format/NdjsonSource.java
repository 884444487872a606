package io.usageapi.intake.format;

import io.usageapi.intake.RecordReader;
import io.usageapi.json.UntrustedJson;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/** The lines of an NDJSON body, one record each. */
public final class NdjsonSource implements EntrySource {
  private final JsonLines lines;
  private final RecordReader reader;

  public NdjsonSource(InputStream body, RecordReader reader, int maxLineBytes) {
    this.lines = new JsonLines(body, maxLineBytes);
    this.reader = reader;
  }

  @Override
  public List<Entry> next(int max) {
    try {
      return lines.next(max, (place, parser) -> reader.read(place, UntrustedJson.members(parser)));
    } catch (IOException e) {
      throw EntrySource.broken(e, lines.line());
    }
  }
}
