package io.usageapi.attack;

import static org.assertj.core.api.Assertions.assertThat;

import io.usageapi.fixture.Api;
import io.usageapi.fixture.RawRequest;
import io.usageapi.fixture.Tokens;
import io.usageapi.security.Scope;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What strangers say in the head of a request: hosts, headers, media types, tokens. */
@Tag("attack")
class EdgeAttackIT {
  @RegisterExtension static final Siege SIEGE = Siege.on();

  private static final int KIB = 1024;

  private final Tenant attacker = SIEGE.attacker();

  private static String upTo(int length, String part) {
    return part.repeat(length / part.length());
  }

  /** Those of a library that reads them, and of what reads them for a proxy or a browser. */
  @Test
  void headers_of_any_content_fail_nothing() {
    List<String> parts =
        List.of(
            ",", ";", ";a=b", ";a=\"b\"", "a/b;q=0.1,", "a=b,", "q=0.1,", "\"", "W/\"a\",", "é");
    for (String name :
        List.of(
            "Accept",
            "Accept-Encoding",
            "Accept-Language",
            "Content-Type",
            "If-None-Match",
            "Cookie",
            "Forwarded",
            "X-Forwarded-For",
            "Range",
            "Prefer",
            "Origin",
            "traceparent",
            "tracestate")) {
      for (String part : parts) {
        RawRequest.Response response =
            attacker.get(Api.USAGE).header(name, "x" + upTo(30 * KIB, part)).send(SIEGE.server());
        assertThat(response.status()).as("%s: %s", name, part).isLessThan(500);
        SIEGE.tried();
      }
    }
  }

  /** Without a token: each was 80 KB in the log. */
  @Test
  void nothing_that_is_refused_fills_the_log() throws Exception {
    long before = Files.size(SIEGE.log());
    List<RawRequest> requests =
        List.of(
            RawRequest.get(Api.USAGE).accept("a/b" + upTo(30 * KIB, ";a=b")),
            RawRequest.of("POST", Api.RECORDS)
                .header("Content-Type", "a/b" + upTo(30 * KIB, ";a=b")),
            RawRequest.get(Api.USAGE).header("Accept-Encoding", upTo(30 * KIB, "a=b,")),
            RawRequest.get(Api.USAGE).token(upTo(30 * KIB, "a.")));
    for (int i = 0; i < 20 * Siege.ROUNDS; i++) {
      for (RawRequest request : requests) {
        assertThat(request.send(SIEGE.server()).status()).isIn(401, 406, 415, 431);
        SIEGE.tried();
      }
      for (String host : List.of("", "a b", "user@a", "[::g]")) {
        RawRequest.Response response =
            RawRequest.get(Api.USAGE + "?filter=what-was-asked-for")
                .send(SIEGE.server(), "HTTP/1.1", List.of(host));
        assertThat(response.status()).isEqualTo(400);
        assertThat(response.text()).contains("\"code\":\"invalid_parameter\"");
        SIEGE.tried();
      }
    }
    // Of the records that were not sent there is a line each.
    assertThat(Files.size(SIEGE.log()) - before).isLessThan(40_000L * Siege.ROUNDS);
    assertThat(Files.readString(SIEGE.log())).doesNotContain("what-was-asked-for");
  }

  /** Where health and metrics are, too. */
  @Test
  void a_host_that_is_none_is_refused_on_the_management_port() {
    for (String path : List.of("/q/health/live", "/q/metrics")) {
      RawRequest.Response response =
          RawRequest.get(path).send(SIEGE.management(), "HTTP/1.1", List.of("a b"));
      assertThat(response.status()).isEqualTo(400);
      assertThat(response.text()).contains("\"code\":\"invalid_parameter\"");
      assertThat(RawRequest.get(path).send(SIEGE.management(), "HTTP/1.0", List.of("a")).status())
          .isEqualTo(200);
      SIEGE.tried();
    }
  }

  /** Each of 60 KB: read as it came, each took two megabytes. */
  @Test
  void heads_that_never_end_take_no_memory() throws Exception {
    byte[] head =
        ("GET / HTTP/1.1\r\nHost: a\r\n" + upTo(60 * KIB, "a:b\r\n"))
            .getBytes(StandardCharsets.US_ASCII);
    List<Socket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < 400 * Siege.ROUNDS; i++) {
        Socket socket = new Socket(SIEGE.server().getHost(), SIEGE.server().getPort());
        sockets.add(socket);
        send(socket, head);
        SIEGE.tried();
      }
      SIEGE.recovers(attacker);
    } finally {
      for (Socket each : sockets) {
        each.close();
      }
    }
  }

  private static void send(Socket socket, byte[] head) {
    try {
      socket.getOutputStream().write(head);
    } catch (IOException e) {
      // The server has closed it, which it may.
    }
  }

  private Map<String, String> head(String scheme, String authority) {
    Map<String, String> head = new LinkedHashMap<>();
    head.put(":method", "GET");
    head.put(":scheme", scheme);
    if (authority != null) {
      head.put(":authority", authority);
    }
    head.put(":path", Api.USAGE);
    head.put("authorization", "Bearer " + attacker.reader());
    return head;
  }

  @Test
  void by_http_2_no_link_has_a_scheme_or_a_host_that_is_none() throws Exception {
    try (Http2Connection connection = Http2Connection.open(SIEGE.server())) {
      for (String scheme : List.of("https", "HTTP")) {
        Http2Connection.Answer answer =
            connection.answer(connection.request(head(scheme, "a.example"), true));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).contains("\"self\":{\"href\":\"http://a.example/express/");
        SIEGE.tried();
      }
      for (Map<String, String> head :
          List.of(
              head("javascript", "a.example"),
              head("java script", "a.example"),
              head("http", null),
              head("http", "a,b"),
              head("http", "%41"),
              head("http", "a:0"))) {
        Http2Connection.Answer answer = connection.answer(connection.request(head, true));
        assertThat(answer.status()).as(head.toString()).isEqualTo(400);
        assertThat(answer.body()).contains("\"code\":\"invalid_parameter\"");
        assertThat(answer.headers()).containsKey("x-request-id");
        SIEGE.tried();
      }
    }
  }

  @Test
  void by_http_2_headers_are_taken_up_to_32_kib_too() throws Exception {
    for (int kib : List.of(31, 33, 60)) {
      Map<String, String> head = head("http", "a.example");
      IntStream.range(0, kib - 1).forEach(i -> head.put("x-" + i, "x".repeat(KIB - 20)));
      try (Http2Connection connection = Http2Connection.open(SIEGE.server())) {
        Http2Connection.Answer answer = connection.answer(connection.request(head, true));
        assertThat(answer.status()).isEqualTo(kib == 31 ? 200 : 431);
        SIEGE.tried();
      }
    }
  }

  private static String token(String organization, int number) {
    String claims =
        IntStream.range(0, 1_500)
            .mapToObj(i -> "\"%d\":0".formatted(i))
            .collect(Collectors.joining(","));
    return Tokens.ofJson(
        "{\"iss\":\"%s\",\"aud\":\"%s\",\"exp\":%d,\"scope\":\"%s\",\"org_id\":\"%s\",\"n\":%d,%s}"
            .formatted(
                Tokens.ISSUER,
                Tokens.AUDIENCE,
                Instant.now().plusSeconds(600).getEpochSecond(),
                Scope.USAGE_READ,
                organization,
                number,
                claims));
  }

  @Test
  void large_tokens_stay_within_the_memory_there_is_for_them() throws Exception {
    List<String> before = histogram();
    for (int i = 0; i < 400 * Siege.ROUNDS; i++) {
      String token = token(attacker.organization(), i);
      assertThat(RawRequest.get(Api.USAGE).token(token).send(SIEGE.server()).status())
          .isEqualTo(200);
      SIEGE.tried();
    }
    List<String> after = histogram();
    assertThat(total(after) - total(before)).isLessThan(40_000_000);
  }

  @Test
  void a_token_in_many_spellings_is_remembered_once() throws Exception {
    String verified = "io.usageapi.security.VerifiedTokens$Verified";
    int before = instances(verified);
    String token = attacker.reader();
    for (int i = 0; i < 300 * Siege.ROUNDS; i++) {
      RawRequest.Response response =
          RawRequest.get(Api.USAGE).token(token + "=".repeat(i)).send(SIEGE.server());
      assertThat(response.status()).isEqualTo(200);
      SIEGE.tried();
    }
    assertThat(instances(verified) - before).isLessThan(20);
  }

  /** Of no key of anybody's. */
  @Test
  void tokens_of_strangers_are_refused() {
    String[] good = attacker.reader().split("\\.", -1);
    for (String header :
        List.of(
            "{\"alg\":\"none\"}",
            "{\"alg\":\"HS256\"}",
            "{\"alg\":\"RS256\",\"kid\":\"" + "k".repeat(20_000) + "\"}",
            "{\"alg\":\"RS256\",\"crit\":[\"x\"],\"x\":1}",
            "{\"alg\":\"RS256\",\"jku\":\"http://localhost:1/\"}",
            "{\"alg\":\"dir\",\"enc\":\"A128GCM\",\"zip\":\"DEF\"}",
            "[".repeat(15_000))) {
      for (String end : List.of(good[2], "", "a.b.c", good[2] + ".a.b")) {
        String token = encode(header) + "." + good[1] + "." + end;
        assertThat(RawRequest.get(Api.USAGE).token(token).send(SIEGE.server()).status())
            .as(header.substring(0, Math.min(header.length(), 40)))
            .isEqualTo(401);
        SIEGE.tried();
      }
    }
  }

  private static String encode(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  /** What is alive in the server's heap, a line for each class. */
  private static List<String> histogram() throws IOException {
    String port = "-Dquarkus.http.port=" + SIEGE.server().getPort();
    ProcessHandle server =
        ProcessHandle.current()
            .children()
            .filter(
                child -> child.info().commandLine().map(line -> line.contains(port)).orElse(false))
            .findFirst()
            .orElseThrow();
    String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    Process process =
        new ProcessBuilder(jcmd, Long.toString(server.pid()), "GC.class_histogram").start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
        .lines()
        .toList();
  }

  private static int instances(String name) throws IOException {
    return histogram().stream()
        .map(line -> line.strip().split(" +", -1))
        .filter(columns -> columns.length > 3 && columns[3].equals(name))
        .mapToInt(columns -> Integer.parseInt(columns[1]))
        .sum();
  }

  private static long total(List<String> histogram) {
    String[] columns = histogram.get(histogram.size() - 1).strip().split(" +", -1);
    return Long.parseLong(columns[2]);
  }
}
