package io.usageapi.intake;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.nio.CharBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads JSON as raw values. */
final class RawJson {
  /** Numbers are never converted by the parser, so their length is the body's to bound. */
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.CHARSET_DETECTION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNumberLength(Integer.MAX_VALUE)
                  .maxStringLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private RawJson() {}

  /** A parser of a body of UTF-8. */
  static JsonParser parser(byte[] body) throws IOException {
    return JSON.createParser(body);
  }

  /** A parser of a text in a buffer with an array. */
  static JsonParser parser(CharBuffer text) throws IOException {
    return JSON.createParser(text.array(), text.arrayOffset() + text.position(), text.remaining());
  }

  /** The members of the object the parser stands at the beginning of. */
  static Map<String, RawValue> members(JsonParser parser) throws IOException {
    Map<String, RawValue> members = new LinkedHashMap<>();
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      JsonToken first = parser.nextToken();
      add(members, name, value(first, parser));
    }
    return members;
  }

  /** Adds a member; one that is there already is repeated. */
  static void add(Map<String, RawValue> members, String name, RawValue value) {
    if (members.putIfAbsent(name, value) != null) {
      members.put(name, new RawValue.Repeated());
    }
  }

  /**
   * The value the parser stands at.
   *
   * @param first its first token
   */
  static RawValue value(JsonToken first, JsonParser parser) throws IOException {
    return switch (first) {
      case VALUE_STRING -> new RawValue.Text(parser.getText());
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new RawValue.Numeral(parser.getText());
      case VALUE_NULL -> new RawValue.Null();
      default -> {
        parser.skipChildren();
        yield new RawValue.Unusable();
      }
    };
  }
}
