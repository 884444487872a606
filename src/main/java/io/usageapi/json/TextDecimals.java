package io.usageapi.json;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.JsonGeneratorDelegate;
import com.fasterxml.jackson.databind.JsonSerializable;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.jsontype.TypeSerializer;
import java.io.IOException;

/**
 * A body whose decimals are strings of the same digits. Whole numbers (counts, positions) stay
 * numbers.
 *
 * @param body the body
 */
public record TextDecimals(Object body) implements JsonSerializable {
  @Override
  public void serialize(JsonGenerator json, SerializerProvider provider) throws IOException {
    provider.defaultSerializeValue(body, new Quoting(json));
  }

  @Override
  public void serializeWithType(
      JsonGenerator json, SerializerProvider provider, TypeSerializer type) throws IOException {
    serialize(json, provider);
  }

  private static final class Quoting extends JsonGeneratorDelegate {
    Quoting(JsonGenerator json) {
      super(json, false);
    }

    /** What writes decimals: {@link JsonFieldsSerializer} and the serializer of other bodies. */
    @Override
    public void writeNumber(String decimal) throws IOException {
      delegate.writeString(decimal);
    }
  }
}
