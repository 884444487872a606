package io.usageapi.intake;

import static io.usageapi.fixture.Organization.anOrganization;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static io.usageapi.fixture.RawRequest.gzip;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.aMapWithSize;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.emptyOrNullString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.RatedRecord;
import io.usageapi.fixture.TestPostgres;
import io.usageapi.fixture.Tokens;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class RecordsJsonTest {
  private final Organization acme = anOrganization();

  @Test
  void a_record_is_in_its_aggregate_as_soon_as_it_is_answered() {
    acme.sends(aRecord().units("1.50").amount("0.30")).statusCode(200).body("accepted", equalTo(1));

    Map<String, Object> aggregate = onlyAggregate();

    assertThat(aggregate.get("number_of_units")).hasToString("1.5");
    assertThat(aggregate.get("total_amount")).hasToString("0.3");
  }

  @Test
  void a_record_sent_again_is_a_duplicate_and_counts_once() {
    RatedRecord record = aRecord().units("2").amount("1e1");

    acme.sends(record).body("accepted", equalTo(1)).body("duplicates", equalTo(0));
    acme.sends(record.units("2.00").amount(10))
        .body("accepted", equalTo(0))
        .body("duplicates", equalTo(1))
        .body("rejected", equalTo(0))
        .body("errors", empty());

    assertThat(onlyAggregate().get("total_amount")).hasToString("10");
  }

  @Test
  void the_same_identity_with_other_content_is_a_conflict() {
    RatedRecord record = aRecord();
    acme.sends(record).body("accepted", equalTo(1));

    acme.sends(record.amount("1.01"))
        .statusCode(200)
        .body("rejected", equalTo(1))
        .body("errors[0].code", equalTo("conflict"))
        .body("errors[0].index", equalTo(0))
        .body("errors[0].id", equalTo(record.fields().get("id")));

    assertThat(onlyAggregate().get("total_amount")).hasToString("1");
  }

  @Test
  void within_one_body_the_first_is_accepted_and_the_rest_held_against_it() {
    RatedRecord record = aRecord().id("same");

    acme.sends(record, record, record.amount(2), record)
        .body("accepted", equalTo(1))
        .body("duplicates", equalTo(2))
        .body("rejected", equalTo(1))
        .body("errors.index", contains(2));
  }

  @Test
  void an_identity_is_one_over_all_months() {
    RatedRecord record = aRecord().in("2026-01");
    acme.sends(record).body("accepted", equalTo(1));

    acme.sends(record.in("2026-02")).body("errors[0].code", equalTo("conflict"));
  }

  @Test
  void numbers_of_other_spelling_make_the_same_aggregate() {
    acme.sends(
            aRecord().with("price", "1"),
            aRecord().with("price", new BigDecimal("1.00")),
            aRecord().with("price", "1e0"),
            aRecord().with("price", "0.1E1"))
        .body("rejected", equalTo(0));

    Map<String, Object> aggregate = onlyAggregate();

    assertThat(aggregate.get("price")).hasToString("1");
    assertThat(aggregate.get("number_of_units")).hasToString("4");
  }

  @Test
  void an_amount_left_out_is_price_times_units_to_the_last_digit() {
    acme.sends(
            aRecord()
                .with("price", "0.123456789012345678901234567891")
                .units("3.000000000000000000000000000001")
                .amount(null))
        .body("rejected", equalTo(0));

    assertThat(onlyAggregate().get("total_amount"))
        .hasToString(
            new BigDecimal("0.123456789012345678901234567891")
                .multiply(new BigDecimal("3.000000000000000000000000000001"))
                .toPlainString());
  }

  @Test
  void sums_keep_thirty_digits_on_both_sides_of_the_point() {
    String large = "9".repeat(30) + "." + "9".repeat(30);
    acme.sends(aRecord().amount(large), aRecord().amount("0." + "0".repeat(29) + "1"))
        .body("accepted", equalTo(2));

    assertThat(onlyAggregate().get("total_amount")).hasToString("1" + "0".repeat(30));
  }

  @Test
  void a_correction_leaves_the_aggregate_at_zero() {
    acme.sends(aRecord().units(5).amount(7), aRecord().units(-5).amount("-7.0"))
        .body("rejected", equalTo(0));

    assertThat(onlyAggregate().get("total_amount")).hasToString("0");
    assertThat(onlyAggregate().get("number_of_units")).hasToString("0");
  }

  @Test
  void the_month_is_that_of_the_instant_in_utc() {
    acme.sends(aRecord().with("occurred_at", "2024-09-01T00:30:00+02:00"))
        .body("rejected", equalTo(0));

    assertThat(onlyAggregate().get("month")).isEqualTo("2024-08");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "total_amont      | 1",
        "type             | CALLS",
        "type             | 7",
        "unit             | minutes",
        "currency         | eur",
        "currency         | EURO",
        "direction        | IN",
        "occurred_at      | 2026-01-15T12:00:00",
        "occurred_at      | 2026-02-30T12:00:00Z",
        "occurred_at      | 1999-12-31T23:59:59Z",
        "occurred_at      | 2099-01-01T00:00:00Z",
        "number_of_units  | 1e999999999",
        "number_of_units  | 1234567890123456789012345678901",
        "number_of_units  | 0.0000000000000000000000000000001",
        "number_of_units  | 0x10",
        "number_of_units  | NaN",
        "number_of_units  | ''",
        "account_id       | ''",
        "product_id       | 'tab\there'",
        "wallet_name      | 'nul\0'",
        "id               | 'half \ud800'",
      })
  void a_bad_field_rejects_its_record_and_no_other(String field, String value) {
    acme.sends(aRecord(), aRecord().with(field, value), aRecord())
        .statusCode(200)
        .body("accepted", equalTo(2))
        .body("rejected", equalTo(1))
        .body("errors[0].index", equalTo(1))
        .body("errors[0].code", equalTo("invalid_record"))
        .body("errors[0].fields.name", hasItem(field));
  }

  @Test
  void all_that_is_wrong_with_a_record_is_named() {
    acme.sends(aRecord().with("type", "X").with("currency", null).with("price", true))
        .body("errors[0].fields.name", contains("type", "currency", "price"));
  }

  @Test
  void a_missing_amount_needs_a_price() {
    acme.sends(aRecord().amount(null))
        .body("errors[0].fields", hasSize(1))
        .body("errors[0].fields[0].name", equalTo("total_amount"));
  }

  @Test
  void an_account_that_is_not_there_rejects_the_record() {
    acme.sends(aRecord().account("no-such-account"), aRecord())
        .body("accepted", equalTo(1))
        .body("errors[0].code", equalTo("account_not_in_organization"));
  }

  @Test
  void to_a_bound_writer_a_foreign_account_and_an_unknown_one_are_alike() {
    Organization other = anOrganization();

    ValidatableResponse response =
        Api.send(
                acme.writer(),
                List.of(
                    aRecord().account(other.id()).id("1"),
                    aRecord().account("no-such-account").id("2"),
                    aRecord().account(acme.account()).id("3")))
            .then();

    response.body("accepted", equalTo(1)).body("rejected", equalTo(2));
    List<Map<String, Object>> errors = response.extract().path("errors");
    assertThat(errors.get(0).get("code")).isEqualTo(errors.get(1).get("code"));
    assertThat(errors.get(0).get("message")).isEqualTo(errors.get(1).get("message"));
    assertThat(other.walk()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "7",
        "[",
        "{",
        "{\"record\":[]}",
        "{\"records\":{}}",
        "{\"records\":[]",
        "{\"records\":[]} x",
        "{\"records\":[{\"id\":}]}",
        "{\"records\":[],\"more\":1}"
      })
  void a_body_that_is_not_records_fails_as_a_whole(String body) {
    post(body.getBytes(StandardCharsets.UTF_8))
        .statusCode(400)
        .body("code", equalTo("invalid_body"))
        .body("$", aMapWithSize(4));
  }

  @Test
  void a_body_that_does_not_parse_stores_nothing() {
    String valid = aRecord().account(acme.account()).json();
    post(("{\"records\":[" + valid + "]}").getBytes(StandardCharsets.UTF_8))
        .body("accepted", equalTo(1));
    assertThat(onlyAggregate().get("total_amount")).hasToString("1");
    String more = aRecord().account(acme.account()).json();

    for (String end : List.of(",", ",]}", "]", "]}x", "],\"more\":1}")) {
      post(("{\"records\":[" + more + end).getBytes(StandardCharsets.UTF_8)).statusCode(400);
    }

    assertThat(onlyAggregate().get("total_amount")).hasToString("1");
  }

  @Test
  void records_that_are_no_objects_or_say_a_field_twice_are_rejected() {
    post("{\"records\":[1,null,[],{\"id\":\"a\",\"id\":\"b\"}]}".getBytes(StandardCharsets.UTF_8))
        .statusCode(200)
        .body("rejected", equalTo(4))
        .body("errors[3].fields.name", hasItem("id"));
  }

  @Test
  void more_than_ten_thousand_records_are_413() {
    List<RatedRecord> records =
        IntStream.range(0, 10_001).mapToObj(i -> aRecord().account(acme.account())).toList();

    Api.send(Tokens.operator(), records)
        .then()
        .statusCode(413)
        .body("code", equalTo("payload_too_large"));
    assertThat(acme.walk()).isEmpty();
    acme.sends(records.subList(0, 10_000)).body("accepted", equalTo(10_000));
  }

  @Test
  void errors_are_capped_and_counts_are_not() {
    List<RatedRecord> records =
        IntStream.range(0, 2_500).mapToObj(i -> aRecord().account("no-such-account")).toList();

    acme.sends(records).body("rejected", equalTo(2_500)).body("errors", hasSize(100));
  }

  @Test
  void a_gzip_body_is_taken_and_a_bomb_is_not() throws IOException {
    post(gzip("{\"records\":[]}".getBytes(StandardCharsets.UTF_8)), "gzip").statusCode(200);
    post(gzip(new byte[12_000_000]), "gzip").statusCode(413);
    post(gzip(new byte[100_000]), "gzip").statusCode(413);
    post("{\"records\":[]}".getBytes(StandardCharsets.UTF_8), "br").statusCode(415);
    post("no gzip".getBytes(StandardCharsets.UTF_8), "gzip")
        .statusCode(400)
        .body("code", equalTo("invalid_body"));
  }

  @Test
  void a_body_of_gzip_with_more_than_gzip_stores_nothing() throws IOException {
    byte[] body =
        gzip(("{\"records\":[" + aRecord().account(acme.account()).json() + "]}").getBytes(UTF_8));
    byte[] trailing = Arrays.copyOf(body, body.length + 1);
    byte[] broken = body.clone();
    broken[body.length - 1]++;

    for (byte[] bad : List.of(trailing, broken, Arrays.copyOf(body, body.length - 1))) {
      post(bad, "gzip").statusCode(400).body("code", equalTo("invalid_body"));
    }

    assertThat(acme.walk()).isEmpty();
    post(body, "gzip").statusCode(200).body("accepted", equalTo(1));
  }

  @Test
  void a_record_of_more_than_64_members_rejects_itself_and_all_it_has_is_passed_over() {
    Map<String, Object> fields = new LinkedHashMap<>(aRecord().id("wide").fields());
    IntStream.range(0, 1_000).forEach(i -> fields.put("x" + i, "y".repeat(1_000)));

    acme.sends(new RatedRecord(fields), aRecord())
        .statusCode(200)
        .body("accepted", equalTo(1))
        .body("errors[0].id", equalTo("wide"))
        .body("errors[0].code", equalTo("invalid_record"))
        .body("errors[0].fields.description", contains("has more than 64 members"));
  }

  @Test
  void a_long_text_or_number_rejects_its_record_and_one_that_does_not_end_the_body() {
    String record = aRecord().account(acme.account()).with("total_amount", null).json();
    String amount = record.replace("}", ",\"total_amount\":");
    String good = aRecord().account(acme.account()).json();
    List<String> bad =
        List.of(
            amount + "9".repeat(200_000) + "}",
            amount + "\"" + "9".repeat(200_000) + "\"}",
            amount + "1e" + "9".repeat(1_000) + "}",
            amount + "{\"a\":".repeat(900) + "1" + "}".repeat(901),
            record.replace("}", ",\"" + "n".repeat(40_000) + "\":1}"));
    List<String> endless =
        List.of(
            amount + "9".repeat(300_000) + "}",
            amount + "\"" + "9".repeat(300_000) + "\"}",
            amount + "[".repeat(1_001) + "]".repeat(1_001) + "}",
            record.replace("}", ",\"" + "n".repeat(60_000) + "\":1}"));

    String body = "{\"records\":[" + String.join(",", bad) + "," + good + "]}";
    post(body.getBytes(UTF_8))
        .statusCode(200)
        .body("accepted", equalTo(1))
        .body("rejected", equalTo(bad.size()))
        .body("errors.code.unique()", contains("invalid_record"));
    for (String without : endless) {
      post(("{\"records\":[" + good + "," + without + "]}").getBytes(UTF_8))
          .statusCode(413)
          .body("code", equalTo("payload_too_large"));
    }
  }

  @Test
  void errors_past_those_that_are_named_are_counted() {
    RatedRecord[] bad =
        IntStream.range(0, 300)
            .mapToObj(i -> aRecord().with("type", "NO"))
            .toArray(RatedRecord[]::new);

    acme.sends(bad)
        .body("rejected", equalTo(300))
        .body("errors", hasSize(100))
        .body("errors.fields.name.flatten().size()", equalTo(100));
  }

  @Test
  void a_record_that_says_whose_account_it_is_is_the_same_record() {
    RatedRecord record = aRecord();
    acme.sends(record).body("accepted", equalTo(1));

    acme.sends(record.with("organization_id", acme.id())).body("duplicates", equalTo(1));
    acme.sends(record.with("organization_id", "")).body("duplicates", equalTo(1));
    acme.sends(record.with("organization_id", 1)).body("errors[0].code", equalTo("invalid_record"));
    acme.sends(record.with("organization_id", acme + "x"))
        .statusCode(200)
        .body("errors[0].code", equalTo("account_not_in_organization"))
        .body("errors[0].id", equalTo(record.fields().get("id")));
  }

  @Test
  void to_a_bound_writer_an_organization_that_is_not_there_is_as_another_that_is() {
    Organization other = anOrganization();
    other.account("a");
    RatedRecord record = aRecord();
    List<String> answers = new ArrayList<>();
    for (String claimed : List.of(other.id(), acme + "-none")) {
      for (String of : List.of(acme.account(), other + "-a", "nobody's")) {
        answers.add(
            Api.send(acme.writer(), List.of(record.account(of).with("organization_id", claimed)))
                .then()
                .statusCode(200)
                .extract()
                .asString());
      }
    }

    assertThat(answers).allMatch(answers.get(0)::equals);
    assertThat(answers.get(0)).contains("account_not_in_organization");
  }

  @Test
  void many_senders_of_the_same_records_count_each_once() throws Exception {
    List<RatedRecord> records =
        IntStream.range(0, 600)
            .mapToObj(i -> aRecord().account(acme.account()).of("p" + i % 50))
            .toList();
    ExecutorService senders = Executors.newFixedThreadPool(6);
    List<Callable<ValidatableResponse>> sends = new ArrayList<>();
    for (int sender = 0; sender < 12; sender++) {
      List<RatedRecord> part = new ArrayList<>(records.subList(sender * 20, sender * 20 + 350));
      Collections.shuffle(part, new Random(sender));
      sends.add(() -> acme.sends(part).body("rejected", equalTo(0)));
    }

    long accepted = 0;
    for (Future<ValidatableResponse> sent : senders.invokeAll(sends)) {
      accepted += sent.get().extract().jsonPath().getLong("accepted");
    }
    senders.shutdown();

    assertThat(accepted).isEqualTo(570);
    assertThat(Api.sum(acme.walk(), "total_amount")).isEqualByComparingTo("570");
    assertThat(aggregatesThatDifferFromTheirRecords()).isZero();
  }

  private int aggregatesThatDifferFromTheirRecords() throws SQLException {
    return Integer.parseInt(
        TestPostgres.one(
            """
            SELECT count(*) FROM monthly_usage m FULL JOIN
              (SELECT organization_id, aggregate_id, sum(number_of_units) units,
                      sum(total_amount) amount FROM usage_record GROUP BY 1, 2) r
              ON r.organization_id = m.organization_id AND r.aggregate_id = m.id
            WHERE coalesce(m.organization_id, r.organization_id) = ?
              AND (m.number_of_units IS DISTINCT FROM r.units
                   OR m.total_amount IS DISTINCT FROM r.amount)
            """,
            acme.id()));
  }

  private Map<String, Object> onlyAggregate() {
    List<Map<String, Object>> all = acme.walk();
    assertThat(all).hasSize(1);
    return all.get(0);
  }

  private static ValidatableResponse post(byte[] body) {
    return Api.post(Tokens.operator(), "application/json", body).then();
  }

  private static ValidatableResponse post(byte[] body, String coding) {
    return Api.as(Tokens.operator())
        .header("Content-Encoding", coding)
        .contentType("application/json")
        .body(body)
        .post(Api.RECORDS)
        .then();
  }

  @Test
  void an_empty_text_or_a_null_is_no_value() {
    acme.sends(
            aRecord().with("aggr_product_id", "").with("wallet_name", "").with("description", ""))
        .body("accepted", equalTo(1));

    assertThat(onlyAggregate().get("aggr_product_id")).isNull();
    assertThat(onlyAggregate().get("wallet_name")).isNull();
    assertThat(onlyAggregate().get("description")).isNull();
  }

  @Test
  void two_nulls_in_an_aggregate_are_equal_and_every_field_tells_aggregates_apart() {
    acme.sends(aRecord(), aRecord()).body("accepted", equalTo(2));
    assertThat(onlyAggregate().get("number_of_units")).hasToString("2");

    acme.sends(
            aRecord().with("aggr_product_id", "x"),
            aRecord().with("description", "x"),
            aRecord().with("direction", "OTHER"),
            aRecord().with("resolution", "OTHER"),
            aRecord().with("price", 0),
            aRecord().with("wallet_name", "x"))
        .body("accepted", equalTo(6));
    assertThat(acme.walk()).hasSize(7);
  }

  @Test
  void times_are_compared_by_instant_and_cut_to_microseconds() {
    RatedRecord record = aRecord().with("occurred_at", "2026-01-15T12:00:00.1234567Z");
    acme.sends(record).body("accepted", equalTo(1));

    acme.sends(record.with("occurred_at", "2026-01-15T13:00:00.123456+01:00"))
        .body("duplicates", equalTo(1));
    acme.sends(record.with("occurred_at", "2026-01-15T12:00:00.123457Z"))
        .body("errors[0].code", equalTo("conflict"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"id", "account_id", "product_id", "aggr_product_id", "wallet_name", "description"})
  void a_text_beyond_its_characters_or_its_bytes_rejects_its_record(String field) {
    boolean described = field.equals("description");
    int characters = described ? 500 : 128;
    int bytes = described ? 1000 : 256;
    for (String tooLong : List.of("x".repeat(characters + 1), "é".repeat(bytes / 2) + "x")) {
      acme.sends(aRecord().with(field, tooLong))
          .statusCode(200)
          .body("rejected", equalTo(1))
          .body("errors[0].fields.name", contains(field));
    }
    // A control character is in a description alone, and U+0000 in nothing.
    acme.sends(aRecord().with(field, "a\u0085b")).body("rejected", equalTo(described ? 0 : 1));
    acme.sends(aRecord().with(field, "a\0b")).body("rejected", equalTo(1));
  }

  @Test
  void the_range_of_times_ends_where_the_settings_say() {
    Instant ahead = Instant.now().plus(31, ChronoUnit.DAYS);

    acme.sends(
            aRecord().with("occurred_at", "2000-01-01T00:00:00Z"),
            aRecord().with("occurred_at", "2000-01-01T01:00:00+01:00"),
            aRecord().with("occurred_at", ahead.minusSeconds(60).toString()))
        .body("accepted", equalTo(3));
    acme.sends(
            aRecord().with("occurred_at", "1999-12-31T23:59:59.999999Z"),
            aRecord().with("occurred_at", "2000-01-01T00:59:59.999999+01:00"),
            aRecord().with("occurred_at", ahead.plusSeconds(60).toString()))
        .body("rejected", equalTo(3))
        .body("errors.fields.name.flatten().unique()", contains("occurred_at"));
  }

  @Test
  void every_value_of_every_enumeration_is_taken_and_read_back() {
    List<RatedRecord> records = new ArrayList<>();
    for (String type :
        List.of(
            "AMD",
            "API_REQUEST",
            "CALL",
            "CALL_SERVICE",
            "CREDIT_COMMIT",
            "DIALER",
            "MESSAGE",
            "NUMBER",
            "PRODUCT_SERVICE",
            "RECHARGE",
            "SPEECH_TRANSCRIPTION",
            "VOICEMAIL_TRANSCRIPTION",
            "OTHER")) {
      records.add(aRecord().with("type", type));
    }
    for (String direction : List.of("INBOUND", "OUTBOUND", "OTHER")) {
      records.add(aRecord().with("direction", direction));
    }
    for (String resolution :
        List.of("ABANDONED", "ANSWERED", "MACHINE", "MISSED", "VOICEMAIL", "OTHER")) {
      records.add(aRecord().with("resolution", resolution));
    }
    for (String unit :
        List.of(
            "CHARS",
            "CONVERSATIONS",
            "GB",
            "MINUTES",
            "NUMBERS",
            "PAGES",
            "REQUESTS",
            "SECONDS",
            "SEGMENTS",
            "SESSIONS",
            "OTHER")) {
      records.add(aRecord().with("unit", unit));
    }

    acme.sends(records.toArray(RatedRecord[]::new)).body("accepted", equalTo(33));

    // The plain record is among the types and among the units.
    assertThat(acme.walk()).hasSize(32);
  }

  @Test
  void numbers_are_written_in_plain_notation_without_superfluous_zeros() {
    acme.sends(aRecord().with("price", "1E+2").units("1.50").amount("-0.0"))
        .body("rejected", equalTo(0));

    String page = acme.asReader().get(Api.USAGE).asString();

    assertThat(page).contains("\"price\":100,", "\"number_of_units\":1.5,", "\"total_amount\":0}");
  }

  @Test
  void all_rejected_is_still_200_and_names_the_place_and_the_id() {
    acme.sends(aRecord().id("mine").with("type", "NO"))
        .statusCode(200)
        .body("accepted", equalTo(0))
        .body("errors[0].index", equalTo(0))
        .body("errors[0].id", equalTo("mine"))
        .body("errors[0].message", not(emptyOrNullString()))
        .body("errors[0].fields[0].description", containsString("API_REQUEST"));
  }
}
