package io.usageapi.record;

import com.fasterxml.jackson.core.io.SerializedString;
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
  private static final SerializedString ID = new SerializedString("id");
  private static final SerializedString OCCURRED_AT = new SerializedString("occurred_at");
  private static final SerializedString RECEIVED_AT = new SerializedString("received_at");
  private static final SerializedString NUMBER_OF_UNITS = new SerializedString("number_of_units");
  private static final SerializedString TOTAL_AMOUNT = new SerializedString("total_amount");

  /** A record without values, for the names of its fields. */
  static StoredRecord withoutValues() {
    return new StoredRecord(null, AggregateKey.of(dimension -> null), null, null, null, null);
  }

  @Override
  public <E extends Exception> void fields(Sink<E> sink) throws E {
    sink.field(ID, id);
    for (Dimension dimension : Dimension.onWire()) {
      if (dimension == Dimension.MONTH) {
        sink.field(OCCURRED_AT, occurredAt);
        sink.field(RECEIVED_AT, receivedAt);
      } else {
        sink.field(dimension.wireName(), key.value(dimension));
      }
    }
    sink.field(NUMBER_OF_UNITS, numberOfUnits);
    sink.field(TOTAL_AMOUNT, totalAmount);
  }
}
