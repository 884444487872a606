package io.usageapi.json;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import io.usageapi.text.DecimalText;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.YearMonth;

/**
 * Writes the fields of an object without a map of them and without reflection (bench/README.md has
 * the gain).
 */
final class JsonFieldsSerializer extends StdSerializer<JsonFields> {
  private static final long serialVersionUID = 1L;

  JsonFieldsSerializer() {
    super(JsonFields.class);
  }

  @Override
  public void serialize(JsonFields value, JsonGenerator json, SerializerProvider provider)
      throws IOException {
    json.writeStartObject();
    value.<IOException>fields(
        (name, each) -> {
          json.writeFieldName(name);
          write(each, json, provider);
        });
    json.writeEndObject();
  }

  private static void write(Object value, JsonGenerator json, SerializerProvider provider)
      throws IOException {
    if (value == null) {
      json.writeNull();
    } else if (value instanceof String text) {
      json.writeString(text);
    } else if (value instanceof BigDecimal number) {
      json.writeNumber(DecimalText.plain(number));
    } else if (value instanceof Enum<?> constant) {
      json.writeString(constant.name());
    } else if (value instanceof YearMonth month) {
      json.writeString(month.toString());
    } else {
      provider.defaultSerializeValue(value, json);
    }
  }
}
