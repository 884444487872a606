package io.usageapi.operation;

import static io.usageapi.fixture.Eventually.eventually;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.usageapi.fixture.PackagedServer;
import io.usageapi.fixture.TestPostgres;
import io.usageapi.fixture.Tokens;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the production artefact tells those who operate it, and what it keeps to itself. */
@Tag("drill")
class TelemetryIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final String ORGANIZATION = "telemetry-org";
  private static final String ACCESS_LOG = "io.quarkus.http.access-log";
  private static final String SECRET = "never-to-be-told";
  private static final String RECORDS = "/express/usage/records";
  private static final String PAGE = "/express/usage/month";
  private static final String FILTER = "?filter=product_id%20eq%20%27" + SECRET + "%27";

  private final String writer = Tokens.writer(ORGANIZATION);
  private final String reader = Tokens.reader(ORGANIZATION);

  @Test
  void lines_and_traces_say_which_request_and_whose_and_no_token_no_body_and_no_parameter(
      @TempDir Path directory) throws Exception {
    Path log = directory.resolve("log");
    Queue<String> traces = new ConcurrentLinkedQueue<>();
    HttpServer collector = collector(traces);
    EmbeddedPostgres postgres = TestPostgres.start(0);
    try (PackagedServer server =
        PackagedServer.startLogging(
            postgres.getPort(),
            log,
            "-Dquarkus.http.access-log.enabled=true",
            "-Dquarkus.otel.sdk.disabled=false",
            "-Dquarkus.otel.exporter.otlp.protocol=http/protobuf",
            "-Dquarkus.otel.exporter.otlp.endpoint=http://localhost:"
                + collector.getAddress().getPort(),
            "-Dquarkus.otel.bsp.schedule.delay=100ms")) {
      URI account = server.uri("/express/accounts/telemetry");
      String organization = "{\"organization_id\":\"" + ORGANIZATION + "\"}";
      assertThat(send(account, writer, "put-1", "PUT", organization)).isEqualTo(201);
      String records = "{\"records\":[{\"id\":\"1\",\"product_id\":\"" + SECRET + "\"}]}";
      assertThat(send(server.uri(RECORDS), writer, "post-1", "POST", records)).isEqualTo(200);
      URI page = server.uri(PAGE + FILTER);
      assertThat(send(page, reader, "page-1", "GET", "")).isEqualTo(200);
      assertThat(send(page, reader + "x", "page-2", "GET", "")).isEqualTo(401);
      eventually(
          "the page was traced",
          () -> traces.stream().anyMatch(spans -> spans.contains("FROM monthly_usage")));

      postgres.close();
      assertThat(send(page, reader, "page-3", "GET", "")).isEqualTo(503);
    } finally {
      postgres.close();
      collector.stop(0);
    }

    List<JsonNode> lines = lines(log);
    assertFields(lines, "io.usageapi.audit", "put-1", "/express/accounts/{id}");
    assertFields(lines, "io.usageapi.audit", "post-1", RECORDS);
    assertFields(lines, ACCESS_LOG, "page-1", PAGE);
    assertFields(lines, "io.usageapi.database.FailureMapper", "page-3", PAGE);
    assertThat(Files.readString(log)).doesNotContain(SECRET).doesNotContain(secretOf(reader));
    assertThat(traces)
        .noneMatch(spans -> spans.contains(SECRET))
        .noneMatch(spans -> spans.contains(secretOf(reader)))
        .noneMatch(spans -> spans.contains(secretOf(writer)));
  }

  /** Keeps what it is sent; the texts in it can be read as they are. */
  private static HttpServer collector(Queue<String> traces) throws IOException {
    HttpServer collector =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    collector.createContext(
        "/v1/traces",
        exchange -> {
          traces.add(new String(exchange.getRequestBody().readAllBytes(), ISO_8859_1));
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    collector.start();
    return collector;
  }

  private static int send(URI address, String token, String id, String method, String body)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(address)
            .header("Authorization", "Bearer " + token)
            .header("X-Request-Id", id)
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofString(body))
            .build();
    return HTTP.send(request, BodyHandlers.ofString()).statusCode();
  }

  /** Its signature, without which it is of no use. */
  private static String secretOf(String token) {
    return token.substring(token.lastIndexOf('.') + 1);
  }

  private static List<JsonNode> lines(Path log) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(log, UTF_8)) {
      lines.add(JSON.readTree(line));
    }
    assertThat(lines).isNotEmpty().allMatch(JsonNode::isObject);
    return lines;
  }

  /** Of the one line of a category for a request. */
  private static void assertFields(
      List<JsonNode> lines, String category, String request, String route) {
    List<JsonNode> found =
        lines.stream()
            .filter(line -> line.path("loggerName").asText().equals(category))
            .filter(line -> line.at("/mdc/request_id").asText().equals(request))
            .toList();
    assertThat(found).as("%s of %s in %s", category, request, lines).hasSize(1);
    JsonNode line = found.get(0);
    assertThat(line.at("/mdc/organization").asText()).as("%s", line).isEqualTo(ORGANIZATION);
    assertThat(line.at("/mdc/route").asText()).as("%s", line).isEqualTo(route);
    // A line of the access log is written when the trace has ended.
    assertThat(line.at("/mdc/traceId").asText())
        .as("%s", line)
        .hasSize(category.equals(ACCESS_LOG) ? 0 : 32);
    assertThat(line.path("level").asText()).isIn("INFO", "WARN");
  }
}
