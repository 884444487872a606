package io.usageapi.intake;

import io.usageapi.aggregate.AggregateKey;
import io.usageapi.security.OrganizationId;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.UUID;

/**
 * A record, and where it counts.
 *
 * @param content the digest of all its fields
 * @param key the key of its aggregate: of its own month, or of a later one if it is late
 * @param day the day it occurred on, or the first of the later month
 */
record CountedRecord(
    UsageRecord record, UUID content, AggregateKey key, LocalDate day, UUID aggregateId) {
  static CountedRecord in(YearMonth month, UsageRecord record, OrganizationId organization) {
    boolean late = !record.month().equals(month);
    AggregateKey key = late ? record.key().in(month) : record.key();
    return new CountedRecord(
        record, record.content(), key, late ? month.atDay(1) : record.day(), key.id(organization));
  }

  /** The month it counts in. */
  YearMonth month() {
    return key.month();
  }
}
