package io.usageapi.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.io.input.BOMInputStream;

/**
 * Reads JSON from strangers. The cost of parsing is bounded, no number is converted, and nothing
 * outlives the parser. Beyond these limits a parser fails with {@link
 * com.fasterxml.jackson.core.exc.StreamConstraintsException}.
 */
public final class UntrustedJson {
  /** The longest text and the longest number, in characters. */
  public static final int MAX_VALUE_CHARACTERS = 262_144;

  /** The longest name of a member, in characters. */
  public static final int MAX_NAME_CHARACTERS = 50_000;

  /** The most levels of arrays and objects. */
  public static final int MAX_DEPTH = 1_000;

  /** Keeps no names: senders choose them, and other parsers would share them. */
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxStringLength(MAX_VALUE_CHARACTERS)
                  .maxNumberLength(MAX_VALUE_CHARACTERS)
                  .maxNameLength(MAX_NAME_CHARACTERS)
                  .maxNestingDepth(MAX_DEPTH)
                  .build())
          .build();

  private UntrustedJson() {}

  /**
   * A parser of UTF-8, with or without a byte order mark. From bytes a parser would guess the
   * charset, so it gets characters.
   */
  public static JsonParser parser(byte[] utf8) throws IOException {
    return JSON.createParser(
        new InputStreamReader(
            BOMInputStream.builder().setByteArray(utf8).get(),
            StandardCharsets.UTF_8.newDecoder()));
  }

  /** A parser of a text in an array. */
  public static JsonParser parser(CharBuffer text) throws IOException {
    return JSON.createParser(text.array(), text.arrayOffset() + text.position(), text.remaining());
  }

  /** The members of the only object of a text; empty if the text is anything else. */
  public static Optional<JsonMembers> object(JsonParser parser) throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      return Optional.empty();
    }
    JsonMembers members = members(parser);
    return parser.nextToken() == null ? Optional.of(members) : Optional.empty();
  }

  /** The members of the object whose start was just read. */
  public static JsonMembers members(JsonParser parser) throws IOException {
    Map<String, JsonValue> members = new LinkedHashMap<>();
    int count = 0;
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      JsonToken first = parser.nextToken();
      if (count < JsonMembers.MAX) {
        add(members, name, value(first, parser));
      } else {
        parser.skipChildren();
      }
      count++;
    }
    return new JsonMembers(members, count > JsonMembers.MAX);
  }

  /** Adds a member; one of a known name becomes {@link JsonValue.Repeated}. */
  public static void add(Map<String, JsonValue> members, String name, JsonValue value) {
    if (members.putIfAbsent(name, value) != null) {
      members.put(name, new JsonValue.Repeated());
    }
  }

  /** The value that starts with a token, which was just read. */
  public static JsonValue value(JsonToken first, JsonParser parser) throws IOException {
    return switch (first) {
      case VALUE_STRING -> new JsonValue.Text(parser.getText());
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new JsonValue.Numeral(parser.getText());
      case VALUE_NULL -> new JsonValue.Null();
      default -> {
        parser.skipChildren();
        yield new JsonValue.Unusable();
      }
    };
  }
}
