package io.usageapi.attack;

import static io.usageapi.fixture.RawRequest.encode;
import static org.assertj.core.api.Assertions.assertThat;

import io.usageapi.fixture.Api;
import io.usageapi.fixture.Load;
import io.usageapi.fixture.RatedRecord;
import io.usageapi.fixture.TestPostgres;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What one tenant can make the database do. {@code -Dtest.usageapi.aggregates=400000}, {@code
 * -Dtest.usageapi.seconds=} and {@code -Dtest.usageapi.filters=10000} are for the long form.
 */
@Tag("attack")
class StatementsAttackIT {
  private static final int AGGREGATES = Integer.getInteger("test.usageapi.aggregates", 60_000);
  private static final int SECONDS = Integer.getInteger("test.usageapi.seconds", 6);
  private static final int FILTERS = Integer.getInteger("test.usageapi.filters", 1_200);
  private static final int CLIENTS = 60;

  /** So that each is asked for many statements in a short time. */
  private static final int CONNECTIONS = 4;

  /**
   * What one process of Postgres may have of its own, in MiB: some 10 for catalogs and buffers, and
   * less than 20 for all that a connection keeps prepared.
   */
  private static final long MOST_OF_A_CONNECTION = 40;

  private static final Pattern NEXT = Pattern.compile("\"next\":\\{\"href\":\"([^\"]+)\"");

  @RegisterExtension
  static final Siege SIEGE =
      Siege.with(
          "quarkus.datasource.reactive.max-size=" + CONNECTIONS,
          "quarkus.datasource.reactive.additional-properties.application_name=statements-attack",
          "usage-api.database.acquire-timeout=2s");

  private final HttpClient http = HttpClient.newHttpClient();
  private final Tenant attacker = SIEGE.attacker();

  private HttpRequest get(String target) {
    return HttpRequest.newBuilder(SIEGE.server().resolve(target))
        .header("Authorization", "Bearer " + attacker.reader())
        .header("Accept", "application/json")
        .build();
  }

  @Test
  void what_one_reads_much_of_keeps_no_other_from_its_pages_totals_and_writes() throws Exception {
    TestPostgres.storeAggregates(attacker.organization(), attacker.account(), AGGREGATES);
    List<String> targets =
        List.of(
            Api.TOTALS + "?group_by=product_id&order_by=total_amount:desc",
            Api.TOTALS + "?group_by=month,account_id,product_id",
            Api.USAGE + "?page=" + Math.min(2_000, AGGREGATES / 50),
            Api.USAGE + "?filter=" + encode("contains(product_id, 'no such product')"),
            Api.USAGE
                + "?filter="
                + encode("account_id eq '" + attacker.account() + "' and wallet_name eq 'none'"),
            Api.DAYS + "?order_by=product_id:asc",
            Api.ACCOUNTS);
    AtomicInteger next = new AtomicInteger();
    Load load =
        new Load(
            CLIENTS, () -> get(targets.get(Math.floorMod(next.getAndIncrement(), targets.size()))));
    try (load) {
      TimeUnit.SECONDS.sleep((long) SECONDS * Siege.ROUNDS);
    }
    SIEGE.tried(load.answers().values().stream().mapToInt(Integer::intValue).sum());

    // Its own share serves it; past that it is told so.
    assertThat(load.answers(200)).isPositive();
    assertThat(load.answers(429)).isPositive();
    SIEGE.recovers(attacker);
  }

  @Test
  void however_many_different_filters_are_asked_for_postgres_keeps_its_memory() throws Exception {
    Assumptions.assumeTrue(Files.exists(Path.of("/proc/self/smaps_rollup")));
    Assumptions.assumeFalse(TestPostgres.isDistributed());
    for (int i = 0; i < 5; i++) {
      RatedRecord record = attacker.usage().of("p" + i).in("2026-0" + (i + 1));
      assertThat(attacker.post("application/x-ndjson", record.json()).send(SIEGE.server()).status())
          .isEqualTo(200);
      attacker.accepted(1);
    }
    Random random = new Random(14);
    Map<Integer, Integer> statuses = new TreeMap<>();
    List<String> refused = new ArrayList<>();
    List<Long> most = new ArrayList<>();
    List<Long> all = new ArrayList<>();
    int asked = FILTERS * Siege.ROUNDS;
    for (int i = 0; i < asked; i++) {
      HttpResponse<String> response = send(get(target(random)));
      statuses.merge(response.statusCode(), 1, Integer::sum);
      if (response.statusCode() != 200) {
        refused.add(response.uri() + " " + response.body());
      }
      Matcher link = NEXT.matcher(response.body());
      if (link.find() && i % 4 == 0) {
        // The page behind it: a cursor.
        statuses.merge(send(get(link.group(1))).statusCode(), 1, Integer::sum);
      }
      SIEGE.tried();
      if ((i + 1) % (asked / 6) == 0) {
        List<Long> connections = memoryOfConnections();
        most.add(Collections.max(connections));
        all.add(connections.stream().mapToLong(Long::longValue).sum());
      }
    }
    System.out.printf(
        "%d filters, MiB each sixth: the largest connection %s, all %d connections %s; %s%n",
        asked, most, CONNECTIONS, all, statuses);

    assertThat(refused).isEmpty();
    assertThat(statuses).containsOnlyKeys(200);
    assertThat(most)
        .allSatisfy(memory -> assertThat(memory).isLessThanOrEqualTo(MOST_OF_A_CONNECTION));
  }

  private HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
    return http.send(request, BodyHandlers.ofString());
  }

  /** Pages and totals of different filters, in different orders, of different sizes. */
  private String target(Random random) {
    String filter = "filter=" + encode(filter(random));
    if (random.nextInt(4) == 0) {
      List<String> fields =
          List.of("account_id", "product_id", "month", "type", "direction", "wallet_name");
      String group =
          fields.stream().filter(field -> random.nextBoolean()).collect(Collectors.joining(","));
      return Api.TOTALS + "?" + filter + (group.isEmpty() ? "" : "&group_by=" + group);
    }
    String order =
        List.of("id", "id", "id", "month", "account_id", "product_id").get(random.nextInt(6))
            + (random.nextBoolean() ? ":asc" : ":desc");
    return (random.nextInt(5) == 0 ? Api.DAYS : Api.USAGE)
        + "?"
        + filter
        + "&order_by="
        + order.replace("month", random.nextBoolean() ? "account_id" : "product_id")
        + "&per_page="
        + (1 + random.nextInt(250));
  }

  private String filter(Random random) {
    String rest =
        IntStream.rangeClosed(0, random.nextInt(4))
            .mapToObj(i -> comparison(random))
            .collect(Collectors.joining(random.nextBoolean() ? " and " : " or "));
    if (random.nextInt(3) > 0) {
      String many =
          IntStream.rangeClosed(1, 1 + random.nextInt(32))
              .mapToObj(i -> "'p" + i + "'")
              .collect(Collectors.joining(",", "product_id in (", ")"));
      return random.nextBoolean() ? many : many + " and (" + rest + ")";
    }
    return rest;
  }

  private static String comparison(Random random) {
    String field = List.of("product_id", "aggr_product_id", "wallet_name").get(random.nextInt(3));
    return switch (random.nextInt(4)) {
      case 0 -> "contains(" + field + ", 'x')";
      case 1 -> "not " + field + " in ('x','y')";
      case 2 -> "month ge '2026-01'";
      default ->
          field + " " + List.of("eq", "ne", "gt", "ge", "lt", "le").get(random.nextInt(6)) + " 'q'";
    };
  }

  /** What each of the server's connections has of its own in the database, in MiB. */
  private static List<Long> memoryOfConnections() throws Exception {
    List<Long> each = new ArrayList<>();
    try (Connection connection = TestPostgres.connect();
        Statement statement = connection.createStatement();
        ResultSet processes =
            statement.executeQuery(
                "SELECT pid FROM pg_stat_activity"
                    + " WHERE application_name = 'statements-attack'")) {
      while (processes.next()) {
        Path memory = Path.of("/proc", processes.getString(1), "smaps_rollup");
        each.add(
            Files.readAllLines(memory).stream()
                    .filter(line -> line.startsWith("Private_"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                    .sum()
                / 1024);
      }
    }
    assertThat(each).isNotEmpty();
    return each;
  }
}
