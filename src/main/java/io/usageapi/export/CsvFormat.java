package io.usageapi.export;

import io.usageapi.usage.UsageAggregate;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.commons.csv.CSVFormat;

/**
 * RFC 4180: a header of field names, then a line for each aggregate. No value is an empty cell. A
 * text that a spreadsheet would take for a formula gets a {@code '} in front, and so does one that
 * begins with {@code '}: to take one away gives every text back.
 */
@Singleton
final class CsvFormat implements ExportFormat {
  private static final CSVFormat FORMAT = CSVFormat.RFC4180;
  private static final String[] HEADER = {
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
    "total_amount"
  };

  private static final String GUARDED = "=+-@\t\r'";
  private static final int CHARACTERS_OF_A_LINE = 256;

  @Override
  public MediaType type() {
    return new MediaType("text", "csv");
  }

  @Override
  public byte[] first(List<UsageAggregate> aggregates) {
    return print(true, aggregates);
  }

  @Override
  public byte[] next(List<UsageAggregate> aggregates) {
    return print(false, aggregates);
  }

  /** By the format itself: a printer would take a lock for each cell. */
  private static byte[] print(boolean header, List<UsageAggregate> aggregates) {
    StringBuilder text = new StringBuilder((aggregates.size() + 1) * CHARACTERS_OF_A_LINE);
    try {
      if (header) {
        FORMAT.printRecord(text, (Object[]) HEADER);
      }
      for (UsageAggregate each : aggregates) {
        FORMAT.print(each.id(), text, true);
        FORMAT.print(guarded(each.accountId()), text, false);
        FORMAT.print(guarded(each.productId()), text, false);
        FORMAT.print(guarded(each.aggrProductId()), text, false);
        FORMAT.print(each.month(), text, false);
        FORMAT.print(each.type(), text, false);
        FORMAT.print(guarded(each.description()), text, false);
        FORMAT.print(each.currency(), text, false);
        FORMAT.print(each.direction(), text, false);
        FORMAT.print(each.resolution(), text, false);
        FORMAT.print(each.unit(), text, false);
        FORMAT.print(number(each.price()), text, false);
        FORMAT.print(guarded(each.walletName()), text, false);
        FORMAT.print(number(each.numberOfUnits()), text, false);
        FORMAT.print(number(each.totalAmount()), text, false);
        FORMAT.println(text);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static String guarded(String text) {
    return text == null || text.isEmpty() || GUARDED.indexOf(text.charAt(0)) < 0
        ? text
        : "'" + text;
  }

  private static String number(BigDecimal number) {
    return number == null ? null : number.stripTrailingZeros().toPlainString();
  }
}
