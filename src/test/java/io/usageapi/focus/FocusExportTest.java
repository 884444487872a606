package io.usageapi.focus;

import static io.usageapi.fixture.Organization.anOrganization;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static io.usageapi.fixture.RawRequest.encode;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsInAnyOrder;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.usageapi.aggregate.UsageUnit;
import io.usageapi.demo.DemoData;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Document;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.RatedRecord;
import io.usageapi.fixture.RawRequest;
import io.usageapi.fixture.TestPostgres;
import io.usageapi.fixture.Tokens;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Contract, "FOCUS out". */
@QuarkusTest
class FocusExportTest {
  private static final String FOCUS = "text/csv;profile=focus";

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

  @TestHTTPResource URI server;

  private final Organization acme = anOrganization();

  /** The demo's records of one organization, for accounts of this test. */
  private void demoUsage() {
    List<String> accounts =
        DemoData.accounts().stream()
            .filter(account -> account.organization().equals("acme"))
            .map(DemoData.Account::id)
            .toList();
    accounts.forEach(acme::account);
    acme.hasSent(
        DemoData.records()
            .filter(record -> accounts.contains(record.get("account_id")))
            .map(RatedRecord::new)
            .map(record -> record.account(acme + "-" + record.fields().get("account_id")))
            .toList());
  }

  /** Texts, units, prices and sums of every kind. */
  private void nastyUsage() throws Exception {
    List<RatedRecord> records = new ArrayList<>();
    for (String text : List.of("=1+1", "-1", "'a", "\"", "a,b;c", " a ", "null", "😀é", "0x1F")) {
      records.add(aRecord().of(text));
      records.add(aRecord().with("aggr_product_id", text).with("wallet_name", text));
      records.add(aRecord().with("description", text + "\r\n" + text));
    }
    for (String unit :
        List.of("CHARS", "CONVERSATIONS", "GB", "NUMBERS", "PAGES", "SEGMENTS", "OTHER")) {
      records.add(aRecord().of("unit").with("unit", unit).units("0.1").with("price", "0.1"));
    }
    for (String type : List.of("CALL", "RECHARGE", "CREDIT_COMMIT")) {
      for (String price : Arrays.asList("-2", "0", "1e-30", null)) {
        for (String units : List.of("-3", "0", "7", "123456789012345678901234567890.1")) {
          records.add(
              aRecord()
                  .of(type + price + units)
                  .with("type", type)
                  .with("price", price)
                  .units(units)
                  .amount(price == null ? "-100.01" : "20"));
        }
      }
    }
    acme.hasSent(records);
    acme.hasSent(aRecord().of("hours").with("unit", "OTHER").units("2.5"));
    TestPostgres.storeUnitWord(acme.id(), "hours", "GB-Hours");
  }

  @ParameterizedTest
  @ValueSource(strings = {Api.USAGE, Api.DAYS})
  void it_keeps_the_rules_of_the_specification(String path) throws Exception {
    demoUsage();
    nastyUsage();

    String csv = focus(path);

    assertThat(rows(csv)).hasSizeGreaterThan(1_500);
    assertThat(FocusRules.violations(csv)).isEmpty();
  }

  /** What the import makes of a row (contract, "Mapping"), beside what the row was made of. */
  @ParameterizedTest
  @ValueSource(strings = {Api.USAGE, Api.DAYS})
  void every_number_unit_and_text_comes_back(String path) throws Exception {
    demoUsage();
    nastyUsage();
    Map<String, Map<String, Object>> sent = new TreeMap<>();
    text("application/x-ndjson", path + "?include=unit_word")
        .lines()
        .forEach(line -> keep(sent, json(line)));

    Map<String, Map<String, Object>> imported = new TreeMap<>();
    for (Map<String, String> row : rows(focus(path))) {
      keep(imported, imported(row));
    }

    assertThat(imported).hasSameSizeAs(sent);
    sent.forEach(
        (id, usage) -> {
          Map<String, Object> expected = new LinkedHashMap<>(usage);
          Map<String, Object> actual = new LinkedHashMap<>(imported.get(id));
          // FOCUS requires a service, and has no price below zero; a top-up has the one it was
          // paid with.
          expected.computeIfAbsent("aggr_product_id", none -> usage.get("product_id"));
          if (expected.get("price") == null || ((BigDecimal) expected.get("price")).signum() < 0) {
            expected.put("price", "not there, or negative");
            actual.put("price", "not there, or negative");
          }
          assertThat(actual).isEqualTo(expected);
        });
  }

  private static void keep(Map<String, Map<String, Object>> all, JsonNode usage) {
    Map<String, Object> fields = new LinkedHashMap<>();
    for (String name :
        List.of(
            "account_id",
            "product_id",
            "aggr_product_id",
            "description",
            "currency",
            "unit",
            "unit_word")) {
      fields.put(name, usage.get(name).isNull() ? null : usage.get(name).asText());
    }
    fields.put("day", usage.has("day") ? usage.get("day").asText() : usage.get("month") + "-01");
    for (String name : List.of("price", "number_of_units", "total_amount")) {
      BigDecimal number = usage.get(name).isNull() ? null : usage.get(name).decimalValue();
      fields.put(name, number == null ? null : number.stripTrailingZeros());
    }
    keep(all, usage.get("id").asText(), fields);
  }

  private static void keep(
      Map<String, Map<String, Object>> all, String id, Map<String, Object> fields) {
    fields.computeIfPresent("day", (name, day) -> ((String) day).replace("\"", ""));
    assertThat(all.put(id, fields)).isNull();
  }

  private static void keep(
      Map<String, Map<String, Object>> all, Map.Entry<String, Map<String, Object>> imported) {
    keep(all, imported.getKey(), imported.getValue());
  }

  private static Map.Entry<String, Map<String, Object>> imported(Map<String, String> row) {
    String word = row.get("PricingUnit");
    String unit = word.toUpperCase(Locale.ROOT);
    boolean known = Arrays.stream(UsageUnit.values()).anyMatch(each -> each.name().equals(unit));
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("account_id", row.get("SubAccountId"));
    fields.put("product_id", row.get("SkuId"));
    fields.put("aggr_product_id", row.get("ServiceName"));
    fields.put("description", row.get("ChargeDescription"));
    fields.put("currency", row.get("BillingCurrency"));
    fields.put("unit", known ? unit : "OTHER");
    fields.put("unit_word", known ? null : word);
    fields.put("day", row.get("ChargePeriodStart").replace("T00:00:00Z", ""));
    fields.put("price", number(row.get("ListUnitPrice")));
    fields.put("number_of_units", number(row.get("PricingQuantity")));
    fields.put("total_amount", number(row.get("BilledCost")));
    return Map.entry(row.get("x_AggregateId"), fields);
  }

  private static BigDecimal number(String text) {
    return text == null ? null : new BigDecimal(text).stripTrailingZeros();
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        // type, price, units, amount; category, list price, list cost, effective cost, consumed
        "CALL, 0.1, 3, 0.25, Usage, 0.1, 0.3, 0.25, 3",
        "CALL, 0.1, -3, -0.3, Usage, 0.1, -0.3, -0.3, -3",
        "CALL, 0, 3, 5, Usage, 0, 0, 5, 3",
        "CALL, -, 3, 5, Adjustment, -, 5, 5, -",
        "CALL, -0.1, 3, -0.3, Adjustment, -, -0.3, -0.3, -",
        "RECHARGE, 5, 2, 10, Purchase, 5, 10, 0, -",
        "RECHARGE, -, 4, 10, Purchase, 2.5, 10, 0, -",
        "CREDIT_COMMIT, -, -4, -10, Purchase, 2.5, -10, 0, -",
        "CREDIT_COMMIT, -, 3, 1, Purchase, 0.333333333333333333333333333333, 0.999999999999999999999999999999, 0, -",
        "RECHARGE, -, 4, -10, Adjustment, -, -10, -10, -",
        "RECHARGE, -, 0, 10, Adjustment, -, 10, 10, -"
      })
  void a_charge_has_the_category_and_costs_that_fit_its_price(
      String type,
      String price,
      String units,
      String amount,
      String category,
      String listPrice,
      String listCost,
      String effective,
      String consumed)
      throws IOException {
    acme.hasSent(aRecord().with("type", type).with("price", price).units(units).amount(amount));

    Map<String, String> row = rows(focus(Api.USAGE)).get(0);

    assertThat(row)
        .containsEntry("ChargeCategory", category)
        .containsEntry("ChargeClass", null)
        .containsEntry("ChargeFrequency", category.equals("Purchase") ? "One-Time" : "Usage-Based")
        .containsEntry("ListUnitPrice", listPrice)
        .containsEntry("ListCost", listCost)
        .containsEntry("BilledCost", amount)
        .containsEntry("ContractedCost", amount)
        .containsEntry("EffectiveCost", effective)
        .containsEntry("PricingQuantity", units)
        .containsEntry("PricingUnit", "Minutes")
        .containsEntry("ConsumedQuantity", consumed)
        .containsEntry("ConsumedUnit", consumed == null ? null : "Minutes")
        .containsEntry("x_Type", type)
        .containsEntry("x_UnitPrice", price != null && price.startsWith("-") ? price : null);
  }

  @ParameterizedTest
  @CsvSource({
    Api.USAGE + ", 2024-02-01T00:00:00Z, 2024-03-01T00:00:00Z",
    Api.DAYS + ", 2024-02-29T00:00:00Z, 2024-03-01T00:00:00Z"
  })
  void the_charge_period_is_the_month_or_the_day(String path, String start, String end)
      throws IOException {
    acme.hasSent(aRecord().on("2024-02-29").with("direction", "INBOUND"));

    assertThat(rows(focus(path)).get(0))
        .containsEntry("ChargePeriodStart", start)
        .containsEntry("ChargePeriodEnd", end)
        .containsEntry("BillingPeriodStart", "2024-02-01T00:00:00Z")
        .containsEntry("BillingPeriodEnd", "2024-03-01T00:00:00Z")
        .containsEntry("BillingAccountId", acme.id())
        .containsEntry("BillingAccountName", acme.id())
        .containsEntry("SubAccountId", acme.id())
        .containsEntry("SubAccountName", acme.id())
        .containsEntry("ServiceName", "voice")
        .containsEntry("ProviderName", "usage-api")
        .containsEntry("PublisherName", "usage-api")
        .containsEntry("InvoiceIssuerName", "usage-api")
        .containsEntry("x_Direction", "INBOUND");
  }

  /** So that the check of the rules can fail. */
  static Stream<Arguments> faults() {
    return Stream.of(
        fault("BilledCost MUST be present", row -> row.remove("BilledCost")),
        fault("ChargeClass MUST be present", row -> row.remove("ChargeClass")),
        fault("Wallet MUST be prefixed with x_", row -> row.put("Wallet", "main")),
        fault("ServiceName MUST NOT be null", row -> row.put("ServiceName", null)),
        fault("BilledCost MUST conform to NumericFormat", row -> row.put("BilledCost", "1,5")),
        fault("ListCost MUST conform to NumericFormat", row -> row.put("ListCost", "3.6E+1")),
        fault("ListUnitPrice MUST be a non-negative", row -> row.put("ListUnitPrice", "-0.1")),
        fault(
            "ChargePeriodEnd MUST conform to DateTimeFormat",
            row -> row.put("ChargePeriodEnd", "2026-02-01")),
        fault(
            "ChargePeriodStart MUST conform to DateTimeFormat",
            row -> row.put("ChargePeriodStart", "2026-02-30T00:00:00Z")),
        fault(
            "ChargePeriodEnd MUST be the exclusive end",
            row -> row.put("ChargePeriodEnd", row.get("ChargePeriodStart"))),
        fault("BillingCurrency MUST conform", row -> row.put("BillingCurrency", "eur")),
        fault("ChargeCategory MUST be one of", row -> row.put("ChargeCategory", "usage")),
        fault("ServiceCategory MUST be one of", row -> row.put("ServiceCategory", "Telephony")),
        fault("ServiceSubcategory MUST be one of", row -> row.put("ServiceSubcategory", "Other")),
        fault("ListCost MUST match the product", row -> row.put("ListCost", "0.31")),
        fault("ListUnitPrice MUST NOT be null for Usage", row -> row.put("ListUnitPrice", null)),
        fault("ContractedCost without a price MUST", row -> row.put("ContractedCost", "0.26")),
        fault("EffectiveCost MUST match", FocusExportTest::asCostlierCredit),
        fault("ListUnitPrice MUST be null for Tax", row -> row.put("ChargeCategory", "Tax")),
        fault("ConsumedQuantity MUST be null", row -> row.put("ChargeCategory", "Purchase")),
        fault("ConsumedQuantity MUST NOT be null", row -> row.put("ConsumedQuantity", null)),
        fault("PricingUnit MUST be null exactly if", row -> row.put("PricingUnit", null)),
        fault("SubAccountName MUST be null exactly if", row -> row.put("SubAccountName", null)),
        fault("Tags MUST conform", row -> putFirst(row, "Tags", "{\"a\":[]}")),
        fault("ChargeFrequency MUST NOT", FocusExportTest::asUsageBasedPurchase));
  }

  private static Arguments fault(String violation, Consumer<Map<String, String>> change) {
    return Arguments.of(violation, change);
  }

  private static void asCostlierCredit(Map<String, String> row) {
    row.put("ChargeCategory", "Credit");
    row.put("ConsumedQuantity", null);
    row.put("ConsumedUnit", null);
    row.put("EffectiveCost", "0.2500000001");
  }

  private static void asUsageBasedPurchase(Map<String, String> row) {
    row.put("ChargeCategory", "Purchase");
    row.put("ConsumedQuantity", null);
    row.put("ConsumedUnit", null);
    row.put("ChargeFrequency", "Usage-Based");
  }

  private static void putFirst(Map<String, String> row, String name, String value) {
    Map<String, String> others = new LinkedHashMap<>(row);
    row.clear();
    row.put(name, value);
    row.putAll(others);
  }

  @ParameterizedTest
  @MethodSource("faults")
  void a_file_with_one_fault_is_found_out(String violation, Consumer<Map<String, String>> change)
      throws IOException {
    acme.hasSent(aRecord().with("price", "0.1").units(3).amount("0.25"));
    Map<String, String> row = rows(focus(Api.USAGE)).get(0);
    assertThat(FocusRules.violations(csv(row))).isEmpty();

    change.accept(row);

    assertThat(FocusRules.violations(csv(row))).anyMatch(each -> each.contains(violation));
  }

  private static String csv(Map<String, String> row) {
    CSVFormat format = CSVFormat.RFC4180.builder().setNullString("").get();
    return format.format(row.keySet().toArray()) + "\r\n" + format.format(row.values().toArray());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "text/csv;profile=focus|200",
        "TEXT/CSV; Profile=\"focus\"; charset=utf-8|200",
        "text/csv;q=0.5, text/csv;profile=focus|200",
        "application/json;q=0.2, text/csv;profile=other, text/csv;profile=focus;q=0.1|json",
        "text/csv;profile=focus;q=0.5, text/csv|csv",
        "text/csv;profile=other, text/csv;q=0.1|csv",
        "text/csv;profile=other|406",
        "text/csv;profile=\"\"|406",
        "text/csv;profile=focus-1.0|406",
        "text/*;profile=focus|406",
        "text/vnd.usage-api.focus|406"
      })
  void it_is_asked_for_by_its_profile(String accept, String answer) {
    for (String path : List.of(Api.USAGE, Api.DAYS)) {
      RawRequest.Response response = acme.get(path).accept(accept).send(server);
      String type = response.header("Content-Type").orElseThrow();

      switch (answer) {
        case "200" -> {
          assertThat(type).isEqualTo("text/csv;profile=focus;charset=UTF-8");
          assertThat(response.header("Content-Disposition").orElseThrow())
              .matches("attachment; filename=\"usage-by-(month|day)-focus-1.2.csv\"");
          assertThat(response.text()).startsWith("BilledCost,");
        }
        case "csv" -> {
          assertThat(type).isEqualTo("text/csv;charset=UTF-8");
          assertThat(response.header("Content-Disposition").orElseThrow())
              .matches("attachment; filename=\"usage-by-(month|day).csv\"");
          assertThat(response.text()).startsWith("id,");
        }
        case "json" -> {
          assertThat(type).startsWith("application/json");
          assertThat(response.header("Content-Disposition")).isEmpty();
        }
        default -> assertThat(response.status()).isEqualTo(406);
      }
    }
  }

  @Test
  void the_example_of_the_document_has_these_columns_and_keeps_the_rules() throws IOException {
    acme.hasSent(aRecord());
    String example = Document.schema("FocusFile").at("/examples/0").asText();

    assertThat(FocusRules.violations(example)).isEmpty();
    assertThat(example.lines().findFirst()).isEqualTo(focus(Api.USAGE).lines().findFirst());
    assertThat(rows(example)).hasSize(1);
  }

  @Test
  void only_usage_has_it() {
    acme.asReader().accept(FOCUS).get(Api.TOTALS).then().statusCode(406);
    acme.asReader().accept(FOCUS).get(Api.ACCOUNTS).then().statusCode(406);
    acme.hasSent(aRecord());
    String one = Api.USAGE + "/" + acme.page().row().get("id");
    acme.asReader().accept(FOCUS).get(one).then().statusCode(406);
  }

  @Test
  void it_selects_and_orders_as_pages_do_and_refuses_what_is_of_pages() throws IOException {
    acme.hasSent(aRecord().of("a"), aRecord().of("b"), aRecord().of("c"));

    String query = "?order_by=product_id%3Adesc&filter=" + encode("product_id ne 'b'");
    assertThat(rows(text(FOCUS, Api.USAGE + query)))
        .extracting(row -> row.get("SkuId"))
        .containsExactly("c", "a");
    acme.asReader()
        .accept(FOCUS)
        .queryParams(Map.of("per_page", 1, "page", 2, "cursor", "x", "include", "unit_word"))
        .get(Api.USAGE)
        .then()
        .statusCode(400)
        .contentType("application/json")
        .body("fields.name", containsInAnyOrder("per_page", "page", "cursor", "include"));
    acme.asReader()
        .accept(FOCUS)
        .queryParam("filter", "account_id eq 'nobody'")
        .get(Api.USAGE)
        .then()
        .statusCode(403);
    Api.as(Tokens.granting("other")).accept(FOCUS).get(Api.USAGE).then().statusCode(403);
  }

  @Test
  void its_tag_changes_with_its_names_and_is_not_that_of_the_csv() {
    acme.hasSent(aRecord());
    String tag = tag(FOCUS);
    assertThat(tag).isEqualTo(tag(FOCUS)).isNotEqualTo(tag("text/csv"));
    RawRequest held = acme.get(Api.USAGE).accept(FOCUS).header("If-None-Match", tag);
    assertThat(held.send(server).status()).isEqualTo(304);

    Api.putAccount(
            Tokens.operator(),
            acme.id(),
            Map.of("organization_id", acme.id(), "name", "Acme, Inc."))
        .statusCode(200);

    assertThat(held.send(server).status()).isEqualTo(200);
    assertThat(held.send(server).text()).contains("\"Acme, Inc.\"");
    String renamed = tag(FOCUS);
    Api.putAccount(
            Tokens.operator(),
            acme.id(),
            Map.of("organization_id", acme.id(), "name", "Acme, Inc."))
        .statusCode(200);
    assertThat(tag(FOCUS)).isEqualTo(renamed);
  }

  @Test
  void it_streams_any_number_of_rows_packed_or_not_and_head_has_its_headers() throws Exception {
    acme.hasAggregates(1_203);
    RawRequest request = acme.get(Api.USAGE).accept(FOCUS);

    RawRequest.Response plain = request.send(server);
    RawRequest.Response packed = request.header("Accept-Encoding", "gzip").send(server);
    RawRequest.Response head = request.method("HEAD").send(server);

    assertThat(rows(plain.text())).hasSize(1_203);
    assertThat(packed.header("Content-Encoding")).hasValue("gzip");
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(packed.body()))) {
      assertThat(in.readAllBytes()).isEqualTo(plain.body());
    }
    assertThat(head.body()).isEmpty();
    for (String name : List.of("Content-Type", "Content-Disposition", "ETag")) {
      assertThat(head.header(name)).as(name).isPresent().isEqualTo(plain.header(name));
    }
  }

  private String tag(String accept) {
    return acme.get(Api.USAGE).accept(accept).send(server).header("ETag").orElseThrow();
  }

  private String focus(String path) {
    return text(FOCUS, path);
  }

  private String text(String accept, String target) {
    return acme.asReader()
        .urlEncodingEnabled(false)
        .accept(accept)
        .get(target)
        .then()
        .statusCode(200)
        .extract()
        .asString();
  }

  private static List<Map<String, String>> rows(String csv) throws IOException {
    CSVFormat format =
        CSVFormat.RFC4180.builder().setHeader().setSkipHeaderRecord(true).setNullString("").get();
    List<Map<String, String>> rows = new ArrayList<>();
    try (CSVParser parser = CSVParser.parse(csv, format)) {
      for (CSVRecord record : parser) {
        Map<String, String> row = new LinkedHashMap<>();
        parser.getHeaderNames().forEach(name -> row.put(name, record.get(name)));
        rows.add(row);
      }
    }
    return rows;
  }

  private static JsonNode json(String line) {
    try {
      return JSON.readTree(line);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
