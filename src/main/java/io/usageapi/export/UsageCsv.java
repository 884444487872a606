package io.usageapi.export;

import io.usageapi.usage.UsageAggregate;
import java.util.List;

/** The columns of monthly usage as CSV: the fields of an aggregate. */
final class UsageCsv {
  static final CsvFormat<UsageAggregate> FORMAT =
      new CsvFormat<>(
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
              "total_amount"),
          UsageCsv::print);

  private UsageCsv() {}

  private static void print(UsageAggregate aggregate, CsvLine line) {
    line.word(aggregate.id())
        .text(aggregate.accountId())
        .text(aggregate.productId())
        .text(aggregate.aggrProductId())
        .word(aggregate.month())
        .word(aggregate.type())
        .text(aggregate.description())
        .word(aggregate.currency())
        .word(aggregate.direction())
        .word(aggregate.resolution())
        .word(aggregate.unit())
        .number(aggregate.price())
        .text(aggregate.walletName())
        .number(aggregate.numberOfUnits())
        .number(aggregate.totalAmount());
  }
}
