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
  /** A record that counts in its own month. */
  static CountedRecord of(UsageRecord record, OrganizationId organization) {
    return new CountedRecord(
        record, record.content(), record.key(), record.day(), record.key().id(organization));
  }

  /** The same record, counted in this month. */
  CountedRecord in(YearMonth month, OrganizationId organization) {
    if (month.equals(month())) {
      return this;
    }
    AggregateKey late = key.in(month);
    return new CountedRecord(record, content, late, month.atDay(1), late.id(organization));
  }

  /** The month it counts in. */
  YearMonth month() {
    return key.month();
  }
}
