package io.usageapi.intake;

import io.usageapi.aggregate.Direction;
import io.usageapi.aggregate.Resolution;
import io.usageapi.aggregate.UsageType;
import io.usageapi.aggregate.UsageUnit;
import io.usageapi.security.OrganizationId;
import io.usageapi.text.CanonicalDigest;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.UUID;

/**
 * One rated charge, checked (operation {@code postUsageRecords}).
 *
 * @param id chosen by the sender, the same on every retry; unique within its account
 * @param accountId the account that is charged
 * @param productId the product
 * @param aggrProductId the aggregated product, or null
 * @param occurredAt when it was used, to the microsecond
 * @param type what was used
 * @param description of the usage type, or null
 * @param currency three letters
 * @param direction which way it went, or null
 * @param resolution how it ended, or null
 * @param unit what is counted
 * @param unitWord for {@link UsageUnit#OTHER} the word it came with, or null
 * @param price of one unit, or null
 * @param walletName the wallet that paid, or null
 * @param numberOfUnits how many units; negative in a correction
 * @param totalAmount the amount; negative in a correction
 */
public record UsageRecord(
    String id,
    String accountId,
    String productId,
    String aggrProductId,
    Instant occurredAt,
    UsageType type,
    String description,
    String currency,
    Direction direction,
    Resolution resolution,
    UsageUnit unit,
    String unitWord,
    BigDecimal price,
    String walletName,
    BigDecimal numberOfUnits,
    BigDecimal totalAmount) {

  /**
   * What makes a record count once.
   *
   * @param accountId the account
   * @param id the record's id
   */
  public record Identity(String accountId, String id) {}

  /** What makes this record count once. */
  public Identity identity() {
    return new Identity(accountId, id);
  }

  /** The day it occurred on, in UTC. */
  public LocalDate day() {
    return LocalDate.ofInstant(occurredAt, ZoneOffset.UTC);
  }

  /** The first day of the month it occurred in, in UTC: it counts there unless it comes late. */
  public LocalDate month() {
    return day().withDayOfMonth(1);
  }

  /**
   * The id of the aggregate it counts in: the same on every machine.
   *
   * @param month the month it counts in, by the first day
   */
  public UUID aggregateId(OrganizationId organization, LocalDate month) {
    return grouping(new CanonicalDigest().add(organization.value()), month).toUuid();
  }

  /**
   * A digest of all its fields: two records of one identity are the same when theirs are, whichever
   * month they count in.
   */
  public UUID content() {
    return grouping(new CanonicalDigest(), month())
        .add(occurredAt.toString())
        .add(numberOfUnits)
        .add(totalAmount)
        .toUuid();
  }

  private CanonicalDigest grouping(CanonicalDigest digest, LocalDate month) {
    return digest
        .add(accountId)
        .add(productId)
        .add(aggrProductId)
        .add(month.toString())
        .add(type)
        .add(description)
        .add(currency)
        .add(direction)
        .add(resolution)
        .add(unit)
        .add(unitWord)
        .add(price)
        .add(walletName);
  }
}
