package io.usageapi.intake;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import io.usageapi.error.FieldError;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The entries of a JSON body, which is read whole before any is written. */
final class WholeBody implements EntrySource {
  /** The most records in one such body. */
  static final int MAX_RECORDS = 10_000;

  private final List<Entry> entries;
  private int next;

  private WholeBody(List<Entry> entries) {
    this.entries = entries;
  }

  /** Reads the object the parser stands at the beginning of as an entry. */
  interface ObjectReader {
    Entry read(Entry.Place place, JsonParser parser) throws IOException;
  }

  /**
   * A body {@code {"records": […]}}.
   *
   * @throws ApiException 400 {@code invalid_body} when it is not such a body, 413 when it holds too
   *     many records
   */
  static WholeBody ofRecords(byte[] body, RecordReader reader) {
    String shape = "{\"records\": […]}";
    return read(
        body,
        parser -> {
          require(parser.nextToken() == JsonToken.START_OBJECT, shape, parser);
          require("records".equals(parser.nextFieldName()), shape, parser);
          require(parser.nextToken() == JsonToken.START_ARRAY, shape, parser);
          List<Entry> entries =
              array(parser, (place, object) -> reader.read(place, RawJson.members(object)));
          require(parser.nextToken() == JsonToken.END_OBJECT, shape, parser);
          require(parser.nextToken() == null, shape, parser);
          return entries;
        });
  }

  /**
   * A batch of CloudEvents, an array.
   *
   * @throws ApiException as for records
   */
  static WholeBody ofEvents(byte[] body, RecordReader reader) {
    String shape = "an array of CloudEvents";
    return read(
        body,
        parser -> {
          require(parser.nextToken() == JsonToken.START_ARRAY, shape, parser);
          List<Entry> entries =
              array(parser, (place, object) -> CloudEvent.read(object).entry(place, reader));
          require(parser.nextToken() == null, shape, parser);
          return entries;
        });
  }

  private interface Parsing {
    List<Entry> entries(JsonParser parser) throws IOException;
  }

  private static WholeBody read(byte[] body, Parsing parsing) {
    try (JsonParser parser = RawJson.parser(body)) {
      return new WholeBody(parsing.entries(parser));
    } catch (IOException e) {
      throw ApiException.of(ErrorCode.INVALID_BODY, "The body is not JSON.");
    }
  }

  private static List<Entry> array(JsonParser parser, ObjectReader reader) throws IOException {
    List<Entry> entries = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (entries.size() == MAX_RECORDS) {
        throw ApiException.of(
            ErrorCode.PAYLOAD_TOO_LARGE, "The body may hold at most 10,000 records.");
      }
      Entry.Place place = new Entry.Place(entries.size(), 0);
      if (parser.currentToken() == JsonToken.START_OBJECT) {
        entries.add(reader.read(place, parser));
      } else {
        parser.skipChildren();
        entries.add(
            new Entry.Rejected(
                place,
                null,
                ErrorCode.INVALID_RECORD,
                List.of(new FieldError("records[" + place.index() + "]", "must be an object"))));
      }
    }
    return entries;
  }

  private static void require(boolean expected, String shape, JsonParser parser) {
    if (!expected) {
      throw ApiException.of(
          ErrorCode.INVALID_BODY,
          "The body is not "
              + shape
              + ": see line "
              + parser.currentLocation().getLineNr()
              + ", column "
              + parser.currentLocation().getColumnNr()
              + ".");
    }
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
