package io.usageapi.export;

import static io.usageapi.fixture.Eventually.eventually;
import static io.usageapi.fixture.Organization.anOrganization;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static io.usageapi.fixture.RawRequest.encode;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.equalTo;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.RatedRecord;
import io.usageapi.fixture.RawRequest;
import io.usageapi.fixture.SlowClient;
import io.usageapi.fixture.TestPostgres;
import io.usageapi.fixture.Tokens;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Contract, "Exports". */
@QuarkusTest
class ExportTest {
  private static final String CSV = "text/csv";
  private static final String NDJSON = "application/x-ndjson";
  private static final Set<String> NUMBERS = Set.of("price", "number_of_units", "total_amount");

  /** More than a client's window and the server's buffers hold. */
  private static final int MANY = 60_000;

  private static Organization large;

  private static final List<String> NASTY =
      List.of(
          "=1+1",
          "+1",
          "-1",
          "+49 89 1",
          "+491701234567",
          "-0",
          "+",
          "-",
          "@1",
          "'+1",
          "@a",
          "'a",
          "''",
          "'=",
          "\"",
          "a\"b\"",
          ",",
          "a,b;c",
          " a ",
          "NULL",
          "null",
          "😀é",
          "\\N",
          "#",
          "1.50",
          "a'b");

  private static final List<String> NASTY_DESCRIPTIONS =
      List.of("\ta", "\ra", "\na", "a\r\nb", "\r\n", "a\nb\"c,\"", "\"\r\n\"", "a\t", "\u0001");

  @TestHTTPResource URI server;

  private final Organization acme = anOrganization();

  private void nasty_usage() {
    List<RatedRecord> records = new ArrayList<>();
    for (String text : NASTY) {
      records.add(aRecord().of(text));
      records.add(aRecord().with("aggr_product_id", text));
      records.add(aRecord().with("wallet_name", text));
      records.add(aRecord().with("description", text));
      acme.hasAccounts(text + acme);
      records.add(aRecord().account(text + acme));
    }
    for (String text : NASTY_DESCRIPTIONS) {
      records.add(aRecord().with("description", text));
    }
    int month = 0;
    for (String number :
        List.of(
            "-1.50", "0", "-0.00", "1e3", "123456789012345678901234567890.000000000000000001")) {
      records.add(
          aRecord()
              .in("2025-0" + ++month)
              .with("price", number)
              .with("direction", "INBOUND")
              .with("resolution", "MISSED")
              .units(number)
              .amount(number));
    }
    acme.sends(records);
  }

  @ParameterizedTest
  @ValueSource(strings = {"id:desc", "id:asc", "month:asc", "account_id:desc", "product_id:asc"})
  void the_csv_reads_back_to_the_values_of_the_pages(String order) throws IOException {
    nasty_usage();

    RawRequest.Response csv = get(CSV, "?order_by=" + encode(order)).send(server);

    assertThat(csv.status()).isEqualTo(200);
    assertThat(csv.header("Content-Type").orElseThrow()).startsWith("text/csv");
    assertThat(csv.text())
        .startsWith(
            "id,account_id,product_id,aggr_product_id,month,type,description,currency,direction,"
                + "resolution,unit,price,wallet_name,number_of_units,total_amount\r\n")
        .endsWith("\r\n");
    assertThat(read(csv.text())).isEqualTo(pages(order));
  }

  @Test
  void no_cell_of_the_csv_is_a_formula_and_no_number_nor_telephone_number_is_touched()
      throws IOException {
    nasty_usage();
    String csv = get(CSV, "").send(server).text();
    assertThat(csv).contains(",+491701234567,", ",-0,", ",'+49 89 1,", ",'+,", ",'-,", ",''+1,");

    try (CSVParser parser = CSVParser.parse(csv, header())) {
      for (CSVRecord record : parser) {
        record
            .toMap()
            .forEach(
                (field, cell) -> {
                  if (NUMBERS.contains(field)) {
                    assertThat(cell).matches("(-?[0-9]+(\\.[0-9]*[1-9])?)?");
                  } else {
                    assertThat(cell).doesNotMatch("(?s)[=+@\\t\\r-](?![0-9]+$).*|[=@][0-9]+");
                  }
                });
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"id:desc", "month:asc"})
  void the_lines_of_ndjson_are_the_objects_of_the_pages(String order) throws IOException {
    nasty_usage();
    String query = "?order_by=" + encode(order);

    RawRequest.Response ndjson = get(NDJSON, query).send(server);

    assertThat(ndjson.status()).isEqualTo(200);
    assertThat(ndjson.header("Content-Type").orElseThrow()).startsWith(NDJSON);
    JsonNode page = json(get("application/json", query + "&per_page=250").send(server).text());
    List<String> lines = new ArrayList<>();
    page.at("/_embedded/usage").forEach(aggregate -> lines.add(aggregate.toString()));
    assertThat(lines).hasSizeGreaterThan(50);
    assertThat(ndjson.text()).endsWith("}\n");
    List<String> exported = new ArrayList<>();
    for (String line : ndjson.text().lines().toList()) {
      exported.add(json(line).toString());
    }
    assertThat(exported).isEqualTo(lines);
  }

  /** Whole batches, and what is left over. */
  @ParameterizedTest
  @CsvSource({"499", "500", "501", "1000", "1003"})
  void every_aggregate_is_there_once_however_many_there_are(int count) throws Exception {
    acme.hasAggregates(count);

    List<Map<String, Object>> csv = read(get(CSV, "").send(server).text());

    assertThat(csv).hasSize(count).extracting(row -> row.get("id")).doesNotHaveDuplicates();
    assertThat(csv).isSortedAccordingTo((a, b) -> id(b).compareTo(id(a)));
    String ndjson = get(NDJSON, "").send(server).text();
    assertThat(ndjson.lines()).hasSize(count).noneMatch(String::isBlank);
  }

  @Test
  void without_aggregates_there_is_a_header_and_no_line() {
    assertThat(get(CSV, "").send(server).text()).matches("id,.*,total_amount\r\n");
    assertThat(get(NDJSON, "").send(server).text()).isEmpty();
    assertThat(get(NDJSON, "").send(server).status()).isEqualTo(200);
  }

  @Test
  void the_filter_counts_and_the_403_rule_too() throws IOException {
    acme.sends(aRecord().of("a"), aRecord().of("b"));

    assertThat(read(get(CSV, "?filter=" + encode("product_id eq 'b'")).send(server).text()))
        .extracting(row -> row.get("product_id"))
        .containsExactly("b");
    acme.asReader()
        .accept(CSV)
        .queryParam("filter", "not account_id eq 'nobody'")
        .get(Api.USAGE)
        .then()
        .statusCode(403)
        .contentType("application/json")
        .body("code", equalTo("account_not_in_organization"));
  }

  @ParameterizedTest
  @ValueSource(strings = {CSV, NDJSON})
  void what_is_of_pages_is_a_bad_parameter_and_all_are_named(String type) {
    acme.asReader()
        .accept(type)
        .queryParam("per_page", "10")
        .queryParam("page", "2")
        .queryParam("cursor", "x")
        .queryParam("filter", "nonsense")
        .get(Api.USAGE)
        .then()
        .statusCode(400)
        .contentType("application/json")
        .body("code", equalTo("invalid_parameter"))
        .body("fields.name", containsInAnyOrder("per_page", "page", "cursor", "filter"));
    Api.as(Tokens.granting("other")).accept(type).get(Api.USAGE).then().statusCode(403);
    Api.anonymous().accept(type).get(Api.USAGE).then().statusCode(401);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "text/*|text/csv",
        "text/csv, application/json;q=0.9|text/csv",
        "text/csv;q=0.8, application/json;q=0.9|application/json",
        "application/x-ndjson, text/csv;q=0.9|application/x-ndjson",
        "*/*, text/csv;q=0.1|application/json",
        "application/*|application/json",
        "text/csv;q=0, application/x-ndjson;q=0.2|application/x-ndjson"
      })
  void an_export_is_asked_for_by_name_and_weights_count(String accept, String type) {
    assertThat(get(accept, "").send(server).header("Content-Type").orElseThrow()).startsWith(type);
  }

  @Test
  void it_is_documented() {
    acme.sends(aRecord(), aRecord().of("b"));

    // Held against the document on the way.
    String tag = acme.asReader().accept(CSV).get(Api.USAGE).then().extract().header("ETag");
    acme.asReader().accept(NDJSON).get(Api.USAGE).then().statusCode(200);
    acme.asReader().accept(CSV).header("If-None-Match", tag).get(Api.USAGE).then().statusCode(304);
  }

  @ParameterizedTest
  @ValueSource(strings = {CSV, NDJSON})
  void it_has_a_tag_and_is_not_sent_again_to_who_holds_it(String type) {
    acme.sends(aRecord());
    RawRequest request = get(type, "");
    RawRequest.Response export = request.send(server);
    String tag = export.header("ETag").orElseThrow();

    RawRequest.Response again = request.header("If-None-Match", tag).send(server);

    assertThat(again.status()).isEqualTo(304);
    assertThat(again.body()).isEmpty();
    assertThat(again.header("Vary")).isEqualTo(export.header("Vary")).isPresent();
    assertThat(again.header("X-Request-Id")).isPresent();
    assertThat(get("application/json", "").send(server).header("ETag").orElseThrow())
        .isNotEqualTo(tag);
    acme.sends(aRecord());
    assertThat(request.header("If-None-Match", tag).send(server).status()).isEqualTo(200);
  }

  @Test
  void head_has_the_headers_and_does_not_run_it() throws Exception {
    acme.sends(aRecord());
    String tag = get(CSV, "").send(server).header("ETag").orElseThrow();
    TestPostgres.whileLocked(
        "monthly_usage",
        () -> {
          RawRequest.Response head = get(CSV, "").method("HEAD").send(server);

          assertThat(head.status()).isEqualTo(200);
          assertThat(head.header("ETag")).hasValue(tag);
          assertThat(head.header("Content-Type").orElseThrow()).startsWith(CSV);
          assertThat(head.body()).isEmpty();
        });
  }

  @Test
  void it_is_gzip_when_that_is_accepted() throws Exception {
    acme.hasAggregates(1200);
    for (String type : List.of(CSV, NDJSON)) {
      RawRequest.Response plain = get(type, "").send(server);
      RawRequest.Response packed = get(type, "").header("Accept-Encoding", "gzip").send(server);

      assertThat(packed.header("Content-Encoding")).hasValue("gzip");
      assertThat(packed.header("ETag")).isEqualTo(plain.header("ETag"));
      try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(packed.body()))) {
        assertThat(in.readAllBytes()).isEqualTo(plain.body());
      }
    }
  }

  @Test
  void it_is_one_snapshot_whatever_is_written_meanwhile() throws Exception {
    acme.hasAggregates(MANY);
    try (SlowClient client = new SlowClient(server, Api.USAGE, NDJSON, acme.reader())) {
      acme.sends(aRecord().of("late"));
      try (Connection connection = TestPostgres.connect();
          Statement statement = connection.createStatement()) {
        assertThat(
                statement.executeUpdate(
                    "UPDATE monthly_usage SET product_id = 'late' WHERE organization_id = '"
                        + acme
                        + "'"))
            .isEqualTo(MANY + 1);
      }

      String export = client.restUntil("\r\n0\r\n\r\n");

      assertThat(export.split("\"number_of_units\"", -1)).hasSize(MANY + 1);
      assertThat(export).doesNotContain("late");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {CSV, NDJSON})
  void a_failure_half_way_is_seen_by_the_client(String type) throws Exception {
    Organization large = large();
    try (SlowClient client = new SlowClient(server, Api.USAGE, type, large.reader());
        Connection connection = TestPostgres.connect();
        Statement statement = connection.createStatement()) {
      eventually(
          "its transaction is ended",
          () ->
              statement
                  .executeQuery(
                      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                          + " WHERE state LIKE 'idle in transaction%'")
                  .next());

      assertThat(client.rest()).isNotEmpty().doesNotEndWith("\r\n0\r\n\r\n");
    }
    assertThat(get(type, "").send(server).status()).isEqualTo(200);
  }

  /** Filled once: it takes seconds. */
  private static Organization large() throws SQLException {
    if (large == null) {
      Organization filled = anOrganization();
      filled.hasAggregates(MANY);
      large = filled;
    }
    return large;
  }

  private RawRequest get(String accept, String query) {
    return acme.get(Api.USAGE + query).accept(accept);
  }

  private static CSVFormat header() {
    return CSVFormat.RFC4180.builder().setHeader().setSkipHeaderRecord(true).get();
  }

  /** As a client would read it: an empty cell is no value, and one quote is taken away. */
  private static List<Map<String, Object>> read(String csv) throws IOException {
    List<Map<String, Object>> rows = new ArrayList<>();
    try (CSVParser parser = CSVParser.parse(csv, header())) {
      for (CSVRecord record : parser) {
        Map<String, Object> row = new LinkedHashMap<>();
        record.toMap().forEach((field, cell) -> row.put(field, value(field, cell)));
        rows.add(row);
      }
    }
    return rows;
  }

  private static Object value(String field, String cell) {
    if (cell.isEmpty()) {
      return null;
    }
    return cell.startsWith("'") && !NUMBERS.contains(field) ? cell.substring(1) : cell;
  }

  /** The rows of the pages, their numbers as they are spelled. */
  private List<Map<String, Object>> pages(String order) throws IOException {
    List<Map<String, Object>> rows = new ArrayList<>();
    String target = Api.USAGE + "?per_page=250&order_by=" + encode(order);
    JsonNode page = json(acme.get(target).send(server).text());
    assertThat(page.has("next")).isFalse();
    for (JsonNode aggregate : page.at("/_embedded/usage")) {
      Map<String, Object> row = new LinkedHashMap<>();
      aggregate
          .properties()
          .forEach(
              field ->
                  row.put(
                      field.getKey(),
                      field.getValue().isNull() ? null : field.getValue().asText()));
      rows.add(row);
    }
    assertThat(rows).hasSizeGreaterThan(80);
    return rows;
  }

  private static String id(Map<String, Object> row) {
    return (String) row.get("id");
  }

  private static JsonNode json(String text) throws IOException {
    return new ObjectMapper()
        .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
        .readTree(text);
  }
}
