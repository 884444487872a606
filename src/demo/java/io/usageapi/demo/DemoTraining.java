package io.usageapi.demo;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.Config;

/**
 * Trains a server: starts it on the demo's database, sends typical requests, and stops it. If so
 * configured, its JVM then stores what it loaded and compiled (JEP 483, JEP 515).
 */
@ApplicationScoped
public class DemoTraining {
  /** The settings passed on to the server. */
  private static final List<String> SETTINGS =
      List.of(
          "quarkus.datasource.reactive.url",
          "quarkus.datasource.username",
          "mp.jwt.verify.publickey",
          "mp.jwt.verify.issuer",
          "mp.jwt.verify.audiences");

  private static final String USAGE = "/express/usage/month";
  private static final String IMPORT = "/express/usage/imports/training";
  private static final int PAGES = 300;
  private static final Duration DEADLINE = Duration.ofMinutes(2);
  private static final Pattern NEXT = Pattern.compile("\"next\":\\{\"href\":\"([^\"]*)\"");
  private static final Pattern ID = Pattern.compile("\"id\":\"([0-9a-f]{32})\"");

  private final Config config;
  private final DemoLoader loader;
  private final DemoTokens tokens;
  private final HttpClient http = HttpClient.newHttpClient();

  DemoTraining(Config config, DemoLoader loader, DemoTokens tokens) {
    this.config = config;
    this.loader = loader;
    this.tokens = tokens;
  }

  /**
   * Trains a server.
   *
   * @param command starts it; its settings are in its environment
   * @throws IOException for an unexpected response
   */
  void train(List<String> command) throws IOException, InterruptedException {
    int port = freePort();
    int managementPort = freePort();
    ProcessBuilder server = new ProcessBuilder(command).inheritIO();
    SETTINGS.forEach(name -> server.environment().put(variable(name), value(name)));
    server.environment().put("QUARKUS_FLYWAY_MIGRATE_AT_START", "true");
    server.environment().put("QUARKUS_HTTP_PORT", Integer.toString(port));
    server.environment().put("QUARKUS_MANAGEMENT_PORT", Integer.toString(managementPort));
    Process process = server.start();
    try {
      String management = "http://localhost:" + managementPort;
      waitUntilReady(process, management);
      loader.load("http://localhost:" + port);
      ask("http://localhost:" + port, management);
    } finally {
      process.destroy();
      if (!process.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    }
  }

  private void ask(String api, String management) throws IOException, InterruptedException {
    String reader = tokens.sign(DemoClient.RESELLER, DemoClient.RESELLER.scopes());
    String pipeline = tokens.sign(DemoClient.PIPELINE, DemoClient.PIPELINE.scopes());
    HttpResponse<String> first = get(api + USAGE, reader, 200);
    HttpResponse<String> page = first;
    for (int i = 0; i < PAGES; i++) {
      Matcher next = NEXT.matcher(page.body());
      page = get(next.find() ? next.group(1) : api + USAGE, reader, 200);
    }
    for (String query :
        List.of(
            "?filter=" + encode("account_id in ('customer-001','customer-002')"),
            "?order_by=month:asc&filter=" + encode("month ge '2026-01' and not type eq 'CALL'"),
            "?order_by=account_id:asc&filter=" + encode("wallet_name eq null"),
            "?order_by=product_id:desc&page=3&per_page=20",
            "?filter=" + encode("contains(product_id, 'voice')"))) {
      get(api + USAGE + query, reader, 200);
    }
    String tag = first.headers().firstValue("ETag").orElseThrow();
    get(api + USAGE, reader, 304, "If-None-Match", tag);
    for (String type : List.of("text/csv", "application/x-ndjson")) {
      get(api + USAGE, reader, 200, "Accept", type, "Accept-Encoding", "gzip");
      get(api + USAGE, reader, 200, "Accept", type);
    }
    Matcher id = ID.matcher(first.body());
    if (!id.find()) {
      throw new IOException("a page without an aggregate");
    }
    get(api + USAGE + "/" + id.group(1), reader, 200);
    get(api + USAGE + "/" + id.group(1) + "/records", reader, 200);
    get(api + "/express/accounts?order_by=name:asc", reader, 200);
    get(api + "/express/accounts/customer-001", reader, 200);

    for (Map.Entry<String, String> body : BODIES.entrySet()) {
      answer(
          request(api + "/express/usage/records", pipeline)
              .header("Content-Type", body.getKey())
              .POST(BodyPublishers.ofString(body.getValue())),
          200);
    }
    for (String rows : List.of(CHARGE + CHARGE.replace("GB", "TB"), CHARGE)) {
      answer(
          request(api + IMPORT, pipeline)
              .header("Content-Type", "text/csv")
              .PUT(BodyPublishers.ofString(CHARGES + rows)),
          200);
    }
    get(api + IMPORT, pipeline, 200);
    answer(request(api + IMPORT, pipeline).DELETE(), 200);

    get(api + USAGE + "?per_page=0&fitler=x", reader, 400);
    get(api + USAGE + "?filter=" + encode("account_id eq 'nobody'"), reader, 403);
    get(api + USAGE, pipeline, 403);
    get(api + USAGE, "bad", 401);
    get(api + "/q/openapi", reader, 200);
    get(management + "/q/health/live", reader, 200);
    get(management + "/q/metrics", reader, 200);
  }

  private static final Map<String, String> BODIES =
      Map.of(
          "application/x-ndjson",
          """
          {"id":"t1","account_id":"acme-eu","product_id":"p","occurred_at":"2026-01-01T00:00:00Z",\
          "type":"CALL","currency":"EUR","unit":"MINUTES","number_of_units":2,"total_amount":0.025}
          """,
          "text/csv",
          """
          id,account_id,product_id,occurred_at,type,currency,unit,number_of_units,total_amount
          t2,acme-eu,p,2026-01-01T00:00:00Z,CALL,EUR,MINUTES,2,0.025
          """,
          "application/cloudevents-batch+json",
          """
          [{"specversion":"1.0","source":"/t","id":"3","type":"t","time":"2026-01-01T00:00:00Z",
          "data":{"account_id":"acme-eu","product_id":"p","type":"CALL","currency":"EUR",
          "unit":"MINUTES","number_of_units":2,"total_amount":0.025}}]
          """);

  private static final String CHARGES =
      """
      BillingAccountId,BillingAccountName,SubAccountId,SubAccountName,SkuId,SkuPriceId,\
      ServiceName,ChargePeriodStart,ChargeDescription,BillingCurrency,PricingUnit,ListUnitPrice,\
      PricingQuantity,BilledCost
      """;

  private static final String CHARGE =
      "t,T,t-1,T1,S,P,Storage,2026-01-01T00:00:00Z,Storage,EUR,GB,0.1,2,0.2\n";

  private void waitUntilReady(Process process, String management)
      throws IOException, InterruptedException {
    while (true) {
      if (!process.isAlive()) {
        throw new IOException("the server ended with " + process.exitValue());
      }
      try {
        get(management + "/q/health/ready", "none", 200);
        return;
      } catch (IOException e) {
        TimeUnit.MILLISECONDS.sleep(200);
      }
    }
  }

  @CanIgnoreReturnValue
  private HttpResponse<String> get(String address, String token, int status, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = request(address, token);
    return answer(headers.length == 0 ? request : request.headers(headers), status);
  }

  private static HttpRequest.Builder request(String address, String token) {
    return HttpRequest.newBuilder(URI.create(address))
        .timeout(DEADLINE)
        .header("Authorization", "Bearer " + token);
  }

  @CanIgnoreReturnValue
  private HttpResponse<String> answer(HttpRequest.Builder request, int status)
      throws IOException, InterruptedException {
    HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
    if (response.statusCode() != status) {
      throw new IOException(
          response.uri() + " answered " + response.statusCode() + ": " + response.body());
    }
    return response;
  }

  private String value(String setting) {
    return config.getValue(setting, String.class);
  }

  private static String variable(String setting) {
    return setting.replaceAll("[.-]", "_").toUpperCase(Locale.ROOT);
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
