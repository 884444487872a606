package io.usageapi.record;

import io.usageapi.aggregate.Direction;
import io.usageapi.aggregate.Resolution;
import io.usageapi.aggregate.UsageAggregate;
import io.usageapi.aggregate.UsageType;
import io.usageapi.aggregate.UsageUnit;
import java.math.BigDecimal;
import java.time.Instant;

/**
 * A record that counts in an aggregate: what was sent (operation {@code postUsageRecords}), and
 * when it was received. All but the times, the id and the quantities are its aggregate's.
 */
public record StoredRecord(
    String id,
    String accountId,
    String productId,
    String aggrProductId,
    Instant occurredAt,
    Instant receivedAt,
    UsageType type,
    String description,
    String currency,
    Direction direction,
    Resolution resolution,
    UsageUnit unit,
    BigDecimal price,
    String walletName,
    BigDecimal numberOfUnits,
    BigDecimal totalAmount) {

  static StoredRecord of(
      UsageAggregate aggregate,
      String id,
      Instant occurredAt,
      Instant receivedAt,
      BigDecimal numberOfUnits,
      BigDecimal totalAmount) {
    return new StoredRecord(
        id,
        aggregate.accountId(),
        aggregate.productId(),
        aggregate.aggrProductId(),
        occurredAt,
        receivedAt,
        aggregate.type(),
        aggregate.description(),
        aggregate.currency(),
        aggregate.direction(),
        aggregate.resolution(),
        aggregate.unit(),
        aggregate.price(),
        aggregate.walletName(),
        numberOfUnits,
        totalAmount);
  }
}
