package io.usageapi.operation;

import static io.usageapi.fixture.Eventually.eventually;
import static io.usageapi.fixture.Organization.anOrganization;
import static io.usageapi.fixture.RatedRecord.CSV_HEADER;
import static io.usageapi.fixture.RatedRecord.FOCUS_HEADER;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static io.usageapi.fixture.RatedRecord.focusRow;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import io.restassured.path.json.JsonPath;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Import;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.OwnServer;
import io.usageapi.fixture.RatedRecord;
import io.usageapi.fixture.RawRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Bodies that break off. The server reads one body of records and one file at a time. While it
 * reads one, it refuses another; once it takes another, it is done with the one that broke off.
 */
@Tag("drill")
class BrokenBodyIT {
  @RegisterExtension
  static final OwnServer SERVER =
      OwnServer.with(
          "usage-api.intake.max-concurrent=1",
          "usage-api.intake.batch-size=2",
          "usage-api.imports.max-concurrent=1");

  private static final String CSV = "text/csv";

  private final URI server = SERVER.uri();
  private final Organization acme = anOrganization();
  private final String account = acme.account("a");
  private final Import bill = Import.of(acme.writer(), "bill");

  @ParameterizedTest
  @EnumSource
  void a_json_body_without_its_end_stores_nothing_even_if_the_json_is_complete(
      RawRequest.Framing framing) throws Exception {
    RatedRecord one = aRecord().account(account);
    RawRequest request =
        acme.post("application/json", RatedRecord.body(one, one.id("2"), one.id("3")));

    breakOff(hold(request, framing), this::probe);

    assertThat(sum()).isEqualTo("nothing");
    assertThat(result(request)).isEqualTo("3 accepted, 0 duplicates, 0 rejected");
    assertThat(sum()).isEqualTo("3");
  }

  @ParameterizedTest
  @EnumSource
  void a_stream_that_breaks_off_keeps_what_was_committed_and_counts_no_half_line(
      RawRequest.Framing framing) throws Exception {
    // Enough that the server reads the first lines before the last ones arrive.
    String lines = IntStream.range(0, 400).mapToObj(i -> row(i, "1")).collect(joining());
    String whole = CSV_HEADER + lines + row(400, "12.57");
    // The cut line looks complete: it has all its cells.
    String cut = whole.substring(0, whole.length() - "7\n".length());

    Socket body = hold(acme.post(CSV, cut), framing);
    eventually("the first lines are committed", () -> !sum().equals("nothing"));
    breakOff(body, this::probe);

    int durable = Integer.parseInt(sum());
    assertThat(durable).isBetween(2, 400);
    RawRequest again = acme.post(CSV, whole);
    assertThat(result(again))
        .isEqualTo((401 - durable) + " accepted, " + durable + " duplicates, 0 rejected");
    assertThat(sum()).isEqualTo("412.57");
    assertThat(result(again)).isEqualTo("0 accepted, 401 duplicates, 0 rejected");
  }

  @Test
  void a_last_line_without_its_end_counts_if_the_message_ended_properly() {
    String file = CSV_HEADER + row(1, "12.57");

    RawRequest request = acme.post(CSV, file.substring(0, file.length() - 1));

    assertThat(result(request)).isEqualTo("1 accepted, 0 duplicates, 0 rejected");
    assertThat(sum()).isEqualTo("12.57");
  }

  @Test
  void a_gzip_stream_that_ends_too_early_is_400_and_counts_no_half_line() throws IOException {
    String lines = IntStream.range(0, 300).mapToObj(i -> row(i, "1")).collect(joining());
    Packed packed = Packed.of(CSV_HEADER + lines + row(300, "12.57"));
    RawRequest request = acme.post(CSV, "").header("Content-Encoding", "gzip");

    RawRequest.Response broken = request.body(packed.cut()).send(server);

    assertThat(broken.status()).isEqualTo(400);
    assertThat(JsonPath.from(broken.text()).getString("code")).isEqualTo("invalid_body");
    assertThat(JsonPath.from(broken.text()).getString("description"))
        .containsPattern("line [1-9]")
        .contains("sending it all again is safe");
    int durable = Integer.parseInt(sum());
    assertThat(durable).isBetween(2, 300);
    assertThat(result(request.body(packed.whole())))
        .isEqualTo((301 - durable) + " accepted, " + durable + " duplicates, 0 rejected");
    assertThat(sum()).isEqualTo("312.57");
  }

  @Test
  void a_stream_that_turns_bad_keeps_what_was_committed_and_names_the_line() {
    String good = CSV_HEADER + row(1, "1") + row(2, "2");

    RawRequest.Response bad = acme.post(CSV, good + row(3, "4") + "\"never closed\n").send(server);

    assertThat(bad.status()).isEqualTo(400);
    assertThat(JsonPath.from(bad.text()).getString("description"))
        .containsPattern("line [0-9]+")
        .contains("sending it all again is safe");
    assertThat(sum()).isEqualTo("3");
    assertThat(result(acme.post(CSV, good + row(3, "4"))))
        .isEqualTo("1 accepted, 2 duplicates, 0 rejected");
    assertThat(sum()).isEqualTo("7");
  }

  @ParameterizedTest
  @EnumSource
  void an_import_that_breaks_off_changes_nothing(RawRequest.Framing framing) throws Exception {
    RawRequest before = bill.request(FOCUS_HEADER + charge(0, "1") + charge(1, "2"));
    assertThat(changes(before)).isEqualTo("2 added, 0 removed, 0 unchanged");
    // Enough that the server reads the first rows before the last ones arrive.
    String rows = IntStream.range(1, 400).mapToObj(i -> charge(i, "1")).collect(joining());
    String whole = FOCUS_HEADER + charge(0, "1") + rows + charge(400, "12.57");
    // The cut row looks complete: it has all its cells.
    RawRequest cut = bill.request(whole.substring(0, whole.length() - "7\n".length()));

    Socket body = cut.takePlace(server, framing, () -> probeImports() == 503);
    eventually("the first rows are staged", () -> acme.staged() > 0);
    breakOff(body, this::probeImports);

    assertThat(acme.staged()).isZero();
    assertThat(sum()).isEqualTo("3");
    assertThat(changes(before)).isEqualTo("0 added, 0 removed, 2 unchanged");
    assertThat(changes(bill.request(whole))).isEqualTo("400 added, 1 removed, 1 unchanged");
    assertThat(sum()).isEqualTo("412.57");
  }

  @Test
  void an_import_that_turns_bad_changes_nothing_and_names_the_line() throws Exception {
    RawRequest before = bill.request(FOCUS_HEADER + charge(0, "1"));
    assertThat(changes(before)).isEqualTo("1 added, 0 removed, 0 unchanged");
    String rows = IntStream.range(0, 300).mapToObj(i -> charge(i, "2")).collect(joining());
    Packed packed = Packed.of(FOCUS_HEADER + rows + charge(300, "12.57"));

    for (RawRequest bad :
        List.of(
            bill.request("").body(packed.cut()),
            bill.request(FOCUS_HEADER + rows + "\"never closed\n"))) {
      RawRequest.Response answer = bad.send(server);

      assertThat(answer.status()).as(answer.text()).isEqualTo(400);
      assertThat(JsonPath.from(answer.text()).getString("description"))
          .containsPattern("line [1-9]")
          .contains("Nothing of the file was taken in.");
      assertThat(acme.staged()).isZero();
      assertThat(sum()).isEqualTo("1");
    }
    assertThat(changes(bill.request("").body(packed.whole())))
        .isEqualTo("301 added, 1 removed, 0 unchanged");
  }

  @ParameterizedTest
  @EnumSource
  void a_body_that_breaks_off_creates_no_account(RawRequest.Framing framing) throws Exception {
    String made = acme + "-made";
    RawRequest request =
        RawRequest.of("PUT", Api.ACCOUNTS + "/" + made)
            .token(acme.writer())
            .body("application/json", "{\"organization_id\":\"" + acme + "\"}");

    request.sendWithoutEnd(server, framing).close();

    assertThat(request.send(server).status()).isEqualTo(201);
    assertThat(request.send(server).status()).isEqualTo(200);
  }

  private Socket hold(RawRequest request, RawRequest.Framing framing) throws Exception {
    return request.takePlace(server, framing, () -> probe() == 503);
  }

  private static void breakOff(Socket body, Callable<Integer> probe) throws Exception {
    body.close();
    eventually("the server is done with it", () -> probe.call() == 200);
  }

  private int probe() {
    return acme.post("application/json", "{\"records\":[]}").send(server).status();
  }

  private int probeImports() {
    return Import.of(acme.writer(), "probe").request(FOCUS_HEADER).send(server).status();
  }

  private String row(int id, String amount) {
    return aRecord().account(account).id("" + id).amount(amount).csv();
  }

  private String charge(int second, String cost) {
    String start = "2026-09-01T00:%02d:%02dZ".formatted(second / 60, second % 60);
    return focusRow(acme, account, "sku", start, cost);
  }

  /** A file as gzip, and what is there of it shortly before its end. */
  private static final class Packed {
    private final byte[] whole;
    private final int cut;

    private Packed(byte[] whole, int cut) {
      this.whole = whole;
      this.cut = cut;
    }

    byte[] whole() {
      return whole;
    }

    byte[] cut() {
      return Arrays.copyOf(whole, cut);
    }

    static Packed of(String file) throws IOException {
      ByteArrayOutputStream packed = new ByteArrayOutputStream();
      int cut;
      try (GZIPOutputStream out = new GZIPOutputStream(packed, true)) {
        byte[] plain = file.getBytes(StandardCharsets.UTF_8);
        out.write(plain, 0, plain.length - 2);
        out.flush();
        cut = packed.size();
        out.write(plain, plain.length - 2, 2);
      }
      return new Packed(packed.toByteArray(), cut);
    }
  }

  private String result(RawRequest request) {
    RawRequest.Response response = request.send(server);
    assertThat(response.status()).as(response.text()).isEqualTo(200);
    JsonPath result = JsonPath.from(response.text());
    return "%d accepted, %d duplicates, %d rejected"
        .formatted(
            result.getInt("accepted"), result.getInt("duplicates"), result.getInt("rejected"));
  }

  private String changes(RawRequest request) {
    RawRequest.Response response = request.send(server);
    assertThat(response.status()).as(response.text()).isEqualTo(200);
    JsonPath result = JsonPath.from(response.text());
    return "%d added, %d removed, %d unchanged"
        .formatted(result.getInt("added"), result.getInt("removed"), result.getInt("unchanged"));
  }

  /** The amount of the only aggregate. */
  private String sum() {
    List<Map<String, Object>> rows = acme.walk();
    assertThat(rows).hasSizeLessThan(2);
    return rows.isEmpty() ? "nothing" : rows.get(0).get("total_amount").toString();
  }
}
