package io.usageapi.aggregate;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.math.BigDecimal;
import java.time.Instant;

/**
 * The usage of an account in a month, or on a day of it, that agrees in all but quantity (operation
 * {@code getMonthlyUsage}).
 *
 * @param monthlyId the id of the month's aggregate, which by month is {@code id} itself
 */
public record UsageAggregate(
    String id,
    String accountId,
    String productId,
    String aggrProductId,
    String month,
    @JsonInclude(JsonInclude.Include.NON_NULL) String day,
    UsageType type,
    String description,
    String currency,
    Direction direction,
    Resolution resolution,
    UsageUnit unit,
    BigDecimal price,
    String walletName,
    BigDecimal numberOfUnits,
    BigDecimal totalAmount,
    @JsonInclude(JsonInclude.Include.NON_NULL) Instant updatedAt,
    @JsonInclude(JsonInclude.Include.NON_NULL) MonthStatus monthStatus,
    @JsonIgnore String monthlyId) {}
