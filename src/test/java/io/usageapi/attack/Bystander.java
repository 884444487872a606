package io.usageapi.attack;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.PackagedServer;
import io.usageapi.fixture.RawRequest;
import io.usageapi.fixture.Tokens;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A tenant that reads pages and totals, writes a record at a time, and asks for health and metrics,
 * at a modest and constant pace, on connections it keeps and on new ones, with tokens the server
 * has seen and with new ones. An answer that is not 200, not right or not there within ten seconds
 * is a failed request. What is right: the page and the totals have every record that was answered
 * before they were asked for, and none that was not sent.
 */
final class Bystander {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final long PACE_MILLIS = 100;
  private static final long PROBE_MILLIS = 500;

  /** Every so many-th request is for totals, has a new token, comes by a new connection. */
  private static final int TOTALS = 4;

  private static final int NEW_TOKEN = 5;
  private static final int NEW_CONNECTION = 3;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final PackagedServer process;
  private final URI server;
  private final URI management;
  private final Tenant tenant;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(PATIENCE).build();
  private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(3);
  private final AtomicLong requests = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final AtomicLong sent = new AtomicLong();
  private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<String> unanswered = new ConcurrentLinkedQueue<>();
  private final long start = System.nanoTime();
  private long reads;
  private long writes;
  private long miscounted;
  private volatile long peakKib;

  private Bystander(PackagedServer process) {
    this.process = process;
    this.server = process.uri("/");
    this.management = process.managementUri("/");
    this.tenant = Tenant.on(server);
  }

  /** What a request found wrong. */
  private static final class Wrong extends Exception {
    private static final long serialVersionUID = 1L;

    Wrong(String what) {
      super(what);
    }
  }

  private interface Attempt {
    void run() throws Exception;
  }

  /** Makes one, which reads and writes until it is ended. */
  static Bystander on(PackagedServer process) {
    Bystander bystander = new Bystander(process);
    // So that there is an aggregate to read.
    bystander.write();
    bystander.every(PACE_MILLIS, bystander::read);
    bystander.every(PACE_MILLIS, bystander::write);
    bystander.every(PROBE_MILLIS, bystander::probe);
    bystander.every(PROBE_MILLIS, bystander::watchMemory);
    return bystander;
  }

  private void every(long millis, Runnable work) {
    ScheduledFuture<?> unused =
        threads.scheduleWithFixedDelay(work, 0, millis, TimeUnit.MILLISECONDS);
  }

  private void attempt(String what, Attempt attempt) {
    requests.incrementAndGet();
    long begin = System.nanoTime();
    try {
      attempt.run();
      long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
      if (millis > PATIENCE.toMillis()) {
        throw new Wrong("answered after " + millis + " ms");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      failed.incrementAndGet();
      failures.add("after %d s, %s: %s".formatted((begin - start) / 1_000_000_000, what, e));
    }
  }

  private void read() {
    reads++;
    String token = reads % NEW_TOKEN == 0 ? Tokens.reader(tenant.organization()) : tenant.reader();
    if (reads % TOTALS == 0) {
      attempt("totals", () -> check(Api.TOTALS + "?group_by=month", "totals", token));
    } else {
      attempt("page", () -> check(Api.USAGE, "usage", token));
    }
  }

  private void check(String target, String rows, String token) throws Exception {
    long atLeast = tenant.answered().get();
    String body = get(server, target, token, reads % NEW_CONNECTION == 0);
    JsonNode units = JSON.readTree(body).at("/_embedded/" + rows + "/0/number_of_units");
    if (!units.isNumber() || units.asLong() < atLeast || units.asLong() > sent.get()) {
      throw new Wrong("between %d and %d expected: %s".formatted(atLeast, sent.get(), body));
    }
  }

  private String get(URI at, String target, String token, boolean newConnection) throws Exception {
    if (newConnection) {
      RawRequest.Response response = RawRequest.get(target).token(token).send(at);
      return body(response.status(), response.text());
    }
    HttpResponse<String> response =
        http.send(
            HttpRequest.newBuilder(at.resolve(target))
                .timeout(PATIENCE)
                .header("Authorization", "Bearer " + token)
                .build(),
            BodyHandlers.ofString());
    return body(response.statusCode(), response.body());
  }

  private static String body(int status, String body) throws Wrong {
    if (status != 200) {
      throw new Wrong(status + " " + body);
    }
    return body;
  }

  private void write() {
    writes++;
    String token = writes % NEW_TOKEN == 0 ? Tokens.writer(tenant.organization()) : tenant.writer();
    String record = tenant.usage().json();
    sent.incrementAndGet();
    // Until it is answered.
    unanswered.add(record);
    attempt(
        "write",
        () -> {
          String body =
              writes % NEW_CONNECTION == 0 ? writeByNewConnection(record) : write(record, token);
          if (JSON.readTree(body).path("accepted").asInt() != 1) {
            throw new Wrong("not accepted: " + body);
          }
          unanswered.remove(record);
          tenant.accepted(1);
        });
  }

  private String writeByNewConnection(String record) throws Wrong {
    RawRequest.Response response = tenant.post("application/x-ndjson", record).send(server);
    return body(response.status(), response.text());
  }

  private String write(String record, String token) throws Exception {
    HttpResponse<String> response =
        http.send(
            HttpRequest.newBuilder(server.resolve(Api.RECORDS))
                .timeout(PATIENCE)
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"records\":[" + record + "]}"))
                .build(),
            BodyHandlers.ofString());
    return body(response.statusCode(), response.body());
  }

  private void probe() {
    attempt(
        "readiness",
        () -> {
          String health = get(management, "/q/health/ready", "none", false);
          if (!health.contains("UP")) {
            throw new Wrong(health);
          }
        });
    attempt(
        "metrics",
        () -> {
          String metrics = get(management, "/q/metrics", "none", false);
          if (!metrics.contains("jvm_memory_used_bytes")) {
            throw new Wrong(metrics);
          }
        });
  }

  /** Where the process ends, what was seen last is what there is. */
  private void watchMemory() {
    try {
      peakKib = Math.max(peakKib, process.peakKib());
    } catch (IOException e) {
      // It has just ended.
    }
  }

  /** The most memory the server had, in KiB. */
  long peakKib() {
    watchMemory();
    return peakKib;
  }

  /** Who it is. */
  Tenant tenant() {
    return tenant;
  }

  /** How many requests it has made. */
  long requests() {
    return requests.get();
  }

  /** How many of them failed. */
  long failed() {
    return failed.get();
  }

  /** What failed since this was last asked for. */
  List<String> failedSinceAsked() {
    List<String> since = new ArrayList<>();
    for (String failure = failures.poll(); failure != null; failure = failures.poll()) {
      since.add(failure);
    }
    return since;
  }

  /** How far off its sum is once everything it sent was answered; known when it is ended. */
  long miscounted() {
    return miscounted;
  }

  /** Ends, and sends what was not answered again, which may count by now and never counts twice. */
  void end() throws Exception {
    threads.shutdown();
    if (!threads.awaitTermination(3 * PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new IllegalStateException("the other tenant still waits for an answer");
    }
    for (String record : unanswered) {
      attempt(
          "write again",
          () -> {
            JsonNode body = JSON.readTree(write(record, tenant.writer()));
            if (body.path("accepted").asInt() + body.path("duplicates").asInt() != 1) {
              throw new Wrong("neither accepted nor known: " + body);
            }
          });
    }
    miscounted = tenant.units() - sent.get();
  }
}
