package io.usageapi.record;

import com.fasterxml.jackson.annotation.JsonValue;
import io.usageapi.aggregate.AggregateKey;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A record that counts in an aggregate, as sent (operation {@code postUsageRecords}), and when it
 * was received.
 *
 * @param key the key of its aggregate
 */
public record StoredRecord(
    String id,
    AggregateKey key,
    Instant occurredAt,
    Instant receivedAt,
    BigDecimal numberOfUnits,
    BigDecimal totalAmount) {

  /** The JSON object. */
  @JsonValue
  Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("id", id);
    key.putFields(
        fields,
        () -> {
          fields.put("occurred_at", occurredAt);
          fields.put("received_at", receivedAt);
        });
    fields.put("number_of_units", numberOfUnits);
    fields.put("total_amount", totalAmount);
    return fields;
  }
}
