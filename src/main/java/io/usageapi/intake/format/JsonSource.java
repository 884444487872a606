package io.usageapi.intake.format;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import io.usageapi.error.FieldError;
import io.usageapi.intake.RecordReader;
import io.usageapi.json.JsonMembers;
import io.usageapi.json.JsonValue;
import io.usageapi.json.UntrustedJson;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The entries of a JSON body, which is read completely before anything is written. */
public final class JsonSource implements EntrySource {
  /** The most records in one JSON body. */
  static final int MAX_RECORDS = 10_000;

  private static final Entry.Place FIRST = new Entry.Place(0, 0);

  private final List<Entry> entries;
  private int next;

  private JsonSource(List<Entry> entries) {
    this.entries = entries;
  }

  /**
   * Reads a body {@code {"records": […]}}, or the array alone.
   *
   * @throws ApiException 400 {@code invalid_body} for another form, 413 for too many records or a
   *     value beyond the limits of {@link UntrustedJson}
   */
  public static JsonSource ofRecords(byte[] body, RecordReader reader) {
    String shape = "{\"records\": […]} or an array of records";
    return read(
        body,
        parser -> {
          boolean alone = parser.nextToken() == JsonToken.START_ARRAY;
          if (!alone) {
            require(parser.currentToken() == JsonToken.START_OBJECT, shape, parser);
            require("records".equals(parser.nextFieldName()), shape, parser);
            require(parser.nextToken() == JsonToken.START_ARRAY, shape, parser);
          }
          List<Entry> entries =
              array(
                  parser,
                  reader.maxErrors(),
                  (place, object) -> reader.read(place, UntrustedJson.members(object)));
          require(alone || parser.nextToken() == JsonToken.END_OBJECT, shape, parser);
          require(parser.nextToken() == null, shape, parser);
          return entries;
        });
  }

  /**
   * Reads an array of CloudEvents.
   *
   * @throws ApiException as for records
   */
  public static JsonSource ofEvents(byte[] body, RecordReader reader) {
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

  /**
   * Reads one CloudEvent.
   *
   * @throws ApiException as for records
   */
  public static JsonSource ofEvent(byte[] body, RecordReader reader) {
    String shape = "a CloudEvent, which is an object";
    return read(
        body,
        parser -> {
          require(parser.nextToken() == JsonToken.START_OBJECT, shape, parser);
          Entry entry = CloudEvent.read(parser).entry(FIRST, reader);
          require(parser.nextToken() == null, shape, parser);
          return List.of(entry);
        });
  }

  /**
   * Reads the data of a CloudEvent in binary mode.
   *
   * @param attributes its attributes
   * @throws ApiException 400 {@code invalid_body} if it is not JSON
   */
  public static JsonSource ofEventData(
      byte[] body, Map<String, JsonValue> attributes, RecordReader reader) {
    return read(
        body,
        parser -> {
          Optional<JsonMembers> data = Optional.empty();
          if (parser.nextToken() == JsonToken.START_OBJECT) {
            data = Optional.of(UntrustedJson.members(parser));
          } else {
            parser.skipChildren();
          }
          require(parser.nextToken() == null, "the data of one CloudEvent", parser);
          return List.of(CloudEvent.binary(attributes, data).entry(FIRST, reader));
        });
  }

  private interface Parsing {
    List<Entry> entries(JsonParser parser) throws IOException;
  }

  private static JsonSource read(byte[] body, Parsing parsing) {
    try (JsonParser parser = UntrustedJson.parser(body)) {
      return new JsonSource(parsing.entries(parser));
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

  /** The entries of an array. Only the errors that will be reported keep their details. */
  private static List<Entry> array(JsonParser parser, int maxErrors, JsonLines.ObjectReader reader)
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
        entries.add(rejected > maxErrors ? one.withoutDetails() : one);
      } else {
        entries.add(entry);
      }
    }
    return entries;
  }

  private static Entry entry(Entry.Place place, JsonParser parser, JsonLines.ObjectReader reader)
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
}
