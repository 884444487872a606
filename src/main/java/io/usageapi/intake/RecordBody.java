package io.usageapi.intake;

import io.usageapi.usage.Direction;
import io.usageapi.usage.Resolution;
import io.usageapi.usage.UsageType;
import io.usageapi.usage.UsageUnit;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** What is sent as one record; for the OpenAPI document. {@link RecordReader} reads it. */
@Schema(name = "UsageRecord", description = "One rated charge.")
record RecordBody(
    @Schema(
            required = true,
            minLength = 1,
            maxLength = 128,
            examples = "call-17",
            description = "Chosen by the sender, the same on every retry; unique in its account.")
        String id,
    @Schema(
            required = true,
            minLength = 1,
            maxLength = 128,
            examples = "acme-eu",
            description = "The account that is charged.")
        String accountId,
    @Schema(
            nullable = true,
            minLength = 1,
            maxLength = 128,
            examples = "acme",
            description =
                "Asserts whose account it is: a record of an account of another organization is"
                    + " rejected. It is no part of the record.")
        String organizationId,
    @Schema(
            required = true,
            minLength = 1,
            maxLength = 128,
            examples = "voice-out",
            description = "The product.")
        String productId,
    @Schema(
            nullable = true,
            maxLength = 128,
            examples = "voice",
            description = "The aggregated product.")
        String aggrProductId,
    @Schema(
            required = true,
            format = "date-time",
            examples = "2026-08-31T22:30:00Z",
            description =
                "When it was used, with `Z` or an offset; cut to microseconds. The month it counts"
                    + " in is that of this instant in UTC.")
        String occurredAt,
    @Schema(required = true, examples = "CALL", description = "What was used.") UsageType type,
    @Schema(
            nullable = true,
            maxLength = 500,
            examples = "Outbound calls",
            description = "Of the usage type; at most 1,000 bytes.")
        String description,
    @Schema(
            required = true,
            pattern = "[A-Z]{3}",
            examples = "EUR",
            description = "The currency, ISO 4217 in form.")
        String currency,
    @Schema(nullable = true, examples = "OUTBOUND", description = "Which way it went.")
        Direction direction,
    @Schema(nullable = true, examples = "ANSWERED", description = "How it ended.")
        Resolution resolution,
    @Schema(required = true, examples = "MINUTES", description = "What is counted.") UsageUnit unit,
    @Schema(
            nullable = true,
            examples = "0.0125",
            description = "The price of one unit; at most 30 digits before and after the point.")
        BigDecimal price,
    @Schema(
            nullable = true,
            maxLength = 128,
            examples = "main",
            description = "The wallet that paid.")
        String walletName,
    @Schema(
            required = true,
            examples = "4.5",
            description =
                "How many units; negative in a correction; at most 30 digits before and after the"
                    + " point. A string that holds a number is taken too.")
        BigDecimal numberOfUnits,
    @Schema(
            nullable = true,
            examples = "0.05625",
            description =
                "The amount, in `currency`. Left out it is `price` x `number_of_units`; without a"
                    + " price it is required.")
        BigDecimal totalAmount) {

  /** The body that holds records. */
  @Schema(name = "UsageRecords", description = "Records to be taken in.")
  record Records(
      @Schema(required = true, maxItems = 10_000, description = "Up to 10,000 records.")
          List<RecordBody> records) {}

  /** An event that holds a record. */
  @Schema(name = "UsageEvent", description = "A CloudEvent 1.0 that carries one rated charge.")
  record Event(
      @Schema(required = true, enumeration = "1.0", examples = "1.0", description = "The version.")
          String specversion,
      @Schema(
              required = true,
              minLength = 1,
              examples = "/metering/eu-1",
              description = "Who made the event; with `id` it makes the record's id.")
          String source,
      @Schema(required = true, minLength = 1, examples = "0815", description = "The event's id.")
          String id,
      @Schema(
              required = true,
              minLength = 1,
              examples = "com.example.usage.rated",
              description = "The type of the event; not read.")
          String type,
      @Schema(
              required = true,
              format = "date-time",
              examples = "2026-08-31T22:33:00Z",
              description = "When it was used: the record's `occurred_at`.")
          String time,
      @Schema(
              required = true,
              type = SchemaType.OBJECT,
              description = "The record's fields but `id` and `occurred_at`.",
              examples =
                  "{\"account_id\":\"acme-eu\",\"product_id\":\"voice-out\",\"type\":\"CALL\","
                      + "\"currency\":\"EUR\",\"unit\":\"MINUTES\",\"number_of_units\":2,"
                      + "\"total_amount\":0.025}")
          Map<String, Object> data) {}
}
