package io.usageapi.intake.format;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.usageapi.error.ErrorCode;
import io.usageapi.error.FieldError;
import io.usageapi.intake.RecordReader;
import io.usageapi.text.TextLimit;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A CloudEvents 1.0 event in JSON that carries a record. {@code source} and {@code id} form the
 * record's id, {@code time} is when it occurred, and {@code data} holds the rest. Other attributes
 * belong to the transport and are ignored.
 *
 * @param attributes the attributes beside the data
 * @param tooMany whether attributes were skipped because there are more than a record may have
 * @param data the members of the data; empty if it is not an object
 */
record CloudEvent(Map<String, RawValue> attributes, boolean tooMany, Optional<RawRecord> data) {
  private static final int MAX_ID_CHARACTERS = 128;

  /** The attributes that record fields come from, for error messages. */
  private static final Map<String, String> ATTRIBUTE_OF = Map.of("occurred_at", "time");

  /** Reads an event; the parser is at its start. */
  static CloudEvent read(JsonParser parser) throws IOException {
    Map<String, RawValue> attributes = new LinkedHashMap<>();
    Optional<RawRecord> data = Optional.empty();
    int count = 0;
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      JsonToken first = parser.nextToken();
      if (count >= RawRecord.MAX_MEMBERS) {
        parser.skipChildren();
      } else if (name.equals("data") && first == JsonToken.START_OBJECT) {
        data = Optional.of(RawJson.members(parser));
        RawJson.add(attributes, name, new RawValue.Unusable());
      } else {
        RawJson.add(attributes, name, RawJson.value(first, parser));
      }
      count++;
    }
    return new CloudEvent(attributes, count > RawRecord.MAX_MEMBERS, data);
  }

  /** Reads its record. */
  Entry entry(Entry.Place place, RecordReader reader) {
    List<FieldError> errors = new ArrayList<>();
    if (tooMany) {
      errors.add(new FieldError("event", RawRecord.TOO_MANY));
    }
    Optional<String> source = required("source", errors);
    Optional<String> id = required("id", errors);
    if (source.map(text -> text.contains(" ")).orElse(false)) {
      // Otherwise two pairs of source and id could form the same record id.
      errors.add(new FieldError("source", "must be a URI reference"));
    }
    required("type", errors);
    if (!required("specversion", errors).map("1.0"::equals).orElse(true)) {
      errors.add(new FieldError("specversion", "must be 1.0"));
    }
    if (attributes.containsKey("datacontenttype") && !isJson(text("datacontenttype"))) {
      errors.add(new FieldError("datacontenttype", "must be application/json"));
    }
    if (data.isEmpty() || attributes.get("data") instanceof RawValue.Repeated) {
      errors.add(new FieldError("data", "must be an object, given once"));
    } else if (data.get().tooMany()) {
      errors.add(new FieldError("data", RawRecord.TOO_MANY));
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
    Map<String, RawValue> raw = new LinkedHashMap<>(data.orElseThrow().members());
    raw.put("id", new RawValue.Text(recordId));
    raw.put("occurred_at", attributes.getOrDefault("time", new RawValue.Null()));
    Entry entry = reader.read(place, RawRecord.of(raw));
    return entry instanceof Entry.Rejected rejected ? rejected.withNames(ATTRIBUTE_OF) : entry;
  }

  @CanIgnoreReturnValue
  private Optional<String> required(String name, List<FieldError> errors) {
    Optional<String> text = text(name);
    if (text.isEmpty()) {
      errors.add(new FieldError(name, "is required: a string, given once"));
    }
    return text;
  }

  private Optional<String> text(String name) {
    return attributes.get(name) instanceof RawValue.Text text && !text.text().isEmpty()
        ? Optional.of(text.text())
        : Optional.empty();
  }

  private static boolean isJson(Optional<String> mediaType) {
    String type = mediaType.orElse("").split(";", 2)[0].trim().toLowerCase(Locale.ROOT);
    return type.equals("application/json") || type.endsWith("+json");
  }

  private static String recordId(String joined) {
    if (joined.codePointCount(0, joined.length()) <= MAX_ID_CHARACTERS) {
      return joined;
    }
    try {
      byte[] utf8 = joined.getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(utf8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
