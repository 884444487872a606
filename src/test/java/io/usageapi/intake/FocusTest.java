package io.usageapi.intake;

import static io.usageapi.fixture.Organization.anOrganization;
import static io.usageapi.fixture.RatedRecord.FOCUS_HEADER;
import static io.usageapi.fixture.RatedRecord.focusRow;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasItems;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.TestPostgres;
import io.usageapi.fixture.Tokens;
import io.usageapi.security.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The example FOCUS file of the project, which is as awkward as real ones. */
@QuarkusTest
class FocusTest {
  private static final String SEPTEMBER = "2026-09-01T00:00:00Z";
  private static final Path FILE = Path.of("examples", "focus-small.csv");
  private final Organization northwind = anOrganization();
  private final Organization contoso = anOrganization();
  private String file;

  /** Each test has its own organizations in the file. */
  @BeforeEach
  void the_file() throws IOException {
    file =
        Files.readString(FILE)
            .replace("\"northwind", "\"" + northwind)
            .replace("\"contoso", "\"" + contoso);
  }

  @Test
  void a_file_is_taken_and_its_sums_are_exact() {
    send(file).statusCode(200).body("accepted", equalTo(10)).body("rejected", equalTo(0));

    List<Map<String, Object>> rows = northwind.walk();
    assertThat(Api.sum(rows, "total_amount")).isEqualByComparingTo("128.2006825012345678901");
    assertThat(Api.sum(rows, "number_of_units")).isEqualByComparingTo("134.456789012345678901");
    assertThat(Api.sum(contoso.walk(), "total_amount")).isEqualByComparingTo("0.0015");
  }

  @Test
  void a_file_sent_again_adds_nothing_and_its_equal_rows_all_count() {
    send(file).body("accepted", equalTo(10));
    send(file)
        .body("accepted", equalTo(0))
        .body("duplicates", equalTo(10))
        .body("rejected", equalTo(0));

    Map<String, Object> equalRows = aggregate("product_id eq 'QUEUE-REQ' and month eq '2026-09'");
    assertThat(equalRows.get("number_of_units")).hasToString("9");
    assertThat(equalRows.get("total_amount")).hasToString("0.0000036");
    assertThat(equalRows.get("unit")).isEqualTo("REQUESTS");
  }

  @Test
  void cells_are_mapped_as_the_contract_says() {
    send(file).body("accepted", equalTo(10));

    Map<String, Object> storage = aggregate("product_id eq 'STORE-GBM'");
    assertThat(storage.get("description"))
        .isEqualTo("$0.10 per \"standard\" GB-month, first 50 TB");
    assertThat(storage.get("unit")).isEqualTo("OTHER");
    assertThat(storage.get("type")).isEqualTo("OTHER");
    assertThat(storage.get("aggr_product_id")).isEqualTo("Object Store");
    assertThat(storage.get("account_id")).isEqualTo(northwind + "-prod");
    Map<String, Object> support = aggregate("product_id eq 'Support'");
    assertThat(support.get("description"))
        .isEqualTo("Support plan\r\nBusiness tier\nbilled monthly");
    assertThat(support.get("price")).isNull();
    Map<String, Object> tax = aggregate("product_id eq 'VAT 19%'");
    assertThat(tax.get("account_id")).isEqualTo(northwind.id());
    assertThat(tax.get("aggr_product_id")).isNull();
    assertThat(tax.get("number_of_units")).hasToString("0");
    assertThat(aggregate("product_id eq 'EGRESS'").get("month")).isEqualTo("2026-09");
    assertThat(aggregate("product_id eq 'EGRESS'").get("unit")).isEqualTo("GB");
    assertThat(aggregate("account_id eq '" + northwind + "-test'").get("month"))
        .isEqualTo("2026-10");
  }

  @Test
  void accounts_and_organizations_are_created_with_their_names() {
    send(file).body("accepted", equalTo(10));

    Api.account(northwind.reader(), northwind + "-prod")
        .then()
        .body("name", equalTo("Production, EU"))
        .body("status", equalTo("ACTIVE"));
    Api.account(northwind.reader(), northwind.id())
        .then()
        .body("name", equalTo("Northwind Traders"));
  }

  @Test
  void a_bound_writer_cannot_write_rows_of_another_organization() {
    send(northwind.writer(), file)
        .statusCode(200)
        .body("accepted", equalTo(9))
        .body("rejected", equalTo(1))
        .body("errors[0].code", equalTo("account_not_in_organization"))
        .body("errors[0].index", equalTo(9))
        .body("errors[0].line", equalTo(13));

    Api.account(contoso.reader(), contoso + "-1").then().statusCode(404);
  }

  @Test
  void an_account_of_another_organization_rejects_the_row() throws SQLException {
    contoso.hasAccounts(northwind + "-prod");

    send(file).body("accepted", equalTo(3)).body("rejected", equalTo(7));

    assertThat(exists(northwind)).isTrue();
    assertThat(
            contoso.walk().stream().map(row -> row.get("account_id")).collect(Collectors.toSet()))
        .isEqualTo(Set.of(contoso + "-1"));
  }

  @Test
  void a_wrong_row_is_rejected_with_the_names_of_its_columns() {
    send(FOCUS_HEADER
            + "%s,,,,sku,,,,yesterday,EUR,,,x,\n".formatted(northwind)
            + row("1")
            + northwind
            + ",,\n"
            + "%s,,,,sku,,,,2026-09-01 00:00:00,EURO,,,x,1\n".formatted(northwind))
        .statusCode(200)
        .body("accepted", equalTo(1))
        .body("errors.line", contains(2, 4, 5))
        .body("errors[0].fields.name", contains("BilledCost"))
        .body("errors[2].fields.name", contains("BillingCurrency", "PricingQuantity"));
  }

  @Test
  void an_account_of_dots_alone_is_rejected() {
    String rows =
        Stream.of(".", "..")
                .map(dots -> focusRow(northwind, dots, "sku", SEPTEMBER, "1"))
                .collect(joining())
            + focusRow("..", "", "sku", SEPTEMBER, "1")
            + row("1");
    send(FOCUS_HEADER + rows)
        .statusCode(200)
        .body("accepted", equalTo(1))
        .body("errors.line", contains(2, 3, 4))
        .body("errors.code", everyItem(equalTo("invalid_record")))
        .body("errors[0].fields.name", contains("SubAccountId"));
  }

  @Test
  void a_header_that_lacks_or_repeats_a_column_fails_the_file() {
    send("SkuId,SkuId,BilledCost\n1,2,3\n")
        .statusCode(400)
        .body("code", equalTo("invalid_body"))
        .body("fields.name", hasItems("SkuId", "BillingAccountId"));
    send("").statusCode(400).body("code", equalTo("invalid_body"));
  }

  @Test
  void a_quote_that_never_closes_fails_the_file_and_names_the_line() {
    send(FOCUS_HEADER + northwind + ",\"open\n\n")
        .statusCode(400)
        .body("code", equalTo("invalid_body"))
        .body("description", containsString("line"));
  }

  @Test
  void a_row_that_is_too_long_is_413() {
    send(FOCUS_HEADER + "\"" + "x".repeat(400_000))
        .statusCode(413)
        .body("code", equalTo("payload_too_large"));
  }

  @Test
  void csv_of_another_profile_or_in_another_charset_is_415() {
    for (String type :
        List.of("text/csv; profile=other", "text/csv; profile=focus; charset=latin1")) {
      Api.post(Tokens.operator(), type, file)
          .then()
          .statusCode(415)
          .body("code", equalTo("unsupported_media_type"));
    }
  }

  private Map<String, Object> aggregate(String filter) {
    List<Map<String, Object>> rows = northwind.walk("filter", filter);
    assertThat(rows).hasSize(1);
    return rows.get(0);
  }

  /** Sends a file as an operator. */
  private static ValidatableResponse send(String body) {
    return send(Tokens.operator(), body);
  }

  private static ValidatableResponse send(String token, String body) {
    return Api.post(token, "text/csv; profile=focus", body).then();
  }

  @Test
  void an_organization_whose_accounts_all_belong_to_another_is_not_created() throws SQLException {
    contoso.account("1");
    String foreign = focusRow(northwind, contoso + "-1", "sku", SEPTEMBER, "1");

    send(FOCUS_HEADER + foreign)
        .body("rejected", equalTo(1))
        .body("errors[0].code", equalTo("account_not_in_organization"));

    assertThat(exists(northwind)).isFalse();
    assertThat(exists(contoso)).isTrue();
  }

  /** The API does not show an organization without accounts. */
  private static boolean exists(Organization organization) throws SQLException {
    String found =
        TestPostgres.one("SELECT count(*) FROM organization WHERE id = ?", organization.id());
    return found.equals("1");
  }

  /** A row without an account of its own. */
  private String row(String cost) {
    return focusRow(northwind, "", "sku", SEPTEMBER, cost);
  }

  @Test
  void the_order_of_columns_does_not_matter_and_every_column_is_in_the_id() {
    String columns =
        "X,BilledCost,PricingQuantity,ListUnitPrice,PricingUnit,BillingCurrency,"
            + "ChargePeriodStart,ChargeDescription,ServiceName,SkuPriceId,SkuId,SubAccountName,"
            + "SubAccountId,BillingAccountName,BillingAccountId\n";
    String reordered = "x,1,,,,EUR,2026-09-01T00:00:00Z,,,,sku,,,,%s\n".formatted(northwind);
    String ordered = "%s,,,,sku,,,,2026-09-01T00:00:00Z,EUR,,,,1,%s\n";
    String header = FOCUS_HEADER.replace("\n", ",X\n");

    send(header + ordered.formatted(northwind, "x")).body("accepted", equalTo(1));
    send(columns + reordered).body("duplicates", equalTo(1));
    send(header + ordered.formatted(northwind, "y")).body("accepted", equalTo(1));
    send(FOCUS_HEADER + ordered.formatted(northwind, "").replace(",\n", "\n"))
        .body("accepted", equalTo(1));
  }

  @Test
  void a_product_is_the_sku_or_else_its_price_or_the_service_or_the_description() {
    String rows =
        Stream.of("1,2,3,4", "NULL,2,3,4", ",,3,4", ",,NULL,4", ",,,")
            .map(cells -> northwind + ",,,," + cells + "," + SEPTEMBER + ",EUR,,,,1\n")
            .collect(joining());
    send(FOCUS_HEADER + rows)
        .body("accepted", equalTo(4))
        .body("errors[0].fields.name", contains("SkuId"));

    assertThat(
            northwind.walk("order_by", "product_id:asc").stream().map(row -> row.get("product_id")))
        .containsExactly("1", "2", "3", "4");
  }

  @Test
  void times_have_a_t_or_a_space_and_are_utc_by_default() {
    for (String time :
        List.of(
            "2026-08-31T23:59:59",
            "2026-08-31 23:59:59",
            "2026-08-31T23:59:59Z",
            "2026-09-01 01:59:59+02:00")) {
      send(FOCUS_HEADER + focusRow(northwind, "", "sku", time, "1")).body("accepted", equalTo(1));
    }

    assertThat(aggregate("product_id eq 'sku'").get("month")).isEqualTo("2026-08");
    assertThat(aggregate("product_id eq 'sku'").get("total_amount")).hasToString("4");
  }

  @Test
  void a_description_is_cut_at_its_limit_and_different_units_are_not_added() {
    String units = "%s,,,,sku,,,%s,2026-09-01T00:00:00Z,EUR,%s,,1,1\n";
    String rows =
        Stream.of("GB-Months", "GB-Hours", "gB", "requests")
            .map(unit -> units.formatted(northwind, "é".repeat(501), unit))
            .collect(joining());
    send(FOCUS_HEADER + rows).body("accepted", equalTo(4));

    List<Map<String, Object>> aggregates = northwind.walk();
    assertThat(aggregates).hasSize(4);
    assertThat(aggregates)
        .allSatisfy(row -> assertThat(row).containsEntry("description", "é".repeat(500)));
    assertThat(aggregates.stream().map(row -> row.get("unit")))
        .containsExactlyInAnyOrder("OTHER", "OTHER", "GB", "REQUESTS");
  }

  @Test
  void a_bound_writer_creates_accounts_only_with_the_scope_for_it() throws SQLException {
    String token = northwind.granted(Scope.USAGE_WRITE);
    String rows = FOCUS_HEADER + focusRow(northwind, northwind + "-a", "sku", SEPTEMBER, "1");

    send(token, rows)
        .statusCode(200)
        .body("accepted", equalTo(0))
        .body("errors[0].line", equalTo(2))
        .body("errors[0].code", equalTo("account_not_in_organization"));
    assertThat(exists(northwind)).isFalse();

    // The id is still free for another organization.
    contoso.hasAccounts(northwind + "-a");
    send(token, rows).body("errors[0].code", equalTo("account_not_in_organization"));
    send(northwind.writer(), rows.replace(northwind + "-a", northwind + "-b"))
        .body("accepted", equalTo(1));
    send(token, rows.replace(northwind + "-a", northwind + "-b")).body("duplicates", equalTo(1));
  }

  @Test
  void an_operator_creates_accounts_without_a_further_scope() {
    String token = Tokens.granting(Scope.USAGE_WRITE + " " + Scope.OPERATOR);

    send(token, FOCUS_HEADER + focusRow(northwind, northwind + "-a", "sku", SEPTEMBER, "1"))
        .body("accepted", equalTo(1));
  }

  @Test
  void a_file_may_have_many_columns_of_its_own_and_no_more_than_1024() {
    String header = FOCUS_HEADER.replace("\n", "");
    String row = "%s,,,,sku,,,,2026-09-01T00:00:00Z,EUR,,,,1".formatted(northwind);
    String names = IntStream.range(14, 1_024).mapToObj(i -> ",x_" + i).collect(joining());

    send(header + names + "\n" + row + ",".repeat(1_010) + "\n")
        .statusCode(200)
        .body("accepted", equalTo(1));
    send(header + names + ",x\n")
        .statusCode(400)
        .body("code", equalTo("invalid_body"))
        .body("description", containsString("1024 columns"));
  }
}
