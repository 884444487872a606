package io.usageapi.intake.format;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import io.usageapi.error.FieldError;
import io.usageapi.intake.RecordReader;
import io.usageapi.json.UntrustedJson;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The entries of a JSON body, which is read whole before any is written. */
public final class WholeBody implements EntrySource {
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
   *     many records, or a value past the bounds of {@link UntrustedJson}
   */
  public static WholeBody ofRecords(byte[] body, RecordReader reader) {
    String shape = "{\"records\": […]}";
    return read(
        body,
        parser -> {
          require(parser.nextToken() == JsonToken.START_OBJECT, shape, parser);
          require("records".equals(parser.nextFieldName()), shape, parser);
          require(parser.nextToken() == JsonToken.START_ARRAY, shape, parser);
          List<Entry> entries =
              array(
                  parser,
                  reader.maxErrors(),
                  (place, object) -> reader.read(place, UntrustedJson.members(object)));
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
  public static WholeBody ofEvents(byte[] body, RecordReader reader) {
    String shape = "an array of CloudEvents";
    return read(
        body,
        parser -> {
          require(parser.nextToken() == JsonToken.START_ARRAY, shape, parser);
          List<Entry> entries =
              array(
                  parser,
                  reader.maxErrors(),
                  (place, object) -> CloudEvent.read(object).entry(place, reader));
          require(parser.nextToken() == null, shape, parser);
          return entries;
        });
  }

  private interface Parsing {
    List<Entry> entries(JsonParser parser) throws IOException;
  }

  private static WholeBody read(byte[] body, Parsing parsing) {
    try (JsonParser parser = UntrustedJson.parser(body)) {
      return new WholeBody(parsing.entries(parser));
    } catch (StreamConstraintsException e) {
      throw ApiException.of(
          ErrorCode.PAYLOAD_TOO_LARGE,
          "The body holds a text or a number of more than "
              + UntrustedJson.MAX_VALUE_CHARACTERS
              + " characters, a name of more than "
              + UntrustedJson.MAX_NAME_CHARACTERS
              + ", or more than "
              + UntrustedJson.MAX_DEPTH
              + " levels of nesting.");
    } catch (IOException e) {
      throw ApiException.of(ErrorCode.INVALID_BODY, "The body is not JSON.");
    }
  }

  /** The entries of an array; of the rejected ones only those that are named say why. */
  private static List<Entry> array(JsonParser parser, int maxErrors, ObjectReader reader)
      throws IOException {
    List<Entry> entries = new ArrayList<>();
    int rejected = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (entries.size() == MAX_RECORDS) {
        throw ApiException.of(
            ErrorCode.PAYLOAD_TOO_LARGE, "The body may hold at most 10,000 records.");
      }
      Entry entry = entry(new Entry.Place(entries.size(), 0), parser, reader);
      if (entry instanceof Entry.Rejected one) {
        rejected++;
        entries.add(rejected > maxErrors ? one.unnamed() : one);
      } else {
        entries.add(entry);
      }
    }
    return entries;
  }

  private static Entry entry(Entry.Place place, JsonParser parser, ObjectReader reader)
      throws IOException {
    if (parser.currentToken() == JsonToken.START_OBJECT) {
      return reader.read(place, parser);
    }
    parser.skipChildren();
    return new Entry.Rejected(
        place,
        null,
        ErrorCode.INVALID_RECORD,
        List.of(new FieldError("records[" + place.index() + "]", "must be an object")));
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
