package io.usageapi.intake.format;

import io.usageapi.json.JsonValue;
import io.usageapi.json.UntrustedJson;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The attributes of a CloudEvent in binary mode: headers whose names begin with {@code ce-}, and
 * whose values are percent-encoded UTF-8 (CloudEvents HTTP binding 1.0, section 3.1.3).
 */
public final class EventHeaders {
  /** What the names of the headers begin with. */
  static final String PREFIX = "ce-";

  private static final List<String> MANDATORY = List.of("specversion", "id", "source", "type");
  private static final int HEX = 16;

  private EventHeaders() {}

  /** The attributes; empty if none of those is there that each event has. */
  public static Optional<Map<String, JsonValue>> read(Iterable<Map.Entry<String, String>> headers) {
    Map<String, JsonValue> attributes = new LinkedHashMap<>();
    for (Map.Entry<String, String> header : headers) {
      String name = header.getKey().toLowerCase(Locale.ROOT);
      if (name.startsWith(PREFIX)) {
        UntrustedJson.add(
            attributes,
            name.substring(PREFIX.length()),
            decoded(header.getValue())
                .<JsonValue>map(JsonValue.Text::new)
                .orElseGet(JsonValue.Unusable::new));
      }
    }
    return MANDATORY.stream().anyMatch(attributes::containsKey)
        ? Optional.of(attributes)
        : Optional.empty();
  }

  /** The text; empty if it is not encoded. A value in quotes is a quoted string first. */
  static Optional<String> decoded(String value) {
    String text = unquoted(value);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c > '~' || c < ' ') {
        return Optional.empty();
      }
      if (c == '%') {
        int high = i + 2 < text.length() ? Character.digit(text.charAt(i + 1), HEX) : -1;
        int low = high < 0 ? -1 : Character.digit(text.charAt(i + 2), HEX);
        if (low < 0) {
          return Optional.empty();
        }
        bytes.write(high * HEX + low);
        i += 2;
      } else {
        bytes.write(c);
      }
    }
    try {
      return Optional.of(
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(bytes.toByteArray()))
              .toString());
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }

  private static String unquoted(String value) {
    return value.length() > 1 && value.startsWith("\"") && value.endsWith("\"")
        ? value.substring(1, value.length() - 1).replaceAll("\\\\(.)", "$1")
        : value;
  }
}
