package io.usageapi.intake;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import io.usageapi.error.FieldError;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The lines of a body of NDJSON, a record each; blank ones are passed over. */
final class NdjsonSource implements EntrySource {
  private final InputStream body;
  private final Lines lines;
  private final RecordReader reader;
  private long index;

  NdjsonSource(InputStream body, RecordReader reader, int maxLineBytes) {
    this.body = body;
    this.lines = new Lines(body, maxLineBytes);
    this.reader = reader;
  }

  @Override
  public List<Entry> next(int max) {
    List<Entry> batch = new ArrayList<>();
    try {
      while (batch.size() < max && lines.next()) {
        if (!isBlank()) {
          batch.add(entry(new Entry.Place(index, lines.number())));
          index++;
        }
      }
    } catch (IOException e) {
      throw ApiException.of(
          ErrorCode.INVALID_BODY,
          "The body broke off at or after line "
              + lines.number()
              + ". Records before it may have been taken in; sending it all again is safe.");
    }
    return batch;
  }

  private boolean isBlank() {
    for (int i = 0; i < lines.length(); i++) {
      byte character = lines.buffer()[lines.offset() + i];
      if (character != ' ' && character != '\t' && character != '\r' && character != '\n') {
        return false;
      }
    }
    return true;
  }

  private Entry entry(Entry.Place place) {
    try (JsonParser parser = RawJson.parser(lines.buffer(), lines.offset(), lines.length())) {
      if (parser.nextToken() == JsonToken.START_OBJECT) {
        Map<String, RawValue> members = RawJson.members(parser);
        if (parser.nextToken() == null) {
          return reader.read(place, members);
        }
      }
    } catch (IOException e) {
      // Not JSON, which is the same as not an object.
    }
    return new Entry.Rejected(
        place,
        null,
        ErrorCode.INVALID_RECORD,
        List.of(new FieldError("line " + place.line(), "is not a JSON object")));
  }

  @Override
  public void close() {
    try {
      body.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
