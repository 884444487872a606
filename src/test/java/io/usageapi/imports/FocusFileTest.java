package io.usageapi.imports;

import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.reducing;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.usageapi.account.NewAccount;
import io.usageapi.aggregate.Dimension;
import io.usageapi.error.ApiException;
import io.usageapi.fixture.RawRequest;
import io.usageapi.http.body.BodyReader;
import io.usageapi.imports.FocusFile.Format;
import io.usageapi.intake.RecordReader;
import io.usageapi.intake.RecordReaders;
import io.usageapi.intake.UsageRecord;
import io.usageapi.intake.format.Entry;
import io.usageapi.intake.format.EntrySource;
import io.usageapi.text.DecimalText;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Billing files in the manner of several providers, and what is wrong with others. */
class FocusFileTest {
  private static final int MAX_ROW = 262_144;
  private static final RecordReader READER =
      RecordReaders.at(Instant.parse("2026-11-28T00:00:00Z"));

  private static final String PROFILE =
      "/providers/Microsoft.Billing/billingAccounts/a1a9c77e-4cec-4a6c-a089-867d973a6074:"
          + "a80d3b1f-c626-4e5e-82ed-1173bd91c838_2019-05-31/billingProfiles/Q7GV-UUVA-BG7-PGB";

  /** The columns that every row of {@link #row} has. */
  private static final String HEADER =
      "BillingAccountId,SubAccountId,SkuId,SkuPriceId,ServiceName,ChargeDescription,"
          + "ChargePeriodStart,BillingCurrency,PricingUnit,ListUnitPrice,PricingQuantity,BilledCost";

  private static final List<String> COLUMNS = List.of(HEADER.split(","));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          aws-1.0.csv           | USD 1.3700168599 | 2 REQUESTS, 0.00200749 LCU-Hours, 0.0001234567 GB, 0 null
          aws-1.2.csv           | USD 1.3700168599 | 2 REQUESTS, 0.00200749 LCU-Hours, 0.0001234567 GB, 0 null
          azure-1.0.csv         | EUR -10.195988   | 24 Hours, 0.00065217 GB-Months, 1 Units
          azure-1.2-preview.csv | EUR -10.195988   | 24 Hours, 0.00065217 GB-Months, 1 Units
          google.csv            | USD 0.030693     | 1 hour, 0.000038 gibibyte month, 0 null
          google.jsonl          | USD 0.030693     | 1 hour, 0.000038 gibibyte month, 0 null
          oracle.csv            | EUR 0.0001513    | 0.0067204301 GB_MONTH, 0.5 GB, -1 REQUESTS
          """)
  void files_of_providers_are_read_to_the_last_digit(String file, String sums, String quantities)
      throws IOException {
    List<Entry.Read> rows = read(file);

    assertThat(sums(rows)).isEqualTo(sums);
    assertThat(rows.stream().map(row -> quantity(row.record())).collect(joining(", ")))
        .isEqualTo(quantities);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "null",
      textBlock =
          """
          aws-1.0.csv   | 111122223333         | Example Corp   | 444455556666 | Production | 0 | G95FST5FTYV3JSRX | Amazon Simple Queue Service | 2026-08-18T22:00:00Z
          aws-1.2.csv   | 111122223333         | Example Corp   | 444455556666 | Production | 3 | Amazon Elastic Compute Cloud | Amazon Elastic Compute Cloud | 2026-08-01T00:00:00Z
          azure-1.0.csv | #                    | Contoso Europe | /subscriptions/00000000-1111-2222-3333-444444444444 | Shop | 0 | DZH318Z0BQ4B/00G1 | Virtual Machines | 2026-08-05T00:00:00Z
          azure-1.0.csv | #                    | Contoso Europe | # | Contoso Europe | 2 | Support | Support | 2026-08-05T00:00:00Z
          google.csv    | 010101-F0FFF0-61C528 | null           | 01AB23-45CD67-89EF01 | null | 1 | E5F0-6A5D-7BAD | Cloud Storage | 2026-08-02T03:00:00.250Z
          oracle.csv    | 12345678             | null           | ocid1.tenancy.oc1..aaaaaaaaexample | acme | 2 | B91627.1 | Object Storage | 2026-08-16T00:00:00Z
          """)
  void rows_say_whose_they_are_and_what_was_charged(
      String file,
      String organization,
      String organizationName,
      String account,
      String accountName,
      int index,
      String product,
      String service,
      String time)
      throws IOException {
    Entry.Read row = read(file).get(index);

    NewAccount made = row.account().orElseThrow();
    String profile = DigestUtils.sha256Hex(PROFILE);
    assertThat(row.organization().orElseThrow().value())
        .isEqualTo(organization.replace("#", profile))
        .isEqualTo(made.organization().value());
    assertThat(row.organizationName().orElse(null)).isEqualTo(organizationName);
    assertThat(made.id()).isEqualTo(account.replace("#", profile));
    assertThat(made.name()).isEqualTo(accountName);
    assertThat(row.record().accountId()).isEqualTo(made.id());
    assertThat(value(row, Dimension.PRODUCT_ID)).isEqualTo(product);
    assertThat(value(row, Dimension.AGGR_PRODUCT_ID)).isEqualTo(service);
    assertThat(row.record().occurredAt()).isEqualTo(time);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"same-1.1.csv", "same-1.2.csv", "same-1.3.csv", "same-1.4.csv", "same-1.2.jsonl"})
  void a_file_of_any_version_in_any_order_is_the_same_file(String file) throws IOException {
    List<String> ids = ids(read("same-1.0.csv"));

    assertThat(ids(read(file))).containsExactlyInAnyOrderElementsOf(ids);
    // The first and the last row are equal.
    assertThat(ids).hasSize(4).allMatch(id -> id.matches("[0-9a-f]{32}"));
    assertThat(Set.copyOf(ids)).hasSize(3);
    assertThat(sums(read(file))).isEqualTo("EUR 5.950000000000000001");
  }

  @Test
  void a_file_may_be_gzip_of_several_members() throws IOException {
    byte[] plain = bytes("aws-1.0.csv");
    byte[] start = RawRequest.gzip(Arrays.copyOf(plain, 99));
    byte[] rest = RawRequest.gzip(Arrays.copyOfRange(plain, 99, plain.length));
    byte[] members = Arrays.copyOf(start, start.length + rest.length);
    System.arraycopy(rest, 0, members, start.length, rest.length);

    assertThat(ids(read(members, Format.CSV))).isEqualTo(ids(read("aws-1.0.csv")));
    assertThat(problem(RawRequest.gzip(RawRequest.gzip(plain)), Format.CSV))
        .startsWith("unsupported_media_type The body is gzip within gzip.");
    assertThat(problem(Arrays.copyOf(members, members.length - 9), Format.CSV))
        .contains("broke off at or after line", "Nothing of the file was taken in.");
  }

  /** Every mapped column makes a row another one, if its value changes and not just its form. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          BillingAccountId  | o          | p                           | another
          SubAccountId      | s          | t                           | another
          SkuId             | k          | l                           | another
          SkuPriceId        | x          |                             | same
          ServiceName       | v          | w                           | another
          ServiceName       | v          |                             | another
          ChargeDescription | d          | e                           | another
          ChargePeriodStart | 2026-08-01 | 2026-08-01T00:00:00.000001Z | another
          ChargePeriodStart | 2026-08-01 | 2026-08-01T02:00:00+02:00   | same
          BillingCurrency   | EUR        | USD                         | another
          PricingUnit       | GB         | gB                          | same
          PricingUnit       | GB         |                             | another
          PricingUnit       | Tokens     | tokens                      | another
          PricingUnit       | Other      |                             | same
          ListUnitPrice     | 1          | 1.00                        | same
          ListUnitPrice     | 1          | 2                           | another
          ListUnitPrice     | 0          |                             | another
          PricingQuantity   | 0          | NULL                        | same
          PricingQuantity   | 1          | 2                           | another
          BilledCost        | 1          | 10E-1                       | same
          BilledCost        | 1          | -1                          | another
          """)
  void rows_are_the_same_when_their_mapped_values_are(
      String column, String one, String other, String same) throws IOException {
    String first = ids(read(row(column, one))).get(0);
    String second = ids(read(row(column, other == null ? "" : other))).get(0);

    assertThat(first.equals(second)).isEqualTo("same".equals(same));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2026-08-01",
        "2026-08-01T00:00Z",
        "2026-08-01 00:00",
        "2026-08-01T00:00:00",
        "2026-08-01 00:00:00",
        "2026-08-01T00:00:00Z",
        "2026-08-01T00:00:00.000Z",
        "2026-08-01T00:00:00.0000000Z",
        "2026-08-01 00:00:00 UTC",
        "2026-08-01 00:00:00.000000 UTC",
        "2026-08-01 00:00:00+00",
        "2026-08-01 00:00:00 +0000",
        "2026-07-31T20:30:00-03:30"
      })
  void times_are_read_as_providers_write_them(String time) throws IOException {
    assertThat(read(row("ChargePeriodStart", time)).get(0).record().occurredAt())
        .isEqualTo("2026-08-01T00:00:00Z");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          BillingAccountId  |                 | BillingAccountId is required
          BillingAccountId  | NULL            | BillingAccountId is required
          SubAccountId      | ..              | SubAccountId must not be . or ..
          SubAccountId      | a\tb            | SubAccountId must not contain control characters
          SkuId             | a\tb            | SkuId must not contain control characters
          BilledCost        |                 | BilledCost is required
          BilledCost        | 1.234,50        | BilledCost must be a number like 12.50, with a point, without thousands separators
          BilledCost        | $1              | BilledCost must be a number like 12.50
          BilledCost        | 1e-31           | BilledCost must have at most 30 digits before and after the point
          PricingQuantity   | 1 000           | PricingQuantity must be a number like 12.50
          ListUnitPrice     | n/a             | ListUnitPrice must be a number like 12.50
          ChargePeriodStart |                 | ChargePeriodStart is required
          ChargePeriodStart | 08/01/2026      | ChargePeriodStart must be a time like 2026-08-01T00:00:00Z
          ChargePeriodStart | 2026-02-30      | ChargePeriodStart must be a time like 2026-08-01T00:00:00Z
          ChargePeriodStart | 2026-08-01T00:00:00 CEST | ChargePeriodStart must be a time like 2026-08-01T00:00:00Z
          ChargePeriodStart | 2126-08-01      | ChargePeriodStart must lie between 2000-01-01 and 31 days ahead
          BillingCurrency   | €               | BillingCurrency must be a code of three capital letters like EUR
          BillingCurrency   |                 | BillingCurrency is required
          """)
  void a_wrong_cell_is_named_by_its_column_and_line_and_form(
      String column, String value, String problem) throws IOException {
    List<Entry> rows = entries(row(column, value == null ? "" : value), Format.CSV);

    assertThat(rows).hasSize(1).allMatch(row -> row.place().line() == 2);
    assertThat(problems(rows.get(0))).hasSize(1).allMatch(found -> found.startsWith(problem));
  }

  @Test
  void a_product_is_named_by_the_column_it_came_from() throws IOException {
    Function<String, String> cells = named -> HEADER + "\no,s," + named + ",2026-08-01,EUR,,,,1\n";

    assertThat(products(cells.apply("1,2,3,4"))).isEqualTo("1");
    assertThat(products(cells.apply("NULL,2,3,4"))).isEqualTo("2");
    assertThat(products(cells.apply(",,3,4"))).isEqualTo("3");
    assertThat(products(cells.apply(",,NULL,\"4\""))).isEqualTo("4");
    assertThat(products(cells.apply("," + "p".repeat(129) + ",,")))
        .isEqualTo(DigestUtils.sha256Hex("p".repeat(129)));
    assertThat(products(cells.apply("," + "é€".repeat(60) + ",,")))
        .isEqualTo(DigestUtils.sha256Hex("é€".repeat(60)));
    assertThat(problems(entries(cells.apply(",a\tb,,"), Format.CSV).get(0)).get(0))
        .startsWith("SkuPriceId must not contain control characters");
    assertThat(problems(entries(cells.apply(",,,"), Format.CSV).get(0)).get(0))
        .startsWith("SkuId is required where there is no SkuPriceId, ServiceName");
  }

  @Test
  void errors_of_a_row_are_all_named_and_other_rows_are_read() throws IOException {
    String file =
        HEADER
            + "\n\no,s,k,,,\"two\nlines\",2026-08-01,EUR,,,,1\n"
            + "o,s,k,,,,yesterday,EURO,,,x,\n"
            + "o,s\n"
            + "o,s,k,,,,2026-08-01,EUR,,,,1";
    List<Entry> rows = entries(file, Format.CSV);

    assertThat(rows.stream().map(row -> row.place().line())).containsExactly(3L, 5L, 6L, 7L);
    assertThat(problems(rows.get(1)).stream().map(problem -> problem.split(" ", 2)[0]))
        .containsExactlyInAnyOrder(
            "ChargePeriodStart", "BillingCurrency", "PricingQuantity", "BilledCost");
    assertThat(problems(rows.get(2))).containsExactly("line 6 has 2 cells, the header has 12");
    assertThat(rows.get(1)).matches(row -> ((Entry.Rejected) row).id() == null);
    assertThat(rows.get(0)).isInstanceOf(Entry.Read.class);
    assertThat(rows.get(3)).isInstanceOf(Entry.Read.class);
  }

  @Test
  void four_columns_suffice_and_1024_are_the_most() throws IOException {
    String needed = "BillingCurrency,ServiceName,BilledCost,ChargePeriodStart,BillingAccountId";
    String more = IntStream.range(5, 1_024).mapToObj(i -> ",x_" + i).collect(joining());

    Entry.Read row =
        read(needed + more + "\nEUR,Tax,1,2026-08-01,o" + ",".repeat(1_019) + "\n").get(0);

    assertThat(row.record().accountId()).isEqualTo("o");
    assertThat(row.record().numberOfUnits()).isEqualTo("0");
    assertThat(value(row, Dimension.PRICE)).isNull();
    assertThat(problem(needed + more + ",x\n", Format.CSV))
        .isEqualTo("invalid_body The header may have at most 1024 columns; it has 1025.");
    assertThat(
            entries("BillingCurrency,BilledCost,ChargePeriodStart,BillingAccountId\n", Format.CSV))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          SkuId,Tags                         | BilledCost is missing from the header, BillingAccountId is missing from the header, BillingCurrency is missing from the header, ChargePeriodStart is missing from the header
          BillingAccountId,billedcost,BillingCurrency,ChargePeriodStart | BilledCost is missing from the header; is billedcost meant?
          BillingAccountId,BilledCost,BillingCurrency,ChargePeriodStart,x_a,x_a | x_a stands in the header twice
          BillingAccountId;BilledCost        | The columns are separated by semicolons; write the file with commas, and decimals with a point.
          "BillingAccountId";"BilledCost"    | The columns are separated by semicolons
          BillingAccountId\tBilledCost       | The columns are separated by tabs
          "BillingAccountId"\t"BilledCost"   | The columns are separated by tabs
          id,account_id,product_id           | The header is one of usage records, not of FOCUS: POST the file to /express/usage/records.
          {"BilledCost":1}                   | The body is JSON, not CSV: send it as application/x-ndjson.
          PAR1                               | The body is Parquet. Convert it to CSV, for instance with DuckDB: COPY (FROM 'bill.parquet') TO 'bill.csv' (HEADER).
          """)
  void a_file_that_is_not_read_says_what_to_do(String file, String problem) {
    assertThat(problem(file, Format.CSV)).contains(" " + problem);
  }

  @Test
  void other_encodings_and_formats_say_what_to_do() throws IOException {
    String wide = "unsupported_media_type The body is UTF-16 or UTF-32. Convert it to UTF-8: iconv";
    assertThat(problem(("\uFEFF" + HEADER).getBytes(UTF_16LE), Format.CSV)).startsWith(wide);
    assertThat(problem(HEADER.getBytes(UTF_16LE), Format.CSV)).startsWith(wide);
    assertThat(problem("PK\3\4", Format.CSV)).contains("The body is a zip file or a spreadsheet.");
    assertThat(problem("Obj\1", Format.CSV)).contains("The body is Avro.");
    assertThat(problem("[{}]", Format.JSON_LINES)).contains("Send an object a line: jq -c");
    assertThat(problem(HEADER, Format.JSON_LINES)).contains("send CSV as text/csv");
    for (Format format : Format.values()) {
      assertThat(problem("", format)).startsWith("invalid_body The file is empty.");
      assertThat(problem(RawRequest.gzip(new byte[0]), format)).contains("The file is empty.");
      assertThat(problem("PAR1", format)).startsWith("unsupported_media_type The body is Parquet");
    }
    assertThat(problem(HEADER + "\n\"" + "x".repeat(400_000), Format.CSV))
        .startsWith("payload_too_large A row may have at most 262144 characters; line 2 has more.");
    assertThat(problem(HEADER + "\no,\"open\n", Format.CSV))
        .isEqualTo(
            "invalid_body The quoting is broken at or after line 2. Nothing of the file was taken"
                + " in.");
  }

  @Test
  void lines_of_json_hold_anything_in_columns_that_are_ignored() throws IOException {
    String line =
        "{\"BillingAccountId\":12,\"BillingCurrency\":\"EUR\",\"ServiceName\":\"s\","
            + "\"ChargePeriodStart\":\"2026-08-01 00:00:00 UTC\",\"BilledCost\":%s%s}\n";
    String members =
        IntStream.range(0, 1_019).mapToObj(i -> ",\"x_" + i + "\":[{\"a\":{}}]").collect(joining());
    String file =
        "\uFEFF\n"
            + line.formatted("0.12345678901234567890123456789", members)
            + line.formatted("1", members + ",\"y\":1")
            + line.formatted("{\"amount\":1}", ",\"Tags\":{\"a\":\"b\"}")
            + line.formatted("1", ",\"BilledCost\":2")
            + "{\"BilledCost\":true\n"
            + line.formatted("\"NULL\"", ",\"x\":" + "9".repeat(5_000) + ",\"y\":true");
    List<Entry> rows = entries(file, Format.JSON_LINES);

    Entry.Read first = (Entry.Read) rows.get(0);
    assertThat(first.record().totalAmount()).isEqualTo("0.12345678901234567890123456789");
    assertThat(first.record().accountId()).isEqualTo("12");
    assertThat(first.place().line()).isEqualTo(2);
    assertThat(rows.stream().skip(1).map(row -> String.join(", ", problems(row))))
        .containsExactly(
            "line 3 has more than 1024 members",
            "BilledCost must be a string or a number",
            "BilledCost must be given once",
            "line 6 is not a JSON object",
            "BilledCost is required");
  }

  private static String products(String file) throws IOException {
    return (String) value(read(file).get(0), Dimension.PRODUCT_ID);
  }

  private static Object value(Entry.Read row, Dimension dimension) {
    return row.record().key().value(dimension);
  }

  /** A file of one row that has this value. */
  private static String row(String column, String value) {
    Map<String, String> values =
        new TreeMap<>(
            Map.of(
                "BillingAccountId", "o",
                "SubAccountId", "s",
                "SkuId", "k",
                "ChargePeriodStart", "2026-08-01",
                "BillingCurrency", "EUR",
                "BilledCost", "1"));
    values.put(column, value);
    return COLUMNS.stream()
        .map(name -> '"' + values.getOrDefault(name, "") + '"')
        .collect(joining(",", HEADER + "\n", "\n"));
  }

  /** The quantity with its unit, or the word for it. */
  private static String quantity(UsageRecord record) {
    Object word = record.key().value(Dimension.UNIT_WORD);
    Object unit = record.key().value(Dimension.UNIT);
    return DecimalText.plain(record.numberOfUnits())
        + " "
        + (unit.toString().equals("OTHER") ? word : unit);
  }

  /** The sums by currency. */
  private static String sums(List<Entry.Read> rows) {
    return rows.stream()
        .collect(
            groupingBy(
                row -> value(row, Dimension.CURRENCY).toString(),
                TreeMap::new,
                mapping(
                    row -> row.record().totalAmount(), reducing(BigDecimal.ZERO, BigDecimal::add))))
        .entrySet()
        .stream()
        .map(sum -> sum.getKey() + " " + DecimalText.plain(sum.getValue()))
        .collect(joining(", "));
  }

  private static List<String> ids(List<Entry.Read> rows) {
    return rows.stream().map(row -> row.record().id()).toList();
  }

  private static List<String> problems(Entry entry) {
    return ((Entry.Rejected) entry)
        .fields().stream().map(field -> field.name() + " " + field.description()).toList();
  }

  /** The error that fails the whole file: its code, its description and its fields. */
  private static String problem(String file, Format format) {
    return problem(file.getBytes(UTF_8), format);
  }

  private static String problem(byte[] file, Format format) {
    ApiException failure = catchThrowableOfType(ApiException.class, () -> entries(file, format));
    return Stream.concat(
            Stream.ofNullable(failure.body().description()),
            failure.body().fields().stream().map(field -> field.name() + " " + field.description()))
        .collect(joining(", ", failure.body().code().wireName() + " ", ""));
  }

  private static List<Entry.Read> read(String fileOrRows) throws IOException {
    return fileOrRows.contains("\n")
        ? read(fileOrRows.getBytes(UTF_8), Format.CSV)
        : read(bytes(fileOrRows), fileOrRows.endsWith(".csv") ? Format.CSV : Format.JSON_LINES);
  }

  private static List<Entry.Read> read(byte[] file, Format format) {
    List<Entry> entries = entries(file, format);
    assertThat(entries).isNotEmpty().allMatch(entry -> entry instanceof Entry.Read);
    return entries.stream().map(Entry.Read.class::cast).toList();
  }

  private static List<Entry> entries(String file, Format format) {
    return entries(file.getBytes(UTF_8), format);
  }

  private static List<Entry> entries(byte[] file, Format format) {
    List<Entry> entries = new ArrayList<>();
    try (EntrySource source =
        FocusFile.open(
            new ByteArrayInputStream(file), BodyReader.Coding.IDENTITY, format, READER, MAX_ROW)) {
      for (List<Entry> batch = source.next(2); !batch.isEmpty(); batch = source.next(2)) {
        entries.addAll(batch);
      }
    } catch (ApiException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    return entries;
  }

  private static byte[] bytes(String file) throws IOException {
    try (InputStream in = FocusFileTest.class.getResourceAsStream("/focus/" + file)) {
      return in.readAllBytes();
    }
  }
}
