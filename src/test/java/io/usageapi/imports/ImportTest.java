package io.usageapi.imports;

import static io.usageapi.fixture.Eventually.eventually;
import static io.usageapi.fixture.Organization.anOrganization;
import static io.usageapi.fixture.RatedRecord.FOCUS_HEADER;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static io.usageapi.fixture.RatedRecord.focusRow;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.hasSize;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.response.ValidatableResponse;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Import;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.RatedRecord;
import io.usageapi.fixture.RawRequest;
import io.usageapi.fixture.TestPostgres;
import io.usageapi.fixture.Tokens;
import io.usageapi.security.Scope;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A billing file replaces the one before it. */
@QuarkusTest
class ImportTest {
  private static final String SEPTEMBER = "2026-09-01T00:00:00Z";
  private static final Path FILE = Path.of("examples", "focus-small.csv");
  private final Organization northwind = anOrganization();
  private final Organization contoso = anOrganization();

  /** Operators share their imports, so that each test has an id of its own. */
  private final Import bill = Import.of(Tokens.operator(), "bill " + northwind);

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
  void a_file_is_imported_and_its_sums_are_exact() {
    bill.put(file).adds(10);

    List<Map<String, Object>> rows = northwind.walk();
    assertThat(Api.sum(rows, "total_amount")).isEqualByComparingTo("128.2006825012345678901");
    assertThat(Api.sum(rows, "number_of_units")).isEqualByComparingTo("134.456789012345678901");
    assertThat(Api.sum(contoso.walk(), "total_amount")).isEqualByComparingTo("0.0015");
    bill.get()
        .body("id", equalTo("bill " + northwind))
        .body("rows", equalTo(10))
        .body("sums.organization_id", containsInAnyOrder(northwind.id(), contoso.id()))
        .body("sums.currency", containsInAnyOrder("EUR", "USD"))
        .body("sums.total_amount.sum()", equalTo(new BigDecimal("128.2021825012345678901")));
  }

  @Test
  void a_file_sent_again_changes_nothing_and_its_equal_rows_all_count() {
    bill.put(file).adds(10);
    String before = northwind.page().json().prettify();
    bill.put(file).changes(0, 0, 10);

    assertThat(northwind.page().json().prettify()).isEqualTo(before);
    Map<String, Object> equalRows = aggregate("product_id eq 'QUEUE-REQ' and month eq '2026-09'");
    assertThat(equalRows.get("number_of_units")).hasToString("9");
    assertThat(equalRows.get("total_amount")).hasToString("0.0000036");
    assertThat(equalRows.get("unit")).isEqualTo("REQUESTS");
  }

  @Test
  void a_restated_file_replaces_row_by_row_and_leaves_no_trace_of_what_it_takes_back() {
    bill.put(
            FOCUS_HEADER
                + row("gone", "5")
                + row("stays", "1")
                + row("stays", "1")
                + row("restated", "2.5"))
        .adds(4);
    bill.put(FOCUS_HEADER + row("restated", "2.6") + row("stays", "1") + row("new", "7"))
        .changes(2, 3, 1);

    assertThat(northwind.walk("order_by", "product_id:asc"))
        .extracting(each -> each.get("product_id") + " " + each.get("total_amount"))
        .containsExactly("new 7", "restated 2.6", "stays 1");
    assertThat(northwind.days().count()).isEqualTo(3);
    bill.get().body("rows", equalTo(3)).body("sums.total_amount", contains(new BigDecimal("10.6")));

    bill.put(FOCUS_HEADER + row("stays", "1") + row("stays", "1") + row("stays", "1"))
        .changes(2, 2, 1);
    assertThat(northwind.page().row().get("total_amount")).hasToString("3");
  }

  @Test
  void an_import_that_is_deleted_is_taken_back() {
    northwind.hasSent(aRecord().of("call").amount(3), aRecord().of("sku").amount(3));
    bill.put(FOCUS_HEADER + row("sku", "5")).adds(1);

    bill.delete().changes(0, 1, 0);

    assertThat(northwind.walk())
        .extracting(each -> each.get("total_amount").toString())
        .containsExactly("3", "3");
    bill.isUnknown();
  }

  @Test
  void records_and_other_imports_of_the_same_aggregate_stay_when_a_row_goes() {
    RatedRecord same =
        aRecord()
            .of("sku")
            .with("type", "OTHER")
            .with("unit", "OTHER")
            .with("occurred_at", SEPTEMBER);
    northwind.hasSent(same.units(0).amount(3));
    Import other = Import.of(northwind.writer(), "other");
    bill.put(FOCUS_HEADER + row("sku", "5")).adds(1);
    other.put(FOCUS_HEADER + row("sku", "5")).adds(1);
    assertThat(northwind.page().row().get("total_amount")).hasToString("13");

    bill.put(FOCUS_HEADER).changes(0, 1, 0);
    assertThat(northwind.page().row().get("total_amount")).hasToString("8");
    other.delete().changes(0, 1, 0);
    assertThat(northwind.page().row().get("total_amount")).hasToString("3");
    assertThat(northwind.days().row().get("total_amount")).hasToString("3");
  }

  @Test
  void imports_belong_to_their_sender() {
    Import own = Import.of(northwind.writer(), "bill " + northwind);
    own.put(FOCUS_HEADER + row("own", "1")).adds(1);
    Import foreign = Import.of(contoso.writer(), "bill " + northwind);

    bill.isUnknown();
    foreign.isUnknown();
    bill.put(FOCUS_HEADER + row("own", "1")).adds(1);
    assertThat(northwind.page().row().get("total_amount")).hasToString("2");
    Api.as(northwind.reader()).get(own.path()).then().statusCode(403);
  }

  @Test
  void the_records_behind_an_imported_aggregate_are_its_rows() {
    bill.put(FOCUS_HEADER + row("sku", "5") + row("sku", "5") + row("sku", "-1")).adds(3);

    String id = (String) northwind.page().row().get("id");
    northwind
        .asReader()
        .get(Api.USAGE + "/" + id + "/records")
        .then()
        .statusCode(200)
        .body("_embedded.records", hasSize(3))
        .body("_embedded.records.total_amount*.toString()", containsInAnyOrder("5", "5", "-1"))
        .body("_embedded.records.id.toSet()", hasSize(3));
  }

  @Test
  void a_closed_month_is_not_changed_and_the_import_fails_whole() throws SQLException {
    String june = "2026-06-30T23:59:59Z";
    String both = FOCUS_HEADER + row("sku", "5") + focusRow(northwind, "", "june", june, "1");
    bill.put(both).adds(2);
    String unused =
        TestPostgres.one(
            "UPDATE month_status SET status = 'CLOSED' WHERE organization_id = ?"
                + " AND month = '2026-06-01' RETURNING 1",
            northwind.id());

    bill.put(both + row("new", "7")).changes(1, 0, 2);
    for (String changed :
        List.of(
            both + focusRow(northwind, "", "late", june, "1"),
            FOCUS_HEADER + row("sku", "5"),
            both.replace("june,", "other,"))) {
      bill.send(changed)
          .statusCode(409)
          .body("code", equalTo("month_closed"))
          .body("fields.name", contains("2026-06"));
    }
    Api.as(bill.token())
        .urlEncodingEnabled(false)
        .delete(bill.path())
        .then()
        .statusCode(409)
        .body("code", equalTo("month_closed"));
    bill.get().body("rows", equalTo(3));
    assertThat(northwind.walk()).hasSize(3);
  }

  @Test
  void cells_are_mapped_as_the_contract_says() {
    bill.put(file).adds(10);

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
    bill.put(file).adds(10);

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
        .body("added", equalTo(9))
        .body("rejected", equalTo(1))
        .body("errors[0].code", equalTo("account_not_in_organization"))
        .body("errors[0].index", equalTo(9))
        .body("errors[0].line", equalTo(13));

    Api.account(contoso.reader(), contoso + "-1").then().statusCode(404);
  }

  @Test
  void an_account_of_another_organization_rejects_the_row() throws SQLException {
    contoso.hasAccounts(northwind + "-prod");

    send(file).body("added", equalTo(3)).body("rejected", equalTo(7));

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
        .body("added", equalTo(1))
        .body("errors.line", contains(2, 4, 5))
        .body(
            "errors[0].fields.name",
            containsInAnyOrder("BilledCost", "ChargePeriodStart", "PricingQuantity"))
        .body("errors[2].fields.name", containsInAnyOrder("BillingCurrency", "PricingQuantity"));
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
        .body("added", equalTo(1))
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
  void an_organization_whose_accounts_all_belong_to_another_is_not_created() throws SQLException {
    contoso.account("1");
    String foreign = focusRow(northwind, contoso + "-1", "sku", SEPTEMBER, "1");

    send(FOCUS_HEADER + foreign)
        .body("rejected", equalTo(1))
        .body("errors[0].code", equalTo("account_not_in_organization"));

    assertThat(exists(northwind)).isFalse();
    assertThat(exists(contoso)).isTrue();
  }

  @Test
  void times_have_a_t_or_a_space_and_are_utc_by_default() {
    String rows =
        Stream.of(
                "2026-08-31T23:59:59",
                "2026-08-31 23:59:59",
                "2026-08-31T23:59:59Z",
                "2026-09-01 01:59:59+02:00")
            .map(time -> focusRow(northwind, "", "sku", time, "1"))
            .collect(joining());
    send(FOCUS_HEADER + rows).body("added", equalTo(4));

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
    send(FOCUS_HEADER + rows).body("added", equalTo(4));

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
        .body("added", equalTo(0))
        .body("errors[0].line", equalTo(2))
        .body("errors[0].code", equalTo("account_not_in_organization"));
    assertThat(exists(northwind)).isFalse();

    // The id is still free for another organization.
    contoso.hasAccounts(northwind + "-a");
    send(token, rows).body("errors[0].code", equalTo("account_not_in_organization"));
    send(northwind.writer(), rows.replace(northwind + "-a", northwind + "-b"))
        .body("added", equalTo(1));
    send(token, rows.replace(northwind + "-a", northwind + "-b")).body("unchanged", equalTo(1));
  }

  @Test
  void an_operator_creates_accounts_without_a_further_scope() {
    String token = Tokens.granting(Scope.USAGE_WRITE + " " + Scope.OPERATOR);

    send(token, FOCUS_HEADER + focusRow(northwind, northwind + "-a", "sku", SEPTEMBER, "1"))
        .body("added", equalTo(1));
  }

  @Test
  void a_file_may_have_many_columns_of_its_own_and_no_more_than_1024() {
    String header = FOCUS_HEADER.replace("\n", "");
    String row = "%s,,,,sku,,,,2026-09-01T00:00:00Z,EUR,,,,1".formatted(northwind);
    String names = IntStream.range(14, 1_024).mapToObj(i -> ",x_" + i).collect(joining());

    send(header + names + "\n" + row + ",".repeat(1_010) + "\n")
        .statusCode(200)
        .body("added", equalTo(1));
    send(header + names + ",x\n")
        .statusCode(400)
        .body("code", equalTo("invalid_body"))
        .body("description", containsString("1024 columns"));
  }

  @Test
  void a_product_is_the_sku_or_else_its_price_or_the_service_or_the_description() {
    String rows =
        Stream.of("1,2,3,4", "NULL,2,3,4", ",,3,4", ",,NULL,4", ",,,")
            .map(cells -> northwind + ",,,," + cells + "," + SEPTEMBER + ",EUR,,,,1\n")
            .collect(joining());
    send(FOCUS_HEADER + rows)
        .body("added", equalTo(4))
        .body("errors[0].fields.name", contains("SkuId"));

    assertThat(
            northwind.walk("order_by", "product_id:asc").stream().map(row -> row.get("product_id")))
        .containsExactly("1", "2", "3", "4");
  }

  @Test
  void usage_exported_as_focus_and_imported_for_another_organization_has_the_same_sums() {
    northwind.hasSent(
        aRecord().of("voice").units("1.25").amount("0.05").with("price", "0.04"),
        aRecord().of("voice").with("unit", "SECONDS").units("0.1").amount("1.0000000000000000001"),
        aRecord().of("credit").with("type", "CREDIT_COMMIT").with("unit", "OTHER").amount(-100),
        aRecord().of("sms").in("2026-03").with("currency", "USD").with("description", "=\"a\", b"));
    bill.put(
            FOCUS_HEADER
                + "%s,,,,=sku,,'svc,-d,%s,EUR,GB-Hours,0.5,3,7\n".formatted(northwind, SEPTEMBER))
        .adds(1);
    for (String resource : List.of(Api.USAGE, Api.DAYS)) {
      Organization other = anOrganization();
      String file =
          northwind
              .asReader()
              .accept("text/csv; profile=focus")
              .get(resource)
              .then()
              .statusCode(200)
              .extract()
              .asString();

      Import.of(other.writer(), "copy").put(file.replace(northwind.id(), other.id())).adds(5);

      assertThat(sums(other)).isEqualTo(sums(northwind)).hasSize(5);
    }
  }

  /** What a FOCUS file holds of usage. */
  private static List<String> sums(Organization organization) {
    return organization.walk("include", "unit_word").stream()
        .map(
            row ->
                Stream.of(
                        "product_id",
                        "month",
                        "description",
                        "currency",
                        "unit",
                        "unit_word",
                        "number_of_units",
                        "total_amount")
                    .map(field -> String.valueOf(row.get(field)))
                    .collect(joining("|")))
        .sorted()
        .toList();
  }

  @Test
  void a_file_of_several_organizations_is_refused_whole_for_a_month_of_one() throws SQLException {
    String both = FOCUS_HEADER + row("sku", "5") + focusRow(contoso, "", "sku", SEPTEMBER, "6");
    bill.put(both).adds(2);
    for (Organization closed : List.of(northwind, contoso)) {
      for (String status : List.of("CLOSED", "OPEN")) {
        String unused =
            TestPostgres.one(
                "UPDATE month_status SET status = ? WHERE organization_id = ? RETURNING 1",
                status,
                closed.id());
        if (status.equals("CLOSED")) {
          bill.send(both.replace(",5", ",7").replace(",6", ",8"))
              .statusCode(409)
              .body("code", equalTo("month_closed"));
        }
      }
    }
    assertThat(northwind.page().row().get("total_amount")).hasToString("5");
    assertThat(contoso.page().row().get("total_amount")).hasToString("6");
  }

  @Test
  void a_file_of_which_every_row_is_rejected_takes_nothing_back() {
    bill.send(FOCUS_HEADER + row("sku", "five")).statusCode(200).body("rejected", equalTo(1));
    bill.put(FOCUS_HEADER + row("sku", "5")).adds(1);

    bill.send(FOCUS_HEADER + row("sku", "five"))
        .statusCode(400)
        .body("code", equalTo("invalid_body"))
        .body("description", containsString("line 2"))
        .body("fields.name", contains("BilledCost"));
    bill.get().body("rows", equalTo(1));
  }

  @Test
  void no_record_can_take_the_id_of_a_row() {
    bill.put(FOCUS_HEADER + row("sku", "5")).adds(1);
    String id =
        northwind
            .asReader()
            .get(Api.USAGE + "/" + northwind.page().row().get("id") + "/records")
            .path("_embedded.records[0].id");

    northwind
        .sends(aRecord().id(id.replaceFirst("-1$", "-2")))
        .body("rejected", equalTo(1))
        .body("errors[0].fields.name", contains("id"));
    bill.put(FOCUS_HEADER + row("sku", "5").repeat(2)).changes(1, 0, 1);
  }

  @Test
  void gzip_within_gzip_is_refused() {
    byte[] twice = RawRequest.gzip(RawRequest.gzip(file.getBytes(UTF_8)));
    bill.send("text/csv", twice).statusCode(415).body("description", containsString("gzip"));
    Api.raw(bill.token())
        .contentType("text/csv")
        .header("Content-Encoding", "gzip")
        .urlEncodingEnabled(false)
        .body(twice)
        .put(bill.path())
        .then()
        .statusCode(415);
    bill.send("text/csv", RawRequest.gzip(file.getBytes(UTF_8)))
        .statusCode(200)
        .body("added", equalTo(10));
  }

  @Test
  void rows_that_the_database_lost_are_missed_and_nothing_is_changed() throws Exception {
    bill.put(FOCUS_HEADER + row("stays", "1")).adds(1);
    PipedOutputStream body = new PipedOutputStream();
    PipedInputStream sent = new PipedInputStream(body, 1 << 20);
    CompletableFuture<HttpResponse<String>> answer =
        HttpClient.newHttpClient()
            .sendAsync(
                HttpRequest.newBuilder(
                        URI.create(RestAssured.baseURI + ":" + RestAssured.port + bill.path()))
                    .header("Authorization", "Bearer " + bill.token())
                    .header("Content-Type", "text/csv")
                    .PUT(BodyPublishers.ofInputStream(() -> sent))
                    .build(),
                BodyHandlers.ofString());
    body.write((FOCUS_HEADER + row("new", "1").repeat(8_000)).getBytes(UTF_8));
    eventually(
        "a batch is staged",
        () ->
            TestPostgres.one(
                    "SELECT count(*) FROM staged_row WHERE organization_id = ?", northwind.id())
                .equals("1"));
    // As Postgres empties the table when it starts after a crash.
    String unused =
        TestPostgres.one(
            "DELETE FROM staged_row WHERE organization_id = ? RETURNING 1", northwind.id());
    body.write(row("new", "2").getBytes(UTF_8));
    body.close();

    assertThat(answer.get().statusCode()).isEqualTo(503);
    assertThat(answer.get().body()).contains("Nothing was changed; send it again.");
    bill.get().body("rows", equalTo(1));
  }

  @Test
  void another_media_type_is_415_and_says_what_is_taken() {
    for (String type :
        List.of("application/json", "application/vnd.apache.parquet", "text/plain")) {
      Api.raw(bill.token())
          .contentType(type)
          .body(file.getBytes(UTF_8))
          .put(bill.path())
          .then()
          .statusCode(415)
          .body("code", equalTo("unsupported_media_type"))
          .body("description", containsString("text/csv"));
    }
  }

  @Test
  void an_id_that_is_none_is_400_or_404() {
    Import bad = Import.of(northwind.writer(), "x".repeat(129));
    bad.send(file).statusCode(400).body("fields.name", contains("id"));
    bad.isUnknown();
  }

  @Test
  void two_files_under_one_id_at_once_end_as_one_of_them() throws Exception {
    String first =
        IntStream.range(0, 1_000)
            .mapToObj(i -> row("a" + i, "1"))
            .collect(joining("", FOCUS_HEADER, ""));
    String second =
        IntStream.range(0, 1_000)
            .mapToObj(i -> row("b" + i, "1"))
            .collect(joining("", FOCUS_HEADER, ""));
    for (int round = 0; round < 2; round++) {
      List<Integer> statuses =
          Stream.of(first, second, first, second)
              .parallel()
              .map(each -> bill.send(each).extract().statusCode())
              .toList();
      assertThat(statuses).isSubsetOf(200, 409).contains(200);
      bill.get().body("rows", equalTo(1_000)).body("sums.total_amount", contains(1_000));
      Set<Object> kinds =
          northwind.walk("per_page", 250).stream()
              .map(each -> each.get("product_id").toString().substring(0, 1))
              .collect(Collectors.toSet());
      assertThat(kinds).hasSize(1);
    }
    assertThat(
            TestPostgres.one(
                "SELECT count(*) FROM import_upload WHERE organization_id = ?", northwind.id()))
        .isEqualTo("0");
  }

  private Map<String, Object> aggregate(String filter) {
    List<Map<String, Object>> rows = northwind.walk("filter", filter);
    assertThat(rows).hasSize(1);
    return rows.get(0);
  }

  @CanIgnoreReturnValue
  private ValidatableResponse send(String body) {
    return bill.send(body);
  }

  @CanIgnoreReturnValue
  private ValidatableResponse send(String token, String body) {
    return Import.of(token, "bill").send(body);
  }

  /** The API does not show an organization without accounts. */
  private static boolean exists(Organization organization) throws SQLException {
    String found =
        TestPostgres.one("SELECT count(*) FROM organization WHERE id = ?", organization.id());
    return found.equals("1");
  }

  /** A row without an account of its own. */
  private String row(String cost) {
    return row("sku", cost);
  }

  private String row(String sku, String cost) {
    return focusRow(northwind, "", sku, SEPTEMBER, cost);
  }
}
