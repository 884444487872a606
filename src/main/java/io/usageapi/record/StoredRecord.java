package io.usageapi.record;

import io.usageapi.aggregate.AggregateKey;
import io.usageapi.aggregate.Dimension;
import io.usageapi.json.JsonFields;
import java.math.BigDecimal;
import java.time.Instant;

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
    BigDecimal totalAmount)
    implements JsonFields {

  @Override
  public <E extends Exception> void fields(Sink<E> sink) throws E {
    sink.field("id", id);
    for (Dimension dimension : Dimension.onWire()) {
      if (dimension == Dimension.MONTH) {
        sink.field("occurred_at", occurredAt);
        sink.field("received_at", receivedAt);
      } else {
        sink.field(dimension.column(), key.value(dimension));
      }
    }
    sink.field("number_of_units", numberOfUnits);
    sink.field("total_amount", totalAmount);
  }
}
