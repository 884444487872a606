package io.usageapi.usage;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.math.BigDecimal;
import java.time.Instant;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * The usage of an account in a month, or on a day of it, that agrees in all but quantity (contract,
 * "Response").
 *
 * @param monthlyId the id of the month's aggregate, which by month is {@code id} itself
 */
@Schema(
    description =
        "The usage of an account in a month, or on a day, that agrees in all but quantity.")
public record UsageAggregate(
    @Schema(
            required = true,
            pattern = "[0-9a-f]{32}",
            examples = "0a7c0f0d1b3c4b8b9d2f6c5e4a3b2c1d",
            description = "A digest of all fields but the sums: the same wherever it is computed.")
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
            pattern = "[0-9]{4}-(0[1-9]|1[0-2])",
            examples = "2026-08",
            description = "The month, cut at UTC midnight.")
        String month,
    @JsonInclude(JsonInclude.Include.NON_NULL)
        @Schema(
            pattern = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])",
            examples = "2026-08-31",
            description =
                "The day, cut at UTC midnight; in daily usage alone. What came late for a month that"
                    + " was closed counts on the first day of the month it counts in.")
        String day,
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
    @Schema(required = true, examples = "1204.5", description = "The sum of the units.")
        BigDecimal numberOfUnits,
    @Schema(
            required = true,
            examples = "15.05625",
            description = "The sum of the amounts, in `currency`.")
        BigDecimal totalAmount,
    @JsonInclude(JsonInclude.Include.NON_NULL)
        @Schema(
            implementation = String.class,
            format = "date-time",
            examples = "2026-09-01T00:00:07.481516Z",
            description = "When it last changed, in UTC; where `include` asks for it.")
        Instant updatedAt,
    @JsonInclude(JsonInclude.Include.NON_NULL)
        @Schema(
            examples = "OPEN",
            description =
                "Whether the amounts of its month may still change; where `include` asks for it.")
        MonthStatus monthStatus,
    @JsonIgnore @Schema(hidden = true) String monthlyId) {}
