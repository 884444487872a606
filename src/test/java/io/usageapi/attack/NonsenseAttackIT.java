package io.usageapi.attack;

import static io.usageapi.fixture.RawRequest.encode;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import io.usageapi.fixture.Api;
import io.usageapi.fixture.Document;
import io.usageapi.fixture.RawRequest;
import io.usageapi.fixture.Tokens;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Requests nobody sane would send. Each is answered, or its connection is closed. */
@Tag("attack")
@Tag("long")
class NonsenseAttackIT {
  @RegisterExtension static final Siege SIEGE = Siege.on();

  private static final List<String> METHODS =
      List.of("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW");

  private static final List<String> TYPES =
      List.of(
          "application/json",
          "application/x-ndjson",
          "text/csv",
          "application/cloudevents-batch+json");

  private final URI server = SIEGE.server();
  private final Tenant attacker = SIEGE.attacker();
  private final Random random = new Random(Long.getLong("test.usageapi.seed", 20_260_101L));

  @Test
  void what_is_hardly_http_is_refused_or_closed() throws Exception {
    String host = "Host: " + server.getAuthority() + "\r\n";
    String authorization = "Authorization: Bearer " + attacker.reader() + "\r\n";
    String good = host + authorization + "Connection: close\r\n";
    String post =
        host
            + "Authorization: Bearer "
            + attacker.writer()
            + "\r\nContent-Type: application/json\r\nConnection: close\r\n";
    Map<String, String> requests = new LinkedHashMap<>();
    requests.put("nothing", "");
    requests.put("line ends", "\r\n".repeat(1_000));
    requests.put("noise", noise(4_096));
    requests.put(
        "a TLS greeting", "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003");
    requests.put("HTTP/0.9", "GET " + Api.USAGE + "\r\n");
    requests.put("HTTP/9.9", "GET " + Api.USAGE + " HTTP/9.9\r\n" + good + "\r\n");
    requests.put("half a preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM");
    requests.put("a preface and noise", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + noise(2_000));
    requests.put("bare line feeds", request("GET " + Api.USAGE, good + "\r\n").replace("\r", ""));
    requests.put("a header folded", request("GET " + Api.USAGE, good + "X: a\r\n b\r\n\r\n"));
    requests.put("a header without a colon", request("GET " + Api.USAGE, good + "Xa\r\n\r\n"));
    requests.put("a header with a space", request("GET " + Api.USAGE, good + "X a : b\r\n\r\n"));
    requests.put("a zero in a header", request("GET " + Api.USAGE, good + "X: a\u0000b\r\n\r\n"));
    requests.put(
        "a target of 3 MB", "GET /" + "a".repeat(3_000_000) + " HTTP/1.1\r\n" + good + "\r\n");
    requests.put(
        "a header of 3 MB",
        request("GET " + Api.USAGE, good + "X: " + "a".repeat(3_000_000) + "\r\n\r\n"));
    requests.put(
        "100,000 headers", request("GET " + Api.USAGE, good + "X: a\r\n".repeat(100_000) + "\r\n"));
    requests.put(
        "another host's address",
        "GET http://elsewhere.example" + Api.USAGE + " HTTP/1.1\r\n" + good + "\r\n");
    requests.put(
        "its own address", "GET " + server.resolve(Api.USAGE) + " HTTP/1.1\r\n" + good + "\r\n");
    requests.put("an authority", request("CONNECT elsewhere.example:443", good + "\r\n"));
    requests.put("an authority to get", request("GET elsewhere.example:443", good + "\r\n"));
    requests.put("an asterisk", request("OPTIONS *", good + "\r\n"));
    requests.put("an asterisk to get", request("GET *", good + "\r\n"));
    requests.put("two slashes", "GET //" + Api.USAGE + " HTTP/1.1\r\n" + good + "\r\n");
    requests.put("dots", request("GET /express/../../etc/passwd", good + "\r\n"));
    requests.put("encoded dots", request("GET /express/%2e%2e/%2e%2e/etc/passwd", good + "\r\n"));
    requests.put("half an escape", request("GET /express/%2", good + "\r\n"));
    requests.put("a fragment", "GET " + Api.USAGE + "#x HTTP/1.1\r\n" + good + "\r\n");
    requests.put("bytes over 127", request("GET /express/\u00ff\u00fe", good + "\r\n"));
    requests.put(
        "a websocket",
        request(
            "GET " + Api.USAGE,
            host
                + authorization
                + "Connection: Upgrade, close\r\n"
                + "Upgrade: websocket\r\n"
                + "Sec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
    requests.put(
        "an upgrade to what there is not",
        request(
            "GET " + Api.USAGE,
            host + authorization + "Connection: Upgrade\r\nUpgrade: h9c\r\n\r\n"));
    requests.put(
        "an upgrade to h2c with nonsense",
        request(
            "GET " + Api.USAGE,
            host
                + authorization
                + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: !!!\r\n\r\n"));
    requests.put(
        "an expectation of nonsense",
        request(
            "POST " + Api.RECORDS,
            post + "Expect: the unexpected\r\nContent-Length: 14\r\n\r\n{\"records\":[]}"));
    requests.put(
        "an expectation and no body",
        request(
            "POST " + Api.RECORDS, post + "Expect: 100-continue\r\nContent-Length: 14\r\n\r\n"));
    for (String length :
        List.of("-1", "+14", "14, 14", "14, 15", "0x0e", "99999999999999999999", "1e1", " ")) {
      requests.put(
          "a length of '" + length + "'",
          request(
              "POST " + Api.RECORDS,
              post + "Content-Length: " + length + "\r\n\r\n{\"records\":[]}"));
    }
    requests.put(
        "two lengths",
        request(
            "POST " + Api.RECORDS,
            post + "Content-Length: 14\r\nContent-Length: 15\r\n\r\n{\"records\":[]}"));
    for (String coding :
        List.of(
            "chunked, identity",
            "identity",
            "xchunked",
            "chunked\r\nTransfer-Encoding: identity",
            "gzip, chunked",
            "\u000bchunked",
            "chunked, chunked")) {
      requests.put(
          "a transfer of '" + coding + "'",
          request(
              "POST " + Api.RECORDS,
              post
                  + "Transfer-Encoding: "
                  + coding
                  + "\r\n\r\ne\r\n{\"records\":[]}\r\n0\r\n\r\n"));
    }
    for (String chunk :
        List.of(
            "-1",
            "FFFFFFFFFFFFFFFF",
            "7fffffff",
            "0x0e",
            " e",
            "e ",
            "e;" + "a".repeat(100_000),
            "e\n",
            "zz")) {
      requests.put(
          "a chunk of '" + chunk.substring(0, Math.min(chunk.length(), 20)) + "'",
          request(
              "POST " + Api.RECORDS,
              post
                  + "Transfer-Encoding: chunked\r\n\r\n"
                  + chunk
                  + "\r\n{\"records\":[]}\r\n0\r\n\r\n"));
    }
    requests.put(
        "trailers without end",
        request(
            "POST " + Api.RECORDS,
            post + "Transfer-Encoding: chunked\r\n\r\n0\r\n" + "X: a\r\n".repeat(100_000)));

    for (int round = 0; round < Siege.ROUNDS; round++) {
      for (Map.Entry<String, String> request : requests.entrySet()) {
        String answer = Wire.exchange(server, request.getValue());
        assertThat(Wire.statuses(answer)).as(request.getKey()).allMatch(status -> status < 500);
        SIEGE.tried();
      }
    }
    SIEGE.recovers(attacker);
  }

  @Test
  void no_request_is_smuggled_in_the_body_of_another() throws Exception {
    String hidden =
        request(
            "GET " + Api.USAGE,
            "Host: x\r\nAuthorization: Bearer " + attacker.reader() + "\r\n\r\n");
    String head =
        "POST "
            + Api.RECORDS
            + " HTTP/1.1\r\nHost: "
            + server.getAuthority()
            + "\r\nAuthorization: Bearer "
            + attacker.writer()
            + "\r\nContent-Type: application/json\r\n";
    String body = "e\r\n{\"records\":[]}\r\n0\r\n\r\n";
    for (String framing :
        List.of(
            "Content-Length: " + body.length() + "\r\nTransfer-Encoding: chunked",
            "Transfer-Encoding: chunked\r\nContent-Length: " + body.length(),
            "Content-Length: " + (body + hidden).length() + "\r\nTransfer-Encoding: chunked",
            "Content-Length: " + body.length() + "\r\nTransfer-Encoding : chunked",
            "Content-Length: " + body.length() + "\r\nTransfer-Encoding: xchunked",
            "Content-Length: " + body.length() + "\r\nTransfer-Encoding:\u000bchunked",
            "Content-Length: "
                + body.length()
                + "\r\nContent-Length: "
                + (body + hidden).length())) {
      String answers = Wire.exchange(server, head + framing + "\r\n\r\n" + body + hidden);
      assertThat(Wire.statuses(answers)).as(framing).containsExactly(400);
      SIEGE.tried();
    }
  }

  @Test
  void every_method_at_every_address_is_answered() {
    for (String path : Document.pathNames()) {
      for (String method : METHODS) {
        RawRequest request =
            RawRequest.of(method, path.replaceAll("\\{[a-z_]+}", "a")).token(attacker.reader());
        int status = request.send(server).status();
        assertThat(status).as(request.toString()).isLessThan(500);
        SIEGE.tried();
      }
    }
  }

  @Test
  void headers_of_thousands_of_parts_are_answered() {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("If-None-Match", many("W/\"x\"", 4_000));
    headers.put("Accept-Encoding", many("gzip;q=0.1", 2_500));
    headers.put("Accept-Language", many("de;q=0.1", 2_500));
    headers.put("Cookie", many("a=b", 6_000).replace(",", ";"));
    headers.put("Range", "bytes=" + many("0-1", 6_000));
    headers.put("Forwarded", many("for=1.2.3.4;host=elsewhere.example;proto=https", 500));
    headers.put("X-Forwarded-For", many("1.2.3.4", 3_000));
    headers.put("X-Forwarded-Host", many("elsewhere.example", 1_500));
    headers.put("traceparent", "00-" + "0".repeat(20_000));
    headers.put("tracestate", many("a=b", 6_000));
    headers.put("baggage", many("a=b", 6_000));
    headers.put("X-Request-Id", "a".repeat(20_000));
    headers.put("Prefer", many("handling=strict", 1_500));
    headers.put("Content-Type", many("application/json", 1_500));
    headers.put("Content-Encoding", many("gzip", 5_000));
    headers.put("Accept", many("application/json;q=0.1", 1_200));
    headers.put("Accept-Charset", many("utf-8", 4_000));
    headers.put("If-Modified-Since", "x".repeat(20_000));
    headers.put("Origin", "https://" + "a".repeat(20_000));
    headers.put("Access-Control-Request-Method", "G".repeat(20_000));
    headers.put("Connection", many("a", 10_000));
    headers.put("Via", many("1.1 a", 4_000));
    for (String path : List.of(Api.USAGE, Api.TOTALS, Api.ACCOUNTS, "/q/openapi", "/nowhere")) {
      headers.forEach(
          (name, value) -> {
            for (int i = 0; i < Siege.ROUNDS; i++) {
              int status = attacker.get(path).header(name, value).send(server).status();
              assertThat(status).as(name + " to " + path).isLessThan(500);
              SIEGE.tried();
            }
          });
    }
  }

  private static String many(String part, int count) {
    return Stream.generate(() -> part).limit(count).collect(joining(","));
  }

  @Test
  void queries_and_filters_as_deep_and_long_as_they_can_be_are_answered() {
    List<String> filters =
        List.of(
            "(".repeat(1_600),
            "not ".repeat(400),
            "(".repeat(700) + "month eq '2026-01'" + ")".repeat(700),
            "not (".repeat(16) + "month eq '2026-01'" + ")".repeat(16),
            "not not not not not month eq '2026-01'",
            many("month eq '2026-01'", 80).replace(",", " or "),
            many("month eq '2026-01'", 80).replace(",", " and "),
            "account_id in (" + many("'a'", 390) + ")",
            "product_id in ("
                + IntStream.range(0, 100).mapToObj(i -> "'" + i + "'").collect(joining(","))
                + ")",
            "contains(product_id,'" + "%_\\".repeat(40) + "')",
            many("contains(product_id,'a')", 60).replace(",c", " or c"),
            "product_id eq '" + "''".repeat(700) + "'",
            "\u0000",
            "month eq '2026-01' --",
            "month eq '\ud83d\ude00'",
            " ".repeat(1_600),
            "\t".repeat(1_599) + "x");
    for (String path : List.of(Api.USAGE, Api.TOTALS, Api.DAYS)) {
      for (String filter : filters) {
        String query = path.equals(Api.TOTALS) ? "?group_by=month&filter=" : "?filter=";
        int status =
            attacker
                .get(path + query + encode(filter))
                .accept("application/json")
                .send(server)
                .status();
        assertThat(status).as(filter).isLessThan(500);
        SIEGE.tried();
      }
      for (String query :
          List.of(
              "a=b&".repeat(7_000),
              "&".repeat(30_000),
              "=".repeat(30_000),
              "%00=%00&".repeat(3_000),
              "filter=a&".repeat(3_000),
              "%".repeat(30_000),
              "+".repeat(30_000),
              "cursor=" + "A".repeat(30_000),
              "order_by=" + "a,".repeat(10_000),
              "group_by=" + "month,".repeat(5_000),
              "per_page=" + "9".repeat(30_000),
              "page=" + "9".repeat(30_000))) {
        RawRequest.Response response =
            attacker.get(path + "?" + query).accept("application/json").send(server);
        assertThat(response.status()).as(query).isLessThan(500);
        SIEGE.tried();
      }
    }
  }

  @Test
  void tokens_of_every_malformed_shape_are_refused() {
    String token = attacker.reader();
    String[] parts = token.split("\\.", -1);
    List<String> tokens =
        new ArrayList<>(
            List.of(
                "",
                ".",
                "..",
                "...",
                "a",
                "a.b",
                "a.b.c",
                "a.b.c.d.e",
                "=.=.=",
                "null",
                token.substring(1),
                token + "a",
                token + ".",
                "." + token,
                token + "." + token,
                parts[0] + "." + parts[1] + ".",
                parts[0] + ".." + parts[2],
                "." + parts[1] + "." + parts[2],
                parts[0] + "." + parts[1] + "." + "A".repeat(20_000),
                parts[0] + "." + "A".repeat(20_000) + "." + parts[2],
                "A".repeat(20_000) + "." + parts[1] + "." + parts[2],
                ".".repeat(20_000),
                "a.".repeat(10_000),
                "\u00ff.\u00ff.\u00ff"));
    for (String header :
        List.of(
            "{}",
            "[]",
            "null",
            "1",
            "\"a\"",
            "{",
            "{\"alg\":null}",
            "{\"alg\":1}",
            "{\"alg\":[]}",
            "{\"alg\":\"none\"}",
            "{\"alg\":\"\"}",
            "{\"alg\":\"RS256\",\"crit\":[\"x\"]}",
            "{\"alg\":\"RS256\",\"b64\":false,\"crit\":[\"b64\"]}",
            "{\"alg\":\"RS256\",\"kid\":1}",
            "{\"alg\":\"RS256\",\"kid\":\"" + "k".repeat(10_000) + "\"}",
            "{\"alg\":\"RSA-OAEP\",\"enc\":\"A256GCM\"}",
            "{\"alg\":\"PBES2-HS256+A128KW\",\"enc\":\"A256GCM\",\"p2c\":2147483647,\"p2s\":\"a\"}",
            "{\"alg\":\"HS256\"}",
            "{\"alg\":\"RS256\",\"jku\":\"http://127.0.0.1:1/\"}",
            "{\"alg\":\"RS256\",\"x5u\":\"http://127.0.0.1:1/\"}",
            "{\"alg\":\"RS256\",\"x5c\":[\"a\"]}",
            "{\"alg\":\"RS256\",\"jwk\":{}}",
            "{\"alg\":\"RS256\",\"zip\":\"DEF\"}",
            "{\"alg\":\"ES256\"}",
            "{\"alg\":\"EdDSA\"}",
            "[".repeat(9_000),
            "{\"a\":".repeat(3_000),
            "{\"alg\":\"RS256\",\"alg\":\"none\"}")) {
      String encoded = base64(header);
      tokens.add(encoded + "." + parts[1] + "." + parts[2]);
      tokens.add(encoded + ".a.b.c.d");
    }
    for (String claims :
        List.of(
            "{}",
            "[]",
            "null",
            "1",
            "{\"exp\":\"a\"}",
            "[".repeat(9_000),
            "{\"exp\":1e400}",
            "{\"exp\":" + "9".repeat(9_000) + "}")) {
      String encoded = base64(claims);
      tokens.add(parts[0] + "." + encoded + "." + parts[2]);
    }
    for (String each : tokens) {
      int status =
          RawRequest.get(Api.USAGE).header("Authorization", "Bearer " + each).send(server).status();
      assertThat(status).as(each).isEqualTo(401);
      SIEGE.tried();
    }
    for (String each :
        List.of(
            "",
            "Bearer",
            "bearer " + token,
            "BEARER " + token,
            "Basic YTpi",
            "Bearer  " + token,
            "Bearer " + token + " ",
            "Bearer\t" + token,
            token,
            "Bearer " + token + ", Bearer " + token,
            "Negotiate " + "a".repeat(20_000),
            "Digest a=b")) {
      int status = RawRequest.get(Api.USAGE).header("Authorization", each).send(server).status();
      assertThat(status).as(each).isLessThan(500);
      SIEGE.tried();
    }
    // Signed well, with claims that are not.
    for (Object value :
        List.of(
            1,
            true,
            "",
            " ",
            "\u0000",
            "x".repeat(129),
            List.of("a"),
            Map.of("a", "b"),
            List.of(),
            1e300)) {
      for (String claim :
          List.of(
              "org_id", "scope", "scp", "sub", "exp", "nbf", "iat", "aud", "iss", "jti", "groups",
              "upn", "azp", "kid")) {
        String signed;
        try {
          signed =
              Tokens.sign(
                  Tokens.claims(Tokens.ALL_SCOPES)
                      .claim("org_id", attacker.organization())
                      .claim(claim, value));
        } catch (RuntimeException e) {
          continue;
        }
        int status = RawRequest.get(Api.USAGE).token(signed).send(server).status();
        assertThat(status).as(claim + " " + value).isLessThan(500);
        SIEGE.tried();
      }
    }
  }

  @Test
  void bodies_of_nonsense_are_refused_in_every_format() throws Exception {
    String record = attacker.usage().json();
    String deep = "[".repeat(100_000);
    List<byte[]> bodies = new ArrayList<>();
    for (String text :
        List.of(
            "",
            " ",
            "\u0000",
            "null",
            "[]",
            "{}",
            "\ufeff{}",
            "{\"records\":" + deep,
            "{\"records\":[" + deep + "]}",
            deep,
            "{\"a\":".repeat(100_000),
            record.replace("\"voice\"", deep),
            "{\"records\":[" + record.replace("\"voice\"", deep + "]".repeat(100_000)) + "]}",
            "{\"records\":[" + record.replace(":1", ":1" + "0".repeat(200_000)) + "]}",
            record.replace(":1", ":1" + "0".repeat(200_000)),
            record.replace(":1", ":1e999999999"),
            record.replace(":1", ":-1e-999999999"),
            "{\"records\":[" + record.replace(":1", ":1e999999999") + "]}",
            "{\"records\":["
                + record.replace("\"voice\"", "\"" + "v".repeat(200_000) + "\"")
                + "]}",
            "{\"records\":["
                + record.replaceFirst("\\{", "{" + "\"id\":\"a\",".repeat(20_000))
                + "]}",
            record.replaceFirst("\\{", "{" + "\"id\":\"a\",".repeat(20_000)),
            "{\"records\":[" + "1,".repeat(9_000) + "1]}",
            "{\"records\":[" + "{},".repeat(20_000) + "{}]}",
            "{\"records\":[]}".repeat(10_000),
            "1\n".repeat(50_000),
            "\n".repeat(1_000_000),
            "{\"id\"\n".repeat(30_000),
            "id,".repeat(80_000),
            ",".repeat(250_000),
            "\"",
            "\"" + "a\n".repeat(100_000),
            "\"a\"b\r\n",
            "id\r\n" + "\"\"\"".repeat(50_000),
            "a\u0000b,c\r\n",
            "\r".repeat(100_000),
            "'".repeat(100_000),
            "\\u".repeat(100_000),
            "\"\\ud800\"",
            "{\"\\ud800\":1}",
            "{\"" + "n".repeat(100_000) + "\":1}",
            "//" + "a".repeat(10_000),
            "NaN",
            "{\"records\":[NaN]}",
            "{\"records\":[" + record.replace(":1", ":Infinity") + "]}")) {
      bodies.add(text.getBytes(StandardCharsets.UTF_8));
    }
    for (int i = 0; i < 20 * Siege.ROUNDS; i++) {
      bodies.add(noise(random.nextInt(20_000)).getBytes(StandardCharsets.ISO_8859_1));
    }
    List<RawRequest> requests =
        new ArrayList<>(TYPES.stream().map(type -> attacker.post(type, "")).toList());
    RawRequest put = RawRequest.of("PUT", Api.IMPORTS + "/bill").token(attacker.writer());
    requests.add(put.header("Content-Type", "text/csv"));
    requests.add(put.header("Content-Type", "application/x-ndjson"));
    for (RawRequest empty : requests) {
      for (byte[] body : bodies) {
        for (boolean zipped : new boolean[] {false, true}) {
          RawRequest request = empty.body(body);
          RawRequest.Response response = (zipped ? request.gzipped() : request).send(server);
          String what =
              empty
                  + " "
                  + new String(body, 0, Math.min(body.length, 40), StandardCharsets.ISO_8859_1);
          // Noise may look like a file that cannot be read.
          assertThat(response.status())
              .as(what)
              .isIn(
                  empty.method().equals("PUT")
                      ? List.of(200, 400, 413, 415)
                      : List.of(200, 400, 413));
          SIEGE.tried();
        }
        RawRequest liar = empty.body(body).header("Content-Encoding", "gzip");
        assertThat(liar.send(server).status()).isIn(200, 400, 413);
        SIEGE.tried();
      }
    }
    SIEGE.recovers(attacker);
  }

  private String noise(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static String request(String methodAndTarget, String headers) {
    return methodAndTarget + " HTTP/1.1\r\n" + headers;
  }

  private static String base64(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
