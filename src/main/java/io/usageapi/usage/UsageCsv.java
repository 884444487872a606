package io.usageapi.usage;

import io.usageapi.aggregate.AggregateKey;
import io.usageapi.aggregate.Granularity;
import io.usageapi.aggregate.MonthStatus;
import io.usageapi.aggregate.UsageAggregate;
import io.usageapi.export.CsvFormat;
import java.time.Instant;
import java.time.LocalDate;
import java.util.UUID;

/** The columns of usage as CSV: the fields of an aggregate. */
final class UsageCsv {
  private UsageCsv() {}

  /** The format of the aggregates of a selection, which all have the same fields. */
  static CsvFormat<UsageAggregate> format(UsageSelection selection) {
    return CsvFormat.of(
        new UsageAggregate(
            new UUID(0, 0),
            AggregateKey.of(dimension -> null),
            selection.granularity() == Granularity.DAY ? LocalDate.EPOCH : null,
            null,
            null,
            selection.include().contains(Include.UPDATED_AT) ? Instant.EPOCH : null,
            selection.include().contains(Include.MONTH_STATUS) ? MonthStatus.OPEN : null,
            selection.include().contains(Include.UNIT_WORD)));
  }
}
