package io.usageapi.intake.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.usageapi.http.body.UntrustedJson;
import java.io.IOException;
import java.nio.CharBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads JSON as raw values. The parser never converts numbers. */
final class RawJson {
  private static final JsonFactory JSON = UntrustedJson.factory();

  private RawJson() {}

  /** A parser of a UTF-8 body. */
  static JsonParser parser(byte[] body) throws IOException {
    return JSON.createParser(UntrustedJson.text(body));
  }

  /** A parser of a text in an array-backed buffer. */
  static JsonParser parser(CharBuffer text) throws IOException {
    return JSON.createParser(text.array(), text.arrayOffset() + text.position(), text.remaining());
  }

  /**
   * Reads the members of an object; the parser is at its start. Keeps at most as many as a record
   * may have, and skips the rest.
   */
  static RawRecord members(JsonParser parser) throws IOException {
    Map<String, RawValue> members = new LinkedHashMap<>();
    int count = 0;
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      JsonToken first = parser.nextToken();
      if (count < RawRecord.MAX_MEMBERS) {
        add(members, name, value(first, parser));
      } else {
        parser.skipChildren();
      }
      count++;
    }
    return new RawRecord(members, count > RawRecord.MAX_MEMBERS);
  }

  /** Adds a member, or marks it as repeated. */
  static void add(Map<String, RawValue> members, String name, RawValue value) {
    if (members.putIfAbsent(name, value) != null) {
      members.put(name, new RawValue.Repeated());
    }
  }

  /**
   * Reads a value.
   *
   * @param first its first token, which the parser is at
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
