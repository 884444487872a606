package io.usageapi.intake.format;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.usageapi.error.ErrorCode;
import io.usageapi.error.FieldError;
import io.usageapi.intake.RecordReader;
import io.usageapi.json.JsonMembers;
import io.usageapi.json.JsonValue;
import io.usageapi.json.UntrustedJson;
import io.usageapi.text.TextLimit;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * A CloudEvents 1.0 event that carries a record. {@code source} and {@code id} form the id of the
 * record, {@code time} is when it occurred, and {@code data} holds the rest. Other attributes
 * belong to the transport and are ignored.
 *
 * @param prefix what stands before the names of attributes as they were sent
 * @param tooMany whether attributes were skipped because there are too many
 * @param data the members of the data; empty if it is not an object
 */
record CloudEvent(
    String prefix, Map<String, JsonValue> attributes, boolean tooMany, Optional<JsonMembers> data) {
  private static final int MAX_ID_CHARACTERS = 128;
  private static final String BINARY_DATA = "data_base64";

  /** An event in binary mode: its attributes came as headers, its data is the body. */
  static CloudEvent binary(Map<String, JsonValue> headers, Optional<JsonMembers> body) {
    return new CloudEvent(EventHeaders.PREFIX, headers, headers.size() > JsonMembers.MAX, body);
  }

  /** Reads an event, whose start was just read. */
  static CloudEvent read(JsonParser parser) throws IOException {
    Map<String, JsonValue> attributes = new LinkedHashMap<>();
    Optional<JsonMembers> data = Optional.empty();
    int count = 0;
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      JsonToken first = parser.nextToken();
      if (count >= JsonMembers.MAX) {
        parser.skipChildren();
      } else if (name.equals("data") && first == JsonToken.START_OBJECT) {
        data = Optional.of(UntrustedJson.members(parser));
        UntrustedJson.add(attributes, name, new JsonValue.Unusable());
      } else {
        UntrustedJson.add(attributes, name, UntrustedJson.value(first, parser));
      }
      count++;
    }
    return new CloudEvent("", attributes, count > JsonMembers.MAX, data);
  }

  /** Reads its record. */
  Entry entry(Entry.Place place, RecordReader reader) {
    List<FieldError> errors = new ArrayList<>();
    if (tooMany) {
      errors.add(new FieldError("event", JsonMembers.TOO_MANY));
    }
    Optional<String> source = required("source", errors);
    Optional<String> id = required("id", errors);
    if (source.filter(text -> text.contains(" ")).isPresent()) {
      // Otherwise two pairs of source and id could form the same record id.
      errors.add(new FieldError(prefix + "source", "must be a URI reference"));
    }
    required("type", errors);
    if (!required("specversion", errors).map("1.0"::equals).orElse(true)) {
      errors.add(new FieldError(prefix + "specversion", "must be 1.0"));
    }
    if (attributes.containsKey("datacontenttype") && !isJson(text("datacontenttype"))) {
      errors.add(new FieldError(prefix + "datacontenttype", "must be application/json"));
    }
    if (prefix.isEmpty() && attributes.containsKey(BINARY_DATA)) {
      errors.add(new FieldError(BINARY_DATA, "is not taken: send data, an object"));
    } else if (data.isEmpty() || attributes.get("data") instanceof JsonValue.Repeated) {
      errors.add(new FieldError("data", "must be an object, given once"));
    } else if (data.get().tooMany()) {
      errors.add(new FieldError("data", JsonMembers.TOO_MANY));
    } else {
      for (String name : List.of("id", "occurred_at")) {
        if (data.get().members().containsKey(name)) {
          errors.add(new FieldError("data." + name, "is not a field here; see the event's own"));
        }
      }
    }
    String recordId =
        source.isPresent() && id.isPresent() ? recordId(source.get() + " " + id.get()) : null;
    if (!errors.isEmpty()) {
      return new Entry.Rejected(
          place,
          recordId == null ? null : TextLimit.shown(recordId),
          ErrorCode.INVALID_RECORD,
          List.copyOf(errors));
    }
    Map<String, JsonValue> raw = new LinkedHashMap<>(data.orElseThrow().members());
    raw.put("id", new JsonValue.Text(recordId));
    raw.put("occurred_at", attributes.getOrDefault("time", new JsonValue.Null()));
    Entry entry = reader.read(place, new JsonMembers(raw, false));
    return entry instanceof Entry.Rejected rejected
        ? rejected.withNames(Map.of("occurred_at", prefix + "time", "id", prefix + "id"))
        : entry;
  }

  @CanIgnoreReturnValue
  private Optional<String> required(String name, List<FieldError> errors) {
    Optional<String> text = text(name);
    if (text.isEmpty()) {
      errors.add(
          new FieldError(
              prefix + name,
              prefix.isEmpty()
                  ? "is required: a string, given once"
                  : "is required: percent-encoded UTF-8, given once"));
    }
    return text;
  }

  private Optional<String> text(String name) {
    return attributes.get(name) instanceof JsonValue.Text text && !text.text().isEmpty()
        ? Optional.of(text.text())
        : Optional.empty();
  }

  private static boolean isJson(Optional<String> mediaType) {
    String type = mediaType.orElse("").split(";", 2)[0].trim().toLowerCase(Locale.ROOT);
    return type.equals("application/json") || type.endsWith("+json");
  }

  /** Joined as they are if that is short enough for an id; else their digest. */
  private static String recordId(String joined) {
    return joined.codePointCount(0, joined.length()) <= MAX_ID_CHARACTERS
        ? joined
        : DigestUtils.sha256Hex(joined);
  }
}
