package io.usageapi.intake;

import static io.usageapi.fixture.Organization.anOrganization;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.RatedRecord;
import io.usageapi.fixture.RawRequest;
import io.usageapi.fixture.Tokens;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The formats of records beside JSON: NDJSON, CSV with the fields' own names, CloudEvents. */
@QuarkusTest
class RecordFormatsTest {
  private static final String NDJSON = "application/x-ndjson";
  private static final String CSV = "text/csv";
  private static final String EVENTS = "application/cloudevents-batch+json";
  private static final String EVENT = "application/cloudevents+json";
  private static final String HEADER =
      "id,account_id,product_id,occurred_at,type,currency,unit,number_of_units,total_amount";

  private final Organization acme = anOrganization();

  @Test
  void each_line_of_ndjson_is_a_record_and_blank_ones_are_none() {
    String lines =
        "\n"
            + line(aRecord())
            + "\r\n  \t\r\n"
            + line(aRecord().id("second"))
            + "\n\n"
            + line(aRecord().units("x"))
            + "\n"
            + line(aRecord());

    send(NDJSON, lines)
        .statusCode(200)
        .body("accepted", equalTo(3))
        .body("rejected", equalTo(1))
        .body("errors[0].index", equalTo(2))
        .body("errors[0].line", equalTo(6))
        .body("errors[0].fields.name", contains("number_of_units"));

    assertThat(Api.sum(rows(), "number_of_units")).isEqualByComparingTo("3");
  }

  @Test
  void an_empty_stream_has_no_records() {
    for (String body : List.of("\n", "\r\n \n")) {
      send(NDJSON, body)
          .statusCode(200)
          .body("accepted", equalTo(0))
          .body("rejected", equalTo(0))
          .body("errors", empty());
    }
  }

  @Test
  void a_line_that_is_not_a_json_object_rejects_itself_alone() {
    List<String> lines =
        List.of(
            "[]",
            "null",
            "{",
            line(aRecord()) + line(aRecord()),
            line(aRecord()) + ",",
            "{\"id\":1e999999999999}",
            "{'id':'a'}",
            "{\"id\":" + "[".repeat(2_000) + "]".repeat(2_000) + "}",
            "\u0000{}",
            line(aRecord()));

    send(NDJSON, String.join("\n", lines))
        .statusCode(200)
        .body("accepted", equalTo(1))
        .body("rejected", equalTo(9))
        .body("errors.line", contains(1, 2, 3, 4, 5, 6, 7, 8, 9))
        .body("errors.code.unique()", contains("invalid_record"));
  }

  @Test
  void a_line_that_is_not_utf_8_rejects_itself_alone() throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.write("{\"id\":\"".getBytes(StandardCharsets.UTF_8));
    body.write(0xFF);
    body.write("\"}\n".getBytes(StandardCharsets.UTF_8));
    // What a parser that guesses would take for UTF-16.
    body.write("{\"id\":1}\n".getBytes(StandardCharsets.UTF_16BE));
    body.write(("\n" + line(aRecord())).getBytes(StandardCharsets.UTF_8));

    Api.post(acme.writer(), NDJSON, body.toByteArray())
        .then()
        .statusCode(200)
        .body("accepted", equalTo(1))
        .body("errors[0].line", equalTo(1));
  }

  @Test
  void a_stream_longer_than_any_buffer_is_read_to_its_last_line() {
    Random random = new Random(17);
    String lines =
        IntStream.range(0, 2_500)
            .mapToObj(
                i ->
                    line(aRecord().id("r" + i).with("description", "d" + i % 7))
                        + " ".repeat(random.nextInt(i % 100 == 0 ? 100_000 : 200)))
            .collect(Collectors.joining("\n"));

    send(NDJSON, lines).statusCode(200).body("accepted", equalTo(2_500));
    send(NDJSON, lines).statusCode(200).body("duplicates", equalTo(2_500));

    assertThat(rows()).hasSize(7);
    assertThat(Api.sum(rows(), "total_amount")).isEqualByComparingTo("2500");
  }

  @Test
  void a_line_over_the_limit_is_413_and_what_was_durable_before_stays() {
    String lines =
        IntStream.range(0, 3_000)
                .mapToObj(i -> line(aRecord().id("r" + i)))
                .collect(Collectors.joining("\n"))
            + "\n"
            + line(aRecord().with("description", "x".repeat(262_144)));

    send(NDJSON, lines)
        .statusCode(413)
        .body("code", equalTo("payload_too_large"))
        .body("description", containsString("line 3001"))
        .body("$", not(hasKey("accepted")));

    int stayed = Api.sum(rows(), "total_amount").intValueExact();
    assertThat(stayed).isLessThanOrEqualTo(3_000);
    send(NDJSON, lines.substring(0, lines.lastIndexOf('\n')))
        .body("accepted", equalTo(3_000 - stayed))
        .body("duplicates", equalTo(stayed));
    assertThat(Api.sum(rows(), "total_amount")).isEqualByComparingTo("3000");
  }

  @Test
  void a_line_at_the_limit_is_taken() {
    String line = line(aRecord());

    send(NDJSON, line + " ".repeat(262_144 - line.length()) + "\n" + line(aRecord()))
        .statusCode(200)
        .body("accepted", equalTo(2));
  }

  @Test
  void a_stream_may_be_gzip_and_one_that_breaks_off_within_it_fails() throws IOException {
    // Ids that do not compress: a ratio above 100 is a bomb.
    byte[] zipped =
        gzip(
            IntStream.range(0, 2_000)
                .mapToObj(i -> line(aRecord()))
                .collect(Collectors.joining("\n")));

    zipped(zipped).statusCode(200).body("accepted", equalTo(2_000));
    zipped(Arrays.copyOf(zipped, zipped.length / 2))
        .statusCode(400)
        .body("code", equalTo("invalid_body"))
        .body("description", containsString("line"));

    assertThat(Api.sum(rows(), "total_amount")).isEqualByComparingTo("2000");
  }

  @Test
  void no_more_than_twenty_fields_of_a_record_are_named() {
    Map<String, Object> fields = new LinkedHashMap<>(aRecord().account(acme.account()).fields());
    IntStream.range(0, 50).forEach(i -> fields.put("x" + i, i));

    send(NDJSON, json(fields)).statusCode(200).body("errors[0].fields", hasSize(20));
  }

  @Test
  void a_record_or_an_event_has_at_most_64_members() {
    String line = line(aRecord().id("wide"));
    // Those that are known are nine; a member given twice is two.
    String most = line.replace("}", ",\"x\":[{}]".repeat(55) + "}");
    String more = line.replace("}", ",\"x\":1".repeat(56) + "}");
    Map<String, Object> data = event("/m", "e1", aRecord());
    IntStream.range(0, 70).forEach(i -> asMap(data.get("data")).put("x" + i, i));
    Map<String, Object> attributes = event("/m", "e2", aRecord());
    IntStream.range(0, 58).forEach(i -> attributes.put("x" + i, i));
    Map<String, Object> tooMany = new LinkedHashMap<>(attributes);
    tooMany.put("x58", "y");

    send(NDJSON, most + "\n" + more + "\n" + line)
        .statusCode(200)
        .body("accepted", equalTo(1))
        .body("errors.id", contains("wide", "wide"))
        .body("errors[0].fields.name", contains("x"))
        .body("errors[1].fields.name", contains("record"))
        .body("errors[1].fields.description", contains("has more than 64 members"));
    send(EVENTS, json(List.of(attributes, tooMany, data)))
        .statusCode(200)
        .body("accepted", equalTo(1))
        .body("errors.index", contains(1, 2))
        .body("errors.id", contains("/m e2", "/m e1"))
        .body("errors.fields.name.flatten()", contains("event", "data"));
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> asMap(Object value) {
    return (Map<String, Object>) value;
  }

  @Test
  void a_header_of_csv_has_at_most_64_columns() {
    send(CSV, HEADER + ",x".repeat(56) + "\n")
        .statusCode(400)
        .body("code", equalTo("invalid_body"))
        .body("fields", empty())
        .body("description", containsString("64 columns"));
  }

  @Test
  void a_body_of_gzip_may_have_several_members_and_nothing_else() throws IOException {
    String lines = line(aRecord()) + "\n" + line(aRecord()) + "\n";
    byte[] members = joined(gzip(lines.substring(0, 99)), gzip(lines.substring(99)), gzip(""));

    zipped(members).statusCode(200).body("accepted", equalTo(2));
    for (String trailing : List.of("\0", "\u001f", "garbage", "\u001f\u008b garbage")) {
      zipped(joined(members, trailing.getBytes(StandardCharsets.ISO_8859_1)))
          .statusCode(400)
          .body("code", equalTo("invalid_body"))
          .body("description", containsString("sending it all again is safe"));
    }

    assertThat(Api.sum(rows(), "total_amount")).isEqualByComparingTo("2");
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  @Test
  void in_every_format_a_record_may_say_whose_account_it_is() {
    RatedRecord right = aRecord().id("/m 1").with("organization_id", acme.id());
    RatedRecord wrong = aRecord().id("/m 2").with("organization_id", acme + "-other");
    String row = ",%s,voice,2026-01-15T12:00:00Z,CALL,EUR,MINUTES,1,1,%s\n";
    String rows =
        HEADER
            + ",organization_id\n/m 1"
            + row.formatted(acme.account(), acme)
            + "/m 2"
            + row.formatted(acme.account(), acme + "-other")
            + "/m 1"
            + row.formatted(acme.account(), "");

    for (String token : List.of(acme.writer(), Tokens.operator())) {
      Api.post(token, NDJSON, line(right) + "\n" + line(wrong))
          .then()
          .statusCode(200)
          .body("rejected", equalTo(1))
          .body("errors[0].line", equalTo(2))
          .body("errors[0].code", equalTo("account_not_in_organization"));
      Api.post(token, EVENTS, json(List.of(event("/m", "1", right), event("/m", "2", wrong))))
          .then()
          .body("duplicates", equalTo(1))
          .body("errors.index", contains(1))
          .body("errors.code", contains("account_not_in_organization"));
      Api.post(token, CSV, rows)
          .then()
          .body("duplicates", equalTo(2))
          .body("errors.index", contains(1))
          .body("errors.code", contains("account_not_in_organization"));
    }

    assertThat(Api.sum(rows(), "total_amount")).isEqualByComparingTo("1");
  }

  @Test
  void each_row_of_csv_is_a_record_by_the_names_of_its_header() {
    String rows =
        "\uFEFFtotal_amount,description,id,account_id,product_id,occurred_at,type,currency,unit,"
            + "number_of_units,direction\r\n"
            + ("1.50,\"said \"\"so\"\",\r\ntwice\",r1,%s,voice,2026-01-15T12:00:00Z,CALL,EUR,MINUTES,3,"
                    + "INBOUND\r\n\r\n")
                .formatted(acme.account())
            + "2.5,,r2,%s,voice,2026-01-15T12:00:00Z,CALL,EUR,MINUTES,-1e0,\r\n"
                .formatted(acme.account())
            + "2.5,,r3,%s,voice,2026-01-15T12:00:00Z,CALL,EUR,MINUTES,ten,\n"
                .formatted(acme.account())
            + "2.5,,r4\n"
            + "1,,r1,%s,voice,2026-01-15T12:00:00Z,CALL,EUR,MINUTES,3,INBOUND"
                .formatted(acme.account());

    send(CSV, rows)
        .statusCode(200)
        .body("accepted", equalTo(2))
        .body("rejected", equalTo(3))
        .body("errors.index", contains(2, 3, 4))
        .body("errors.line", contains(6, 7, 8))
        .body("errors.id", contains("r3", null, "r1"))
        .body("errors.code", contains("invalid_record", "invalid_record", "conflict"));

    assertThat(rows().stream().map(row -> row.get("description")).toList())
        .containsExactlyInAnyOrder("said \"so\",\r\ntwice", null);
    assertThat(Api.sum(rows(), "total_amount")).isEqualByComparingTo("4");
    assertThat(Api.sum(rows(), "number_of_units")).isEqualByComparingTo("2");
  }

  @Test
  void a_header_that_is_wrong_fails_the_whole_and_names_everything() {
    send(CSV, "id,id,account_id,product_id,occurred_at,type,currency,total_amont\na\n")
        .statusCode(400)
        .body("code", equalTo("invalid_body"))
        .body("fields.name", contains("id", "total_amont", "number_of_units", "unit"));
    send(CSV, "\n").statusCode(400).body("code", equalTo("invalid_body"));
  }

  @Test
  void quoting_that_never_closes_fails_the_whole_and_what_was_durable_stays() {
    String rows =
        HEADER
            + "\n"
            + IntStream.range(0, 2_000)
                .mapToObj(
                    i ->
                        "r"
                            + i
                            + ","
                            + acme.account()
                            + ",voice,2026-01-15T12:00:00Z,CALL,EUR,MINUTES,1,1\n")
                .collect(Collectors.joining())
            + "\"open,";

    send(CSV, rows)
        .statusCode(400)
        .body("code", equalTo("invalid_body"))
        .body("description", containsString("line 2002"));
    send(CSV, rows.substring(0, rows.lastIndexOf('"'))).statusCode(200);

    assertThat(Api.sum(rows(), "total_amount")).isEqualByComparingTo("2000");
  }

  @Test
  void a_csv_row_without_end_is_413() {
    send(CSV, HEADER + "\n\"" + "x".repeat(400_000)).statusCode(413);
  }

  @Test
  void csv_of_an_unknown_profile_is_415() {
    send("text/csv; profile=other", HEADER).statusCode(415);
    send("application/x-ndjson; profile=other", "{}").statusCode(415);
  }

  @Test
  void a_billing_file_is_told_where_it_is_put() {
    String where = "PUT it to /express/usage/imports/{id}.";
    send("text/csv; profile=focus", HEADER)
        .statusCode(415)
        .body("description", containsString(where));
    send(CSV, "BillingAccountId,BilledCost" + ",x".repeat(70) + "\n")
        .statusCode(400)
        .body("code", equalTo("invalid_body"))
        .body("description", containsString(where));
  }

  @Test
  void gzip_without_its_header_is_told_so() {
    for (String type : List.of("application/json", NDJSON, CSV, EVENTS)) {
      Api.post(acme.writer(), type, gzip(line(aRecord())))
          .then()
          .statusCode(400)
          .body("code", equalTo("invalid_body"))
          .body("description", containsString("add the header Content-Encoding: gzip"));
    }
  }

  @Test
  void an_event_carries_a_record() {
    Map<String, Object> event = event("/meter/1", "e1", aRecord());
    event.put("datacontenttype", "application/json; charset=utf-8");
    event.put("subject", "anything");
    event.put("traceparent", "00-1");

    send(EVENTS, json(List.of(event))).statusCode(200).body("accepted", equalTo(1));
    send(RatedRecord.aRecord().id("/meter/1 e1")).body("duplicates", equalTo(1));
    send(EVENTS, json(List.of(event, event("/meter/2", "e1", aRecord()))))
        .body("duplicates", equalTo(1))
        .body("accepted", equalTo(1));

    assertThat(Api.sum(rows(), "total_amount")).isEqualByComparingTo("2");
    assertThat(rows()).extracting(row -> row.get("type")).containsOnly("CALL");
  }

  @Test
  void an_event_whose_source_and_id_are_long_makes_an_id_of_their_digest() throws Exception {
    String source = "/meter/" + "x".repeat(60);
    String id = "e".repeat(60);
    String joined = source + " " + id;
    assertThat(joined).hasSize(128);
    byte[] digest =
        MessageDigest.getInstance("SHA-256")
            .digest((joined + "e").getBytes(StandardCharsets.UTF_8));

    send(EVENTS, json(List.of(event(source, id, aRecord()), event(source, id + "e", aRecord()))))
        .body("accepted", equalTo(2));

    send(aRecord().id(joined)).body("duplicates", equalTo(1));
    send(aRecord().id(HexFormat.of().formatHex(digest))).body("duplicates", equalTo(1));
  }

  @Test
  void an_event_that_is_wrong_is_rejected_by_the_names_of_its_attributes() {
    List<Map<String, Object>> events = new ArrayList<>();
    IntStream.range(0, 10).forEach(i -> events.add(event("/m", "e" + i, aRecord())));
    events.get(0).remove("time");
    events.get(1).remove("source");
    events.get(2).put("specversion", "0.3");
    events.get(3).put("data", "text");
    events.get(4).put("data", aRecord().account(acme.account()).fields());
    events.get(5).put("datacontenttype", "text/plain");
    events.get(6).put("time", "yesterday");
    events.get(7).put("source", "/a b");
    events.get(8).remove("type");
    events.add(event("/m", "e10", aRecord()));
    events.get(10).remove("data");
    events.get(10).put("data_base64", "e30=");
    events.set(9, event("/m", "e9", aRecord().with("total_amont", 2)));
    List<Object> body = new ArrayList<>(events);
    body.add("no event");

    send(EVENTS, json(body))
        .statusCode(200)
        .body("accepted", equalTo(0))
        .body("rejected", equalTo(12))
        .body("errors[0].fields.name", contains("time"))
        .body("errors[0].id", equalTo("/m e0"))
        .body("errors[1].fields.name", contains("source"))
        .body("errors[1].id", nullValue())
        .body("errors[2].fields.name", contains("specversion"))
        .body("errors[3].fields.name", contains("data"))
        .body("errors[4].fields.name", contains("data.id", "data.occurred_at"))
        .body("errors[5].fields.name", contains("datacontenttype"))
        .body("errors[6].fields.name", contains("time"))
        .body("errors[7].fields.name", contains("source"))
        .body("errors[8].fields.name", contains("type"))
        .body("errors[9].fields.name", contains("total_amont"))
        .body("errors[10].fields.name", contains("data_base64"))
        .body("errors[11].index", equalTo(11));
    assertThat(rows()).isEmpty();
  }

  @Test
  void an_event_in_binary_mode_is_that_of_structured_mode() {
    Map<String, Object> event = event("/meter/é", "e\"1\"", aRecord());
    String data = json(event.get("data"));
    send(EVENT + "; charset=UTF-8", json(event)).statusCode(200).body("accepted", equalTo(1));

    for (String source : List.of("/meter/%C3%A9", "\"/meter/%c3%A9\"")) {
      binary(source, "e%221%22", "1.0", (String) event.get("time"), data)
          .statusCode(200)
          .body("duplicates", equalTo(1));
    }
    // As another event of the source, whatever is in the data.
    binary("/meter/%C3%A9", "e2", "1.0", (String) event.get("time"), data)
        .body("accepted", equalTo(1));

    assertThat(Api.sum(rows(), "total_amount")).isEqualByComparingTo("2");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/m    | e | 1.0 |                      | {}      | ce-time",
        "/a%20b| e | 1.0 | 2026-01-15T12:00:00Z | {}      | ce-source",
        "/%c3  | e | 1.0 | 2026-01-15T12:00:00Z | {}      | ce-source",
        "/%f   | e | 1.0 | 2026-01-15T12:00:00Z | {}      | ce-source",
        "/m    |   | 1.0 | 2026-01-15T12:00:00Z | {}      | ce-id",
        "/m    | e | 0.3 | 2026-01-15T12:00:00Z | {}      | ce-specversion",
        "/m    | e | 1.0 | yesterday            | {}      | ce-time",
        "/m    | e | 1.0 | 2026-01-15T12:00:00Z | [{}]    | data",
        "/m    | e | 1.0 | 2026-01-15T12:00:00Z | {\"id\":\"1\"} | data.id",
        "/m    | e | 1.0 | 2026-01-15T12:00:00Z | {\"x\":1} | x",
      })
  void an_event_in_binary_mode_that_is_wrong_is_rejected_by_the_names_of_its_headers(
      String source, String id, String version, String time, String data, String field) {
    String fields = line(aRecord()).replaceFirst("\"id\":[^,]*,", "");
    String body =
        data.equals("{}")
            ? fields.replaceFirst("\"occurred_at\":[^,]*,", "")
            : data.equals("{\"x\":1}")
                ? fields.replaceFirst("\"occurred_at\":[^,]*,", "\"x\":1,")
                : data;
    binary(source, id, version, time, body)
        .statusCode(200)
        .body("rejected", equalTo(1))
        .body("errors[0].fields.name", contains(field));
  }

  private ValidatableResponse binary(
      String source, String id, String version, String time, String data) {
    RequestSpecification request =
        Api.raw(acme.writer())
            .contentType("application/json")
            .header("Ce-Source", source)
            .header("ce-type", "com.example.rated")
            .header("CE-SPECVERSION", version)
            .header("ce-subject", "anything");
    if (id != null) {
      request.header("ce-id", id);
    }
    if (time != null) {
      request.header("ce-time", time);
    }
    return request.body(data.getBytes(StandardCharsets.UTF_8)).post(Api.RECORDS).then();
  }

  @ParameterizedTest
  @ValueSource(strings = {"application/ndjson", "application/jsonl", "application/x-jsonlines"})
  void ndjson_has_other_names(String type) {
    send(type, line(aRecord()) + "\n{}\n")
        .body("accepted", equalTo(1))
        .body("errors.line", contains(2));
  }

  @Test
  void a_json_body_may_be_the_array_alone() {
    String json = "application/json";
    send(json, "[" + line(aRecord()) + ",1," + line(aRecord()) + "]")
        .statusCode(200)
        .body("accepted", equalTo(2))
        .body("errors.index", contains(1));
    send(json, "[]").statusCode(200).body("accepted", equalTo(0));
    for (String body : List.of("[" + line(aRecord()), "[" + line(aRecord()) + "]]", "[{]")) {
      send(json, body).statusCode(400).body("code", equalTo("invalid_body"));
    }
    assertThat(Api.sum(rows(), "total_amount")).isEqualByComparingTo("2");
  }

  /** The answer is the same but for its status, and what was accepted stays. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "handling=strict                       | true  | 422",
        "HANDLING = \"strict\"               | true  | 422",
        "respond-async, handling=strict; foo=1 | true  | 422",
        "x=\"a,b\", handling=strict          | true  | 422",
        "handling=strict                       | false | 200",
        "x=\"a, handling=strict\"            | true  | 200",
        "handling=lenient, handling=strict     | true  | 200",
        "handling                              | true  | 200",
      })
  void who_prefers_to_hear_of_a_rejected_record_gets_422(String prefer, boolean wrong, int status) {
    String body = line(aRecord()) + (wrong ? "\n{}" : "");
    Response response =
        Api.raw(acme.writer())
            .header("Prefer", prefer)
            .contentType(NDJSON)
            .body(body.getBytes(StandardCharsets.UTF_8))
            .post(Api.RECORDS);

    response
        .then()
        .statusCode(status)
        .body("accepted", equalTo(1))
        .body("rejected", equalTo(wrong ? 1 : 0))
        .body("errors", hasSize(wrong ? 1 : 0));
    boolean strict = status == 422 || !wrong;
    assertThat(response.header("Preference-Applied")).isEqualTo(strict ? "handling=strict" : null);
    assertThat(Api.sum(rows(), "total_amount")).isEqualByComparingTo("1");
  }

  /** By its JSON type: what the field should be, not what text it should be. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "number_of_units | true | must be a number",
        "price           | {}   | must be a number",
        "total_amount    | []   | must be a number",
        "product_id      | 7    | must be a string",
        "description     | 7    | must be a string",
        "occurred_at     | 7    | must be a time like 2026-08-31T22:30:00Z, with Z or an offset",
        "currency        | 7    | must be three letters A to Z",
        "direction       | true | must be one of [INBOUND, OUTBOUND, OTHER]",
      })
  void a_field_of_another_json_type_is_told_what_it_should_be(
      String field, String value, String description) {
    String line =
        line(aRecord().with(field, "?"))
            .replace("\"" + field + "\":\"?\"", "\"" + field + "\":" + value);

    send(NDJSON, line)
        .statusCode(200)
        .body("errors[0].fields.name", contains(field))
        .body("errors[0].fields.description", contains(description));
  }

  @Test
  void a_batch_of_events_that_is_none_stores_nothing() {
    String good = json(event("/m", "e", aRecord()));

    for (String body : List.of(good, "{}", "[" + good, "[" + good + "]x", "")) {
      Api.post(acme.writer(), EVENTS, body)
          .then()
          .statusCode(400)
          .body("code", equalTo("invalid_body"));
    }
    send(EVENTS, "[" + "{},".repeat(10_000) + "{}]").statusCode(413);
    assertThat(rows()).isEmpty();
  }

  @Test
  void a_record_is_one_whatever_format_it_comes_in() {
    RatedRecord record = aRecord().id("/m 1").with("price", "0.5").with("direction", "INBOUND");
    Map<String, Object> event = event("/m", "1", record);
    String row =
        "id,account_id,product_id,occurred_at,type,currency,unit,number_of_units,total_amount,"
            + "price,direction,resolution\n/m 1,"
            + acme.account()
            + ",voice,2026-01-15T13:00:00+01:00,CALL,EUR,MINUTES,1.00,1e0,.5,INBOUND,\n";

    send(record).body("accepted", equalTo(1));
    send(NDJSON, line(record)).body("duplicates", equalTo(1));
    send(EVENTS, json(List.of(event))).body("duplicates", equalTo(1));
    send(CSV, row.replace(",.5,", ",0.50,")).body("duplicates", equalTo(1));
  }

  private ValidatableResponse send(RatedRecord record) {
    return Api.send(acme.writer(), List.of(record.account(acme.account()))).then();
  }

  private ValidatableResponse send(String type, String body) {
    return Api.post(acme.writer(), type, body).then();
  }

  private ValidatableResponse zipped(byte[] body) {
    return Api.raw(acme.writer())
        .header("Content-Encoding", "gzip")
        .contentType(NDJSON)
        .body(body)
        .post(Api.RECORDS)
        .then();
  }

  private List<Map<String, Object>> rows() {
    return acme.walk();
  }

  private String line(RatedRecord record) {
    return json(record.account(acme.account()).fields());
  }

  private Map<String, Object> event(String source, String id, RatedRecord record) {
    Map<String, Object> data = new LinkedHashMap<>(record.account(acme.account()).fields());
    data.remove("id");
    Map<String, Object> event = new LinkedHashMap<>();
    event.put("data", data);
    event.put("specversion", "1.0");
    event.put("type", "com.example.rated");
    event.put("source", source);
    event.put("id", id);
    event.put("time", data.remove("occurred_at"));
    return event;
  }

  private static String json(Object value) {
    try {
      return new ObjectMapper().writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] gzip(String text) {
    return RawRequest.gzip(text.getBytes(StandardCharsets.UTF_8));
  }
}
