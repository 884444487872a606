package io.usageapi.charge;

import io.usageapi.usage.Direction;
import io.usageapi.usage.Resolution;
import io.usageapi.usage.UsageAggregate;
import io.usageapi.usage.UsageType;
import io.usageapi.usage.UsageUnit;
import java.math.BigDecimal;
import java.time.Instant;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * A record that counts in an aggregate: what was sent (contract, "POST /express/usage/records"),
 * and when it was received. All but the times, the id and the quantities are its aggregate's.
 */
@Schema(description = "A record that counts in an aggregate.")
public record Charge(
    @Schema(required = true, examples = "call-17", description = "As its sender chose it.")
        String id,
    @Schema(required = true, examples = "acme-eu", description = "The account.") String accountId,
    @Schema(required = true, examples = "voice-out", description = "The product.") String productId,
    @Schema(
            required = true,
            nullable = true,
            examples = "voice",
            description = "The aggregated product.")
        String aggrProductId,
    @Schema(
            required = true,
            implementation = String.class,
            format = "date-time",
            examples = "2026-08-31T22:30:00.250Z",
            description =
                "When it was used, in UTC; with 0, 3 or 6 digits of a second, as many as it needs.")
        Instant occurredAt,
    @Schema(
            required = true,
            implementation = String.class,
            format = "date-time",
            examples = "2026-09-01T00:00:07.481516Z",
            description = "When the server took it in, in UTC; written as `occurred_at` is.")
        Instant receivedAt,
    @Schema(required = true, examples = "CALL", description = "What was used.") UsageType type,
    @Schema(
            required = true,
            nullable = true,
            examples = "Outbound calls",
            description = "Of the usage type.")
        String description,
    @Schema(
            required = true,
            pattern = "[A-Z]{3}",
            examples = "EUR",
            description = "The currency, ISO 4217 in form.")
        String currency,
    @Schema(
            required = true,
            nullable = true,
            examples = "OUTBOUND",
            description = "Which way it went.")
        Direction direction,
    @Schema(required = true, nullable = true, examples = "ANSWERED", description = "How it ended.")
        Resolution resolution,
    @Schema(required = true, examples = "MINUTES", description = "What is counted.") UsageUnit unit,
    @Schema(
            required = true,
            nullable = true,
            examples = "0.0125",
            description = "The price of one unit, in `currency`.")
        BigDecimal price,
    @Schema(
            required = true,
            nullable = true,
            examples = "main",
            description = "The wallet that paid.")
        String walletName,
    @Schema(
            required = true,
            examples = "4.5",
            description = "How many units; negative in a correction.")
        BigDecimal numberOfUnits,
    @Schema(required = true, examples = "0.05625", description = "The amount, in `currency`.")
        BigDecimal totalAmount) {

  static Charge of(
      UsageAggregate aggregate,
      String id,
      Instant occurredAt,
      Instant receivedAt,
      BigDecimal numberOfUnits,
      BigDecimal totalAmount) {
    return new Charge(
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
