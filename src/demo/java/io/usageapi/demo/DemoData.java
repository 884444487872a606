package io.usageapi.demo;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The demo's data over two years: a reseller with many accounts, two ordinary organizations and an
 * empty one. A fixed seed makes it the same on every machine.
 */
public final class DemoData {
  /** The first month with usage. */
  public static final YearMonth FIRST_MONTH = YearMonth.of(2024, 11);

  /** How many months have usage. */
  public static final int MONTHS = 24;

  private static final long SEED = 20_241_101L;
  private static final int RESELLER_ACCOUNTS = 60;

  private DemoData() {}

  /** An account and its currency. */
  public record Account(String organization, String id, String name, String currency) {
    Map<String, Object> body() {
      return Map.of(
          "organization_id", organization, "name", name, "company_name", name, "status", "ACTIVE");
    }
  }

  /** What the records of a product have in common. */
  private record Product(
      String id,
      String aggregated,
      String type,
      String description,
      String direction,
      String resolution,
      String unit,
      String price) {
    static Product parse(String line) {
      String[] field = line.split("\\|", -1);
      Arrays.setAll(field, i -> field[i].isEmpty() ? null : field[i]);
      return new Product(
          field[0], field[1], field[2], field[3], field[4], field[5], field[6], field[7]);
    }
  }

  /** One product a line; an empty field is null. */
  private static final List<Product> PRODUCTS =
      """
      voice-out|voice|CALL|Outbound calls|OUTBOUND|ANSWERED|MINUTES|0.0125
      voice-out-missed|voice|CALL|Outbound calls, missed|OUTBOUND|MISSED|SECONDS|0.0001
      voice-in|voice|CALL|Inbound calls|INBOUND|ANSWERED|MINUTES|0.0085
      voice-in-abandoned|voice|CALL|Inbound calls, abandoned|INBOUND|ABANDONED|SECONDS|0.00005
      voice-mailbox|voice|CALL_SERVICE|Mailbox|INBOUND|VOICEMAIL|MINUTES|0.004
      call-recording|voice|CALL_SERVICE|Call recording|OTHER|OTHER|MINUTES|0.0025
      power-dialer|dialer|DIALER|Power dialer|OUTBOUND|MACHINE|REQUESTS|0.003
      answer-detection|dialer|AMD|Answering machine detection|OUTBOUND|MACHINE|REQUESTS|0.0075
      sms-out|messaging|MESSAGE|Text messages sent|OUTBOUND||SEGMENTS|0.0415
      sms-in|messaging|MESSAGE|Text messages received|INBOUND||SEGMENTS|0.0075
      chat|messaging|MESSAGE|Chat conversations|||CONVERSATIONS|0.05
      chat-sessions|messaging|MESSAGE|Chat sessions|||SESSIONS|0.0099
      fax|messaging|MESSAGE|Fax pages|OUTBOUND||PAGES|0.03
      number-local|numbers|NUMBER|Local numbers|||NUMBERS|1.15
      number-tollfree|numbers|NUMBER|Toll-free numbers|||NUMBERS|2.15
      lookup|platform|API_REQUEST|Number lookups|||REQUESTS|0.0042
      storage|platform|PRODUCT_SERVICE|Media storage|||GB|0.0215
      support|platform|PRODUCT_SERVICE|Premium support|||OTHER|99
      transcription|speech|SPEECH_TRANSCRIPTION|Live transcription|||SECONDS|0.00033
      mail-transcription|speech|VOICEMAIL_TRANSCRIPTION|Mailbox transcription|||CHARS|0.000021
      recharge||RECHARGE|Wallet recharge|||OTHER|
      commitment||CREDIT_COMMIT|Committed credit|||OTHER|
      adjustment||OTHER||||OTHER|
      """
          .lines()
          .map(Product::parse)
          .toList();

  /** The accounts, the same in every call. */
  public static List<Account> accounts() {
    List<String> currencies = List.of("EUR", "USD", "GBP");
    List<Account> accounts = new ArrayList<>();
    for (int i = 1; i <= RESELLER_ACCOUNTS; i++) {
      accounts.add(
          new Account(
              "reseller",
              "customer-%03d".formatted(i),
              "Customer %d".formatted(i),
              currencies.get(i % currencies.size())));
    }
    accounts.add(new Account("acme", "acme-eu", "Acme Europe", "EUR"));
    accounts.add(new Account("acme", "acme-us", "Acme Americas", "USD"));
    accounts.add(new Account("acme", "acme-jp", "Acme Japan", "JPY"));
    accounts.add(new Account("globex", "globex", "Globex", "USD"));
    accounts.add(new Account("newcomer", "newcomer", "Newcomer", "EUR"));
    return accounts;
  }

  /** The records, the same in every call. */
  public static Stream<Map<String, Object>> records() {
    SplittableRandom random = new SplittableRandom(SEED);
    return accounts().stream()
        .filter(account -> !account.organization().equals("newcomer"))
        .flatMap(account -> records(account, random.split()));
  }

  private static Stream<Map<String, Object>> records(Account account, SplittableRandom random) {
    int size = 1 + random.nextInt(40);
    return IntStream.range(0, MONTHS)
        .boxed()
        .flatMap(
            month ->
                PRODUCTS.stream()
                    .flatMap(
                        product ->
                            IntStream.rangeClosed(1, 1 + random.nextInt(2))
                                .mapToObj(
                                    number ->
                                        record(account, size, month, product, number, random))));
  }

  private static Map<String, Object> record(
      Account account, int size, int month, Product product, int number, SplittableRandom random) {
    YearMonth in = FIRST_MONTH.plusMonths(month);
    Instant occurred =
        in.atDay(1)
            .atStartOfDay(ZoneOffset.UTC)
            .plusSeconds(random.nextLong(in.lengthOfMonth() * 86_400L))
            .toInstant();
    Map<String, Object> record = new LinkedHashMap<>();
    record.put("id", in + "-" + product.id() + "-" + number);
    record.put("account_id", account.id());
    record.put("product_id", product.id());
    record.put("aggr_product_id", product.aggregated());
    record.put("occurred_at", occurred.toString());
    record.put("type", product.type());
    record.put("description", product.description());
    record.put("currency", account.currency());
    record.put("direction", product.direction());
    record.put("resolution", product.resolution());
    record.put("unit", product.unit());
    record.put("wallet_name", product.type().equals("RECHARGE") ? "main" : null);
    if (product.price() == null) {
      // Top-ups are round; adjustments are small and negative.
      int amount = random.nextInt(1, 20) * size;
      record.put("number_of_units", 1);
      record.put(
          "total_amount",
          product.id().equals("adjustment")
              ? BigDecimal.valueOf(-amount, 2)
              : BigDecimal.valueOf(amount * 10L));
    } else {
      BigDecimal price = new BigDecimal(product.price());
      BigDecimal units =
          BigDecimal.valueOf(random.nextLong(1, 100_000L) * size, 2)
              .divide(price.max(BigDecimal.valueOf(1, 2)), 0, RoundingMode.HALF_UP)
              .movePointLeft(2)
              .setScale(isWhole(product.unit()) ? 0 : 2, RoundingMode.CEILING);
      record.put("price", price);
      record.put("number_of_units", units);
      record.put("total_amount", units.multiply(price));
    }
    return record;
  }

  /** Only time and volume come in fractions. */
  private static boolean isWhole(String unit) {
    return !unit.equals("MINUTES") && !unit.equals("GB");
  }
}
