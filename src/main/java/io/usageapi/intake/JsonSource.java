package io.usageapi.intake;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import io.usageapi.error.FieldError;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The records of a body {@code {"records": […]}}, which is read whole before any is written. */
final class JsonSource implements EntrySource {
  /** The most records in one such body. */
  static final int MAX_RECORDS = 10_000;

  /** Numbers are never converted by the parser, so their length is the body's to bound. */
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNumberLength(Integer.MAX_VALUE)
                  .maxStringLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private final List<Entry> entries;
  private int next;

  private JsonSource(List<Entry> entries) {
    this.entries = entries;
  }

  /**
   * Reads a body.
   *
   * @throws ApiException 400 {@code invalid_body} when it is not such a body, 413 when it holds too
   *     many records
   */
  static JsonSource of(byte[] body, RecordReader reader) {
    try (JsonParser parser = JSON.createParser(body)) {
      require(parser.nextToken() == JsonToken.START_OBJECT, parser);
      require("records".equals(parser.nextFieldName()), parser);
      require(parser.nextToken() == JsonToken.START_ARRAY, parser);
      List<Entry> entries = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        if (entries.size() == MAX_RECORDS) {
          throw ApiException.of(
              ErrorCode.PAYLOAD_TOO_LARGE, "The body may hold at most 10,000 records.");
        }
        entries.add(entry(new Entry.Place(entries.size(), 0), parser, reader));
      }
      require(parser.nextToken() == JsonToken.END_OBJECT, parser);
      require(parser.nextToken() == null, parser);
      return new JsonSource(entries);
    } catch (IOException e) {
      throw ApiException.of(ErrorCode.INVALID_BODY, "The body is not JSON.");
    }
  }

  private static void require(boolean expected, JsonParser parser) {
    if (!expected) {
      throw ApiException.of(
          ErrorCode.INVALID_BODY,
          "The body is not {\"records\": […]}: see line "
              + parser.currentLocation().getLineNr()
              + ", column "
              + parser.currentLocation().getColumnNr()
              + ".");
    }
  }

  private static Entry entry(Entry.Place place, JsonParser parser, RecordReader reader)
      throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return new Entry.Rejected(
          place,
          null,
          ErrorCode.INVALID_RECORD,
          List.of(new FieldError("records[" + place.index() + "]", "must be an object")));
    }
    Map<String, RawValue> raw = new LinkedHashMap<>();
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      RawValue value = value(parser);
      if (raw.putIfAbsent(name, value) != null) {
        raw.put(name, new RawValue.Repeated());
      }
    }
    return reader.read(place, raw);
  }

  private static RawValue value(JsonParser parser) throws IOException {
    return switch (parser.nextToken()) {
      case VALUE_STRING -> new RawValue.Text(parser.getText());
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new RawValue.Numeral(parser.getText());
      case VALUE_NULL -> new RawValue.Null();
      default -> {
        parser.skipChildren();
        yield new RawValue.Unusable();
      }
    };
  }

  @Override
  public List<Entry> next(int max) {
    List<Entry> batch = entries.subList(next, Math.min(next + max, entries.size()));
    next += batch.size();
    return batch;
  }

  @Override
  public void close() {}
}
