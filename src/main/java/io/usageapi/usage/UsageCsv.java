package io.usageapi.usage;

import io.usageapi.aggregate.Granularity;
import io.usageapi.aggregate.UsageAggregate;
import io.usageapi.export.CsvFormat;
import io.usageapi.export.CsvLine;
import java.util.ArrayList;
import java.util.List;

/** The columns of usage as CSV: the fields of an aggregate. */
final class UsageCsv {
  private static final List<String> HEADER =
      List.of(
          "id",
          "account_id",
          "product_id",
          "aggr_product_id",
          "month",
          "type",
          "description",
          "currency",
          "direction",
          "resolution",
          "unit",
          "price",
          "wallet_name",
          "number_of_units",
          "total_amount");

  private UsageCsv() {}

  /** The columns that the aggregates of a selection have. */
  static CsvFormat<UsageAggregate> format(UsageSelection selection) {
    List<String> header = new ArrayList<>(HEADER);
    if (selection.granularity() == Granularity.DAY) {
      header.add(header.indexOf("month") + 1, "day");
    }
    selection.include().stream().map(Include::field).forEach(header::add);
    return new CsvFormat<>(header, (aggregate, line) -> print(selection, aggregate, line));
  }

  private static void print(UsageSelection selection, UsageAggregate aggregate, CsvLine line) {
    line.word(aggregate.id())
        .text(aggregate.accountId())
        .text(aggregate.productId())
        .text(aggregate.aggrProductId())
        .word(aggregate.month());
    if (selection.granularity() == Granularity.DAY) {
      line.word(aggregate.day());
    }
    line.word(aggregate.type())
        .text(aggregate.description())
        .word(aggregate.currency())
        .word(aggregate.direction())
        .word(aggregate.resolution())
        .word(aggregate.unit())
        .number(aggregate.price())
        .text(aggregate.walletName())
        .number(aggregate.numberOfUnits())
        .number(aggregate.totalAmount());
    for (Include included : selection.include()) {
      line.word(
          switch (included) {
            case UPDATED_AT -> aggregate.updatedAt();
            case MONTH_STATUS -> aggregate.monthStatus();
          });
    }
  }
}
