package io.usageapi.intake;

import io.usageapi.security.OrganizationId;
import java.time.LocalDate;
import java.util.UUID;

/**
 * A record, and where it counts.
 *
 * @param record the record
 * @param content the digest of all its fields
 * @param month the month it counts in, by the first day: its own, or a later one where it came late
 * @param day the day it counts in: the one it occurred on, or where it came late the first of that
 *     month
 * @param aggregateId the aggregate it counts in
 */
record CountedRecord(
    UsageRecord record, UUID content, LocalDate month, LocalDate day, UUID aggregateId) {
  static CountedRecord in(LocalDate month, UsageRecord record, OrganizationId organization) {
    return new CountedRecord(
        record,
        record.content(),
        month,
        record.month().equals(month) ? record.day() : month,
        record.aggregateId(organization, month));
  }
}
