package io.usageapi.attack;

import static io.usageapi.fixture.Eventually.eventually;
import static io.usageapi.fixture.RatedRecord.FOCUS_HEADER;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static io.usageapi.fixture.RatedRecord.focusRow;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.restassured.path.json.JsonPath;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Import;
import io.usageapi.fixture.RawRequest;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Bodies that nobody sane would send, and clients that hang up. */
@Tag("attack")
class BodiesAttackIT {
  private static final int PLACES = 8;
  private static final int SHARE = 4;
  private static final int ACCOUNTS_SHARE = 32;
  private static final int IMPORTS_SHARE = 2;
  private static final int MAX_ROWS = 30_000;
  private static final int TIMEOUT_MILLIS = 60_000;

  @RegisterExtension
  static final Siege SIEGE =
      Siege.with("usage-api.body-timeout=4s", "usage-api.imports.max-rows=" + MAX_ROWS);

  private static final String JSON = "application/json";
  private static final String EVENTS = "application/cloudevents-batch+json";
  private static final String LINES = "application/x-ndjson";
  private static final String CSV = "text/csv";
  private static final String FOCUS = "text/csv; profile=focus";

  /** Of an account that is not there: what is taken in of them is nothing. */
  private static final String RECORD = aRecord().account("nobody's").json();

  private static final String EVENT =
      "{\"specversion\":\"1.0\",\"type\":\"t\",\"source\":\"s\",\"id\":\"1\",\"time\":"
          + "\"2026-01-01T00:00:00Z\",\"data\":{\"account_id\":\"nobody's\"}}";

  private final Tenant attacker = SIEGE.attacker();

  @Test
  void clients_that_hang_up_while_their_bodies_are_parsed_keep_no_place_and_no_row()
      throws Exception {
    Map<String, String> bodies =
        Map.of(
            JSON, "{\"records\":[" + RECORD + ("," + RECORD).repeat(9_000) + "]}",
            EVENTS, "[" + EVENT + ("," + EVENT).repeat(9_000) + "]",
            LINES, (RECORD + "\n").repeat(8_000),
            CSV, csv(20_000),
            FOCUS, file(20_000));
    for (int round = 0; round < 8 * Siege.ROUNDS; round++) {
      for (Map.Entry<String, String> body : bodies.entrySet()) {
        RawRequest request = send(body.getKey(), body.getValue());
        List<Socket> clients = new ArrayList<>();
        for (int i = 0; i < SHARE; i++) {
          clients.add(request.sendWithoutEnd(SIEGE.server(), framing(i)));
          SIEGE.tried();
        }
        hangUp(clients);
        for (int i = 0; i < PLACES; i++) {
          whole(body.getKey(), body.getValue()).close();
          SIEGE.tried();
        }
      }
      for (int i = 0; i < SHARE; i++) {
        reset(put("{\"organization_id\":").sendWithoutEnd(SIEGE.server(), framing(i)));
        SIEGE.tried();
      }
    }

    allPlacesAreFree();
  }

  @Test
  void malformed_chunks_keep_no_place_and_no_row() throws Exception {
    Map<String, String> bodies =
        Map.of(
            JSON, "{\"records\":[" + RECORD,
            EVENTS, "[" + EVENT,
            LINES, RECORD + "\n" + RECORD,
            CSV, csv(1),
            FOCUS, FOCUS_HEADER);
    for (int round = 0; round < 60 * Siege.ROUNDS; round++) {
      for (Map.Entry<String, String> body : bodies.entrySet()) {
        malformed(send(body.getKey(), ""), body.getValue());
      }
      malformed(put(""), "{\"organization_id\":");
    }

    allPlacesAreFree();
  }

  /** A number of a chunk that is none, with what comes before and at once. */
  private static void malformed(RawRequest request, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    try (Socket socket = head(request.header("Transfer-Encoding", "chunked"))) {
      OutputStream out = socket.getOutputStream();
      out.write((Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
      out.write(bytes);
      out.write("\r\nno number\r\n".getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      // The server closed it first.
    }
    SIEGE.tried();
  }

  @Test
  void clients_that_send_headers_only_hold_up_nobody() throws Exception {
    List<Socket> clients = new ArrayList<>();
    try {
      for (int i = 0; i < 300; i++) {
        RawRequest request =
            switch (i % 3) {
              case 0 -> post(LINES, "");
              case 1 -> put("");
              default -> attacker.put("bill", "");
            };
        clients.add(
            head(
                (i % 4 < 2 ? request : request.header("Content-Encoding", "gzip"))
                    .header("Content-Length", "1000")));
        SIEGE.tried();
      }
      SIEGE.recovers(SIEGE.attacker());
      // Whoever had a place is told that it took too long.
      eventually("all are answered", () -> clients.stream().allMatch(BodiesAttackIT::isAnswered));
    } finally {
      hangUp(clients);
    }
    allPlacesAreFree();
  }

  @Test
  void streams_that_send_headers_only_hold_up_nobody() throws Exception {
    List<Http2Connection> connections = new ArrayList<>();
    try {
      for (int i = 0; i < 3; i++) {
        Http2Connection connection = Http2Connection.open(SIEGE.server());
        connections.add(connection);
        for (int stream = 0; stream < 100; stream++) {
          int unused = request(connection, stream % 2 == 0 ? "POST" : "PUT", stream % 4 < 2);
          SIEGE.tried();
        }
      }
      SIEGE.recovers(SIEGE.attacker());
    } finally {
      for (Http2Connection connection : connections) {
        connection.close();
      }
    }
    allPlacesAreFree();
  }

  @Test
  void streams_that_are_reset_keep_no_place_and_no_row() throws Exception {
    try (Http2Connection connection = Http2Connection.open(SIEGE.server())) {
      for (int i = 0; i < 100 * Siege.ROUNDS; i++) {
        int stream = request(connection, i % 3 == 0 ? "PUT" : "POST", false);
        connection.data(stream, RECORD.getBytes(StandardCharsets.UTF_8), false);
        connection.reset(stream);
        SIEGE.tried();
      }
    }
    allPlacesAreFree();
  }

  @Test
  void a_tenant_that_dribbles_has_its_share_of_the_places_and_not_for_long() throws Exception {
    dribble(i -> post(LINES, " "), SHARE);
    dribble(i -> attacker.put("bill-" + i, file(1)), IMPORTS_SHARE);
    noRowIsLeft();
  }

  private static void dribble(IntFunction<RawRequest> requests, int share) throws Exception {
    List<Socket> clients = new ArrayList<>();
    try {
      for (int i = 0; i < 2 * share; i++) {
        clients.add(requests.apply(i).sendWithoutEnd(SIEGE.server(), RawRequest.Framing.CHUNKED));
        SIEGE.tried();
      }
      eventually(
          "those past its share are refused, the others end",
          () -> {
            for (Socket client : clients) {
              if (!isAnswered(client)) {
                client.getOutputStream().write(chunk(" ".repeat(60)));
              }
            }
            return clients.stream().allMatch(BodiesAttackIT::isAnswered);
          });
      List<Integer> statuses = new ArrayList<>();
      for (Socket client : clients) {
        statuses.add(status(client));
      }
      assertThat(statuses).containsOnly(408, 429);
      assertThat(statuses.stream().filter(status -> status == 408)).hasSize(share);
    } finally {
      hangUp(clients);
    }
  }

  @Test
  void who_sends_too_slowly_is_told_so_by_either_version_of_http() throws Exception {
    List<Socket> clients = new ArrayList<>();
    for (RawRequest.Framing framing : RawRequest.Framing.values()) {
      clients.add(post(JSON, "{").sendWithoutEnd(SIEGE.server(), framing));
      clients.add(put("{").sendWithoutEnd(SIEGE.server(), framing));
    }
    clients.add(
        attacker.put("bill", file(1)).sendWithoutEnd(SIEGE.server(), RawRequest.Framing.CHUNKED));
    for (Socket client : clients) {
      client.setSoTimeout(TIMEOUT_MILLIS);
      String answer = new String(client.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
      assertThat(answer).isEqualTo("HTTP/1.1 408");
      SIEGE.tried();
      String rest = rest(client);
      assertThat(rest).containsIgnoringCase("connection: close");
      assertThat(rest).contains("\"code\":\"request_timeout\"");
    }
    hangUp(clients);
    try (Http2Connection connection = Http2Connection.open(SIEGE.server())) {
      for (String method : List.of("POST", "PUT")) {
        int stream = request(connection, method, false);
        connection.data(stream, "{".getBytes(StandardCharsets.UTF_8), false);
        Http2Connection.Answer answer = connection.answer(stream);
        SIEGE.tried();
        assertThat(answer.status()).isEqualTo(408);
        assertThat(JsonPath.from(answer.body()).getString("code")).isEqualTo("request_timeout");
      }
    }
  }

  @Test
  void an_answer_reaches_a_client_that_sends_all_before_it_reads() throws Exception {
    String large = "{\"records\":[" + " ".repeat(20 << 20) + "]}";

    RawRequest.Response response = post(JSON, large).send(SIEGE.server());

    SIEGE.tried();
    assertThat(response.status()).isEqualTo(413);
    assertThat(JsonPath.from(response.text()).getString("code")).isEqualTo("payload_too_large");
    RawRequest.Response refused =
        post(JSON, large).header("Content-Encoding", "br").send(SIEGE.server());
    SIEGE.tried();
    assertThat(refused.status()).isEqualTo(415);
  }

  @Test
  void a_file_with_more_rows_than_it_may_have_is_413_and_changes_nothing() throws Exception {
    assertThat(attacker.put("bill", file(3)).send(SIEGE.server()).status()).isEqualTo(200);
    for (RawRequest request :
        List.of(
            attacker.put("bill", file(MAX_ROWS + 1)),
            attacker.put("bill", file(2 * MAX_ROWS)).gzipped())) {
      RawRequest.Response response = request.send(SIEGE.server());

      SIEGE.tried();
      assertThat(response.status()).as(response.text()).isEqualTo(413);
      assertThat(JsonPath.from(response.text()).getString("description"))
          .isEqualTo("A file may have at most 30000 rows. Nothing was changed.");
      noRowIsLeft();
    }
    Import.of(attacker.writer(), "bill").get().body("rows", equalTo(3));
    assertThat(attacker.put("bill", file(MAX_ROWS)).send(SIEGE.server()).status()).isEqualTo(200);
  }

  @Test
  void clients_of_exports_that_hang_up_keep_no_place() throws Exception {
    SIEGE.recovers(attacker);
    for (int i = 0; i < 60 * Siege.ROUNDS; i++) {
      reset(head(attacker.get(Api.USAGE).accept(i % 2 == 0 ? CSV : LINES)));
      SIEGE.tried();
    }
    eventually(
        "as many exports as it may have are answered",
        () -> attacker.get(Api.USAGE).accept(CSV).send(SIEGE.server()).status() == 200);
    SIEGE.recovers(attacker);
  }

  /** All of its share is held at once, and no row is left. */
  private void allPlacesAreFree() throws Exception {
    eventually("its share of records", () -> all(SHARE, i -> post(JSON, "{\"records\":["), "]}"));
    eventually(
        "its share of accounts",
        () ->
            all(
                ACCOUNTS_SHARE,
                i -> put("{\"organization_id\":"),
                "\"" + attacker.organization() + "\"}"));
    eventually(
        "its share of imports",
        () -> all(IMPORTS_SHARE, i -> attacker.put("bill-" + i, FOCUS_HEADER), "\n"));
    noRowIsLeft();
  }

  private void noRowIsLeft() throws SQLException {
    assertThat(attacker.acme().staged()).isZero();
  }

  /** Whether so many bodies that are held at once are all taken when they end. */
  private static boolean all(int count, IntFunction<RawRequest> requests, String end)
      throws IOException {
    List<Socket> holders = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        holders.add(requests.apply(i).sendWithoutEnd(SIEGE.server(), RawRequest.Framing.CHUNKED));
      }
      for (Socket holder : holders) {
        holder.getOutputStream().write(chunk(end));
        holder.getOutputStream().write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      }
      boolean all = true;
      for (Socket holder : holders) {
        all &= status(holder) == 200;
      }
      return all;
    } finally {
      hangUp(holders);
    }
  }

  private RawRequest send(String type, String body) {
    return type.equals(FOCUS) ? attacker.put("bill", body) : post(type, body);
  }

  /** A billing file of distinct rows, which cost nothing. */
  private String file(int rows) {
    String row =
        focusRow(attacker.organization(), attacker.account(), "sku-#", "2026-09-01T00:00:00Z", "0");
    return FOCUS_HEADER
        + IntStream.range(0, rows)
            .mapToObj(i -> row.replace("#", Integer.toString(i)))
            .collect(joining());
  }

  private RawRequest post(String type, String body) {
    return attacker.post(type, body);
  }

  private RawRequest put(String body) {
    return RawRequest.of("PUT", Api.ACCOUNTS + "/" + attacker.account())
        .token(attacker.writer())
        .body(JSON, body);
  }

  private int request(Http2Connection connection, String method, boolean gzip) throws IOException {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("authorization", "Bearer " + attacker.writer());
    headers.put("content-type", method.equals("PUT") ? JSON : LINES);
    if (gzip) {
      headers.put("content-encoding", "gzip");
    }
    return connection.request(
        method,
        method.equals("PUT") ? Api.ACCOUNTS + "/" + attacker.account() : Api.RECORDS,
        headers,
        false);
  }

  private static String csv(int rows) {
    return "id,account_id,product_id,occurred_at,type,currency,unit,number_of_units,total_amount\n"
        + IntStream.range(0, rows)
            .mapToObj(i -> i + ",nobody's,p,2026-01-01T00:00:00Z,CALL,EUR,MINUTES,1,1\n")
            .reduce(new StringBuilder(), StringBuilder::append, StringBuilder::append);
  }

  /** All of it, so that it is parsed; who closes the connection then says so when it was read. */
  private Socket whole(String type, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    Socket socket = head(send(type, "").header("Content-Length", Integer.toString(bytes.length)));
    socket.getOutputStream().write(bytes);
    return socket;
  }

  /** The head of a request, with the headers it was given alone. */
  private static Socket head(RawRequest request) throws IOException {
    return request.sendHead(SIEGE.server());
  }

  private static RawRequest.Framing framing(int i) {
    return i % 2 == 0 ? RawRequest.Framing.CONTENT_LENGTH : RawRequest.Framing.CHUNKED;
  }

  private static byte[] chunk(String text) {
    return (Integer.toHexString(text.length()) + "\r\n" + text + "\r\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  private static boolean isAnswered(Socket client) {
    try {
      return client.getInputStream().available() > 0;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static int status(Socket client) throws IOException {
    client.setSoTimeout(TIMEOUT_MILLIS);
    String line =
        new String(
            client.getInputStream().readNBytes("HTTP/1.1 200".length()), StandardCharsets.US_ASCII);
    return line.startsWith("HTTP/1.1 ") ? Integer.parseInt(line.substring(9)) : 0;
  }

  private static String rest(Socket client) throws IOException {
    StringBuilder read = new StringBuilder();
    byte[] buffer = new byte[8192];
    while (read.indexOf("\"code\"") < 0) {
      int count = client.getInputStream().read(buffer);
      if (count < 0) {
        break;
      }
      read.append(new String(buffer, 0, count, StandardCharsets.UTF_8));
    }
    return read.toString();
  }

  private static void hangUp(List<Socket> clients) throws IOException {
    for (Socket client : clients) {
      reset(client);
    }
  }

  /** With a reset instead of a farewell. */
  private static void reset(Socket client) throws IOException {
    if (!client.isClosed()) {
      client.setSoLinger(true, 0);
      client.close();
    }
  }
}
