package io.usageapi.intake;

import io.usageapi.aggregate.AggregateKey;
import io.usageapi.text.CanonicalDigest;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.UUID;

/**
 * A rated record, checked (operation {@code postUsageRecords}).
 *
 * @param id chosen by the sender, the same on every retry; unique within its account
 * @param occurredAt to the microsecond
 * @param key the key of the aggregate of the month it occurred in
 * @param numberOfUnits negative in a correction
 * @param totalAmount negative in a correction
 */
public record UsageRecord(
    String id,
    Instant occurredAt,
    AggregateKey key,
    BigDecimal numberOfUnits,
    BigDecimal totalAmount) {

  /** A record counts once for each identity. */
  public record Identity(String accountId, String id) {}

  /** The account that is charged. */
  public String accountId() {
    return key.accountId();
  }

  public Identity identity() {
    return new Identity(accountId(), id);
  }

  /** The day it occurred on, in UTC. */
  public LocalDate day() {
    return LocalDate.ofInstant(occurredAt, ZoneOffset.UTC);
  }

  /** The month it occurred in, in UTC. */
  public YearMonth month() {
    return key.month();
  }

  /** The month of a time, in UTC. */
  public static YearMonth monthOf(Instant time) {
    return YearMonth.from(time.atOffset(ZoneOffset.UTC));
  }

  /** A digest of all its fields but the id. */
  public UUID content() {
    return digest(new CanonicalDigest()).toUuid();
  }

  /** Adds all its fields but the id to a digest. */
  public CanonicalDigest digest(CanonicalDigest digest) {
    return key.digest(digest).add(occurredAt.toString()).add(numberOfUnits).add(totalAmount);
  }
}
