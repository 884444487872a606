package io.usageapi.attack;

import static org.assertj.core.api.Assertions.assertThat;

import io.restassured.RestAssured;
import io.usageapi.fixture.PackagedServer;
import io.usageapi.fixture.TestPostgres;
import io.usageapi.telemetry.Scrape;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The packaged server at the heap of the image, under attack, with another tenant beside it that
 * reads and writes throughout and must not notice: the {@link Bystander}.
 *
 * <p>A class of attacks is called {@code <Part>AttackIT}, has the tag {@code attack} and one siege:
 *
 * <pre>{@code
 * @Tag("attack")
 * class BodiesAttackIT {
 *   @RegisterExtension static final Siege SIEGE = Siege.with("usage-api.body-timeout=3s");
 *
 *   @Test
 *   void clients_that_hang_up_keep_no_place() throws Exception {
 *     Tenant attacker = SIEGE.attacker();
 *     for (int i = 0; i < 20 * Siege.ROUNDS; i++) {
 *       ... attacker.post(...).sendWithoutEnd(SIEGE.server(), CHUNKED).close();
 *       SIEGE.tried();
 *     }
 *     SIEGE.recovers(attacker);
 *   }
 * }
 * }</pre>
 *
 * <p>After each test it asserts that the process lives, that no request of the other tenant failed
 * since the test began, and that the server answered nothing with 500. After all it asserts that no
 * record was lost, of the other tenant's and of each attacker's that was answered as accepted
 * ({@link Tenant#accepted}), and adds a line to the table of all classes, which is printed and in
 * {@code target/attacks/figures.md}. What the server logs is in {@code target/attacks}.
 *
 * <p>{@code -Dtest.usageapi.rounds=} is for the long form: each attack is multiplied by it.
 */
public final class Siege implements BeforeAllCallback, AfterEachCallback, AfterAllCallback {
  /** How often each attack is repeated: once, unless a system property says otherwise. */
  public static final int ROUNDS = Integer.getInteger("test.usageapi.rounds", 1);

  /** 60 % of the 768 MiB that the deployment has, and the collector of the image. */
  private static final List<String> AS_IN_THE_IMAGE =
      List.of("-Xmx460m", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError");

  private static final Path FOLDER = Path.of("target", "attacks");

  private final List<String> settings;
  private final AtomicLong tried = new AtomicLong();
  private final ConcurrentLinkedQueue<Tenant> attackers = new ConcurrentLinkedQueue<>();
  private final HttpClient http = HttpClient.newHttpClient();
  private PackagedServer server;
  private Bystander bystander;
  private Path folder;
  private double failures;

  private Siege(List<String> settings) {
    this.settings = settings;
  }

  /** A server with the settings it has by default. */
  public static Siege on() {
    return with();
  }

  /**
   * A server with settings beside those all have.
   *
   * @param settings each a name, {@code =} and a value
   */
  public static Siege with(String... settings) {
    return new Siege(List.of(settings));
  }

  /** Its address. */
  public URI server() {
    return server.uri("/");
  }

  /** Where it tells of its health and its metrics. */
  public URI management() {
    return server.managementUri("/");
  }

  /** The server itself. */
  public PackagedServer process() {
    return server;
  }

  /** What it has logged. */
  public Path log() {
    return folder.resolve("server.log");
  }

  /** What its metrics say. */
  public Scrape metrics() throws Exception {
    return Scrape.of(
        http.send(
                HttpRequest.newBuilder(server.managementUri("/q/metrics"))
                    .header("Accept", "text/plain")
                    .timeout(Duration.ofSeconds(10))
                    .build(),
                BodyHandlers.ofString())
            .body());
  }

  /** A new tenant with an account, to attack as: another for each test. */
  public Tenant attacker() {
    Tenant attacker = Tenant.on(server());
    attackers.add(attacker);
    return attacker;
  }

  /** Counts an attack. */
  public void tried() {
    tried(1);
  }

  /** Counts attacks. */
  public void tried(int attacks) {
    tried.addAndGet(attacks);
  }

  /**
   * Waits until a tenant can read, export and write again: whatever its attacks took was given
   * back.
   */
  public void recovers(Tenant tenant) throws Exception {
    tenant.recovers();
  }

  @Override
  public void beforeAll(ExtensionContext context) throws Exception {
    folder = FOLDER.resolve(context.getRequiredTestClass().getSimpleName());
    Files.createDirectories(folder);
    List<String> options = new ArrayList<>(AS_IN_THE_IMAGE);
    options.add("-Dusage-api.database.distributed=" + TestPostgres.isDistributed());
    settings.forEach(setting -> options.add("-D" + setting));
    server =
        PackagedServer.startLogging(TestPostgres.port(), log(), options.toArray(String[]::new));
    RestAssured.baseURI = "http://localhost";
    RestAssured.port = server().getPort();
    failures = internalErrors();
    bystander = Bystander.on(server);
  }

  @Override
  public void afterEach(ExtensionContext context) throws Exception {
    assertThat(server.isAlive()).as("the server lives; its log is %s", log()).isTrue();
    double before = failures;
    failures = internalErrors();
    assertThat(bystander.failedSinceAsked())
        .as("requests of the other tenant that failed during %s", context.getDisplayName())
        .isEmpty();
    assertThat(failures).as("answers with 500; the server's log is %s", log()).isEqualTo(before);
  }

  @Override
  public void afterAll(ExtensionContext context) throws Exception {
    if (server == null) {
      return;
    }
    try {
      if (bystander != null) {
        end(context);
      }
    } finally {
      // Its attackers' requests may still be there to wait for.
      server.kill();
      RestAssured.reset();
    }
  }

  private void end(ExtensionContext context) throws Exception {
    bystander.end();
    boolean alive = server.isAlive();
    long lost =
        Stream.concat(Stream.of(bystander.tenant()), attackers.stream())
            .mapToLong(Tenant::lost)
            .sum();
    Figures.add(
        new Figures(
            context.getRequiredTestClass().getSimpleName(),
            tried.get(),
            bystander.requests(),
            bystander.failed(),
            lost,
            bystander.peakKib() / 1024));
    assertThat(alive).as("the server lives; its log is %s", log()).isTrue();
    assertThat(bystander.failedSinceAsked()).as("requests of the other tenant").isEmpty();
    assertThat(bystander.miscounted())
        .as("what the other tenant's aggregates have more or less than was sent")
        .isZero();
    assertThat(lost).as("records lost").isZero();
  }

  private double internalErrors() throws Exception {
    return metrics().sum("http_server_requests_seconds_count", Map.of("status", "500"));
  }
}
