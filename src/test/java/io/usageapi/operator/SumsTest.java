package io.usageapi.operator;

import static io.usageapi.fixture.Organization.anOrganization;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.junit.QuarkusTest;
import io.usageapi.account.EveryOrganization;
import io.usageapi.aggregate.total.MonthTotal;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.RatedRecord;
import io.usageapi.fixture.TestPostgres;
import jakarta.inject.Inject;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Aggregates are held against their records, and what differs is found and repaired. */
@QuarkusTest
class SumsTest {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private static final String DAYS =
      "SELECT string_agg(concat_ws(' ', day, number_of_units, total_amount), ', '"
          + " ORDER BY day, aggregate_id) FROM daily_usage WHERE organization_id = ?";

  @Inject EveryOrganization organizations;
  @Inject SumsCheck sums;

  private final Organization acme = anOrganization();

  @BeforeEach
  void an_organization_with_an_account() {
    acme.account();
  }

  /**
   * What a command answered.
   *
   * @param exitCode its exit code
   * @param report the lines of its report
   */
  private record Answer(int exitCode, List<String> report) {
    List<String> differences() {
      return report.stream().filter(line -> line.startsWith("difference\t")).toList();
    }

    /** The differences of aggregates and days, without those of totals. */
    List<String> ofAggregates() {
      return differences().stream().filter(line -> line.contains("\taggregate=")).toList();
    }

    String summary() {
      return report.get(report.size() - 1);
    }
  }

  private Answer run(String... args) {
    ByteArrayOutputStream report = new ByteArrayOutputStream();
    int exitCode =
        new Operator(organizations, sums, null, null, null)
            .run(OperatorCommand.parse(args), new PrintStream(report, true, UTF_8))
            .await()
            .atMost(PATIENCE);
    return new Answer(exitCode, report.toString(UTF_8).lines().toList());
  }

  private Answer check() {
    return run("sums", "--organization", acme.id());
  }

  private Answer repair() {
    return run("sums", "--organization", acme.id(), "--repair");
  }

  @Test
  void sums_that_are_right_are_no_difference() {
    acme.hasSent(
        aRecord().units("1.5").amount(3),
        aRecord().units("-1.5").amount(-3),
        aRecord().in("2026-03"));

    Answer answer = check();

    assertThat(answer.exitCode()).isEqualTo(Operator.DONE);
    assertThat(answer.report())
        .containsExactly("summary\torganizations=1\taggregates=2\tdifferences=0\trepaired=0");
  }

  @Test
  void a_sum_that_is_wrong_is_found_and_repaired_and_the_data_version_moves() throws Exception {
    acme.hasSent(aRecord().units("1.5").amount("0.1"), aRecord().units(2).amount("0.2"));
    sql(
        "UPDATE monthly_usage SET number_of_units = number_of_units + 0.25 WHERE organization_id = ?");
    String id =
        text("SELECT replace(id::text, '-', '') FROM monthly_usage WHERE organization_id = ?");
    String version = text("SELECT version FROM data_version WHERE organization_id = ?");

    Answer found = check();

    assertThat(found.exitCode()).isEqualTo(Operator.DIFFERENCES);
    String line =
        String.join(
            "\t",
            "difference",
            "organization=" + acme,
            "month=2026-01",
            "aggregate=" + id,
            "account=" + acme,
            "units=3.75",
            "units_of_records=3.5",
            "units_difference=-0.25",
            "amount=0.3",
            "amount_of_records=0.3",
            "amount_difference=0",
            "repaired=");
    assertThat(found.ofAggregates()).containsExactly(line + "no");
    assertThat(found.summary())
        .isEqualTo(
            "summary\torganizations=1\taggregates=1\tdifferences=%d\trepaired=0"
                .formatted(1 + MonthTotal.FIELDS.size()));
    assertThat(text("SELECT version FROM data_version WHERE organization_id = ?"))
        .isEqualTo(version);

    Answer repaired = repair();

    assertThat(repaired.exitCode()).isEqualTo(Operator.DONE);
    assertThat(repaired.report())
        .containsExactly(
            line + "yes", "summary\torganizations=1\taggregates=1\tdifferences=1\trepaired=1");
    assertThat(text("SELECT version FROM data_version WHERE organization_id = ?"))
        .isNotEqualTo(version);
    assertThat(check().exitCode()).isEqualTo(Operator.DONE);
    assertThat(rows()).singleElement().satisfies(row -> assertThat(number(row)).isEqualTo("3.5"));
  }

  @Test
  void a_repair_that_finds_nothing_leaves_the_data_version_as_it_is() throws Exception {
    acme.hasSent(aRecord());
    String version = text("SELECT version FROM data_version WHERE organization_id = ?");

    assertThat(repair().exitCode()).isEqualTo(Operator.DONE);
    assertThat(text("SELECT version FROM data_version WHERE organization_id = ?"))
        .isEqualTo(version);
  }

  @Test
  void every_difference_of_more_aggregates_than_a_piece_holds_is_found() throws Exception {
    int products = 2 * SumsRepository.AT_A_TIME + 1;
    acme.hasSent(
        IntStream.range(0, products)
            .mapToObj(i -> aRecord().of("p" + i))
            .toArray(RatedRecord[]::new));
    sql("UPDATE monthly_usage SET total_amount = total_amount - 1 WHERE organization_id = ?");

    Answer found = check();

    assertThat(found.summary()).contains("\taggregates=" + products + "\t");
    assertThat(found.ofAggregates()).hasSize(products).doesNotHaveDuplicates();
    assertThat(repair().exitCode()).isEqualTo(Operator.DONE);
    assertThat(check().differences()).isEmpty();
  }

  /** Long, as those of all other tests are among them. */
  @Test
  @Tag("long")
  void all_organizations_are_gone_through_unless_one_is_named() throws Exception {
    Organization other = anOrganization();
    acme.hasSent(aRecord(), aRecord().account(other.account()));
    sql("UPDATE monthly_usage SET total_amount = 7 WHERE organization_id = ?");

    Answer all = run("sums");

    assertThat(all.exitCode()).isEqualTo(Operator.DIFFERENCES);
    assertThat(all.differences()).anyMatch(line -> line.contains("organization=" + acme));
    assertThat(run("sums", "--organization", other.id()).differences()).isEmpty();
    assertThat(repair().exitCode()).isEqualTo(Operator.DONE);
  }

  @Test
  void an_organization_that_is_not_there_is_a_misuse() {
    assertThat(run("sums", "--organization", "nobody-" + acme).exitCode())
        .isEqualTo(Operator.MISUSED);
  }

  @Test
  void records_without_an_aggregate_are_told_of_and_cannot_be_repaired() throws Exception {
    acme.hasSent(aRecord().units(4).amount(5), aRecord().of("other"));
    sql("DELETE FROM monthly_usage WHERE organization_id = ? AND product_id = 'voice'");

    Answer answer = repair();

    assertThat(answer.exitCode()).isEqualTo(Operator.DIFFERENCES);
    assertThat(answer.ofAggregates())
        .singleElement()
        .satisfies(
            line ->
                assertThat(line.split("\t"))
                    .contains("account=-", "units=-", "units_of_records=4", "amount_of_records=5")
                    .contains("repaired=impossible"));
  }

  @Test
  void months_whose_records_were_dropped_are_skipped_and_it_says_so() throws Exception {
    acme.hasSent(aRecord().in("2000-01"), aRecord().in("2026-01"));
    sql("UPDATE monthly_usage SET number_of_units = 9 WHERE organization_id = ?");
    try (Connection connection = TestPostgres.connect()) {
      connection.setAutoCommit(true);
      connection
          .createStatement()
          .execute("INSERT INTO record_retention VALUES ('2000-02-01', now(), NULL)");
      try {
        Answer answer = repair();

        assertThat(answer.exitCode()).isEqualTo(Operator.DONE);
        assertThat(answer.ofAggregates())
            .singleElement()
            .satisfies(line -> assertThat(line).contains("month=2026-01"));
        assertThat(answer.report())
            .contains(
                "skipped\torganization="
                    + acme
                    + "\tmonths before 2000-02: their records were dropped");
      } finally {
        connection.createStatement().execute("DELETE FROM record_retention");
      }
    }
    assertThat(rows().stream().map(SumsTest::number)).containsExactlyInAnyOrder("9", "1");
  }

  @Test
  void two_repairs_at_once_add_once() throws Exception {
    acme.hasSent(
        Stream.of("a", "b", "c", "d")
            .map(product -> aRecord().of(product))
            .toArray(RatedRecord[]::new));
    for (int round = 0; round < 5; round++) {
      sql("UPDATE monthly_usage SET number_of_units = 11 WHERE organization_id = ?");
      ExecutorService repairers = Executors.newFixedThreadPool(2);
      Future<Answer> one = repairers.submit(this::repair);
      Future<Answer> two = repairers.submit(this::repair);
      repairers.shutdown();

      assertThat(one.get().differences().size() + two.get().differences().size()).isEqualTo(4);
      assertThat(rows().stream().map(SumsTest::number)).containsExactly("1", "1", "1", "1");
    }
  }

  @Test
  void a_repair_while_batches_land_leaves_every_sum_right() throws Exception {
    int products = 60;
    int batches = 25;
    List<List<RatedRecord>> bodies = new ArrayList<>();
    for (int i = 0; i < batches; i++) {
      bodies.add(
          IntStream.range(0, products)
              .mapToObj(p -> aRecord().of("p" + p).units("0.1").amount("0.01"))
              .toList());
    }
    acme.hasSent(bodies.get(0).toArray(RatedRecord[]::new));
    ExecutorService senders = Executors.newFixedThreadPool(4);
    List<Future<?>> sent = new ArrayList<>();
    for (int sender = 0; sender < 4; sender++) {
      // All of them send the same, each from a place of its own.
      int from = sender * batches / 4;
      sent.add(
          senders.submit(
              () -> {
                for (int i = 0; i < batches; i++) {
                  acme.sends(bodies.get((from + i) % batches)).body("rejected", equalTo(0));
                }
              }));
    }
    senders.shutdown();
    int repaired = 0;
    do {
      // One at a time, so that it is not the test that deadlocks.
      for (String product : List.of("p0", "p7", "p8", "p59")) {
        sql(
            "UPDATE monthly_usage SET number_of_units = number_of_units + 1000"
                + " WHERE organization_id = ? AND product_id = '"
                + product
                + "'");
      }
      Answer answer = repair();
      assertThat(answer.exitCode()).isEqualTo(Operator.DONE);
      assertThat(answer.differences()).hasSize(4);
      repaired++;
    } while (!sent.stream().allMatch(Future::isDone));
    for (Future<?> each : sent) {
      each.get();
    }

    assertThat(repaired).isGreaterThan(1);
    assertThat(check().differences()).isEmpty();
    assertThat(rows())
        .hasSize(products)
        .allSatisfy(row -> assertThat(number(row)).isEqualTo("2.5"));
  }

  @Test
  void a_day_that_is_wrong_or_not_there_is_found_and_repaired() throws Exception {
    acme.hasSent(
        aRecord().with("occurred_at", "2026-01-31T23:59:59.999999Z").units(2).amount("0.2"),
        aRecord().with("occurred_at", "2026-01-01T00:00:00Z").units(3).amount("0.3"));
    sql("UPDATE daily_usage SET total_amount = 9 WHERE organization_id = ? AND day = '2026-01-31'");
    sql("DELETE FROM daily_usage WHERE organization_id = ? AND day = '2026-01-01'");

    Answer found = check();

    assertThat(found.exitCode()).isEqualTo(Operator.DIFFERENCES);
    assertThat(found.differences())
        .satisfiesExactly(
            line ->
                assertThat(line.split("\t"))
                    .contains("day=2026-01-01", "units=-", "units_of_records=3", "repaired=no"),
            line ->
                assertThat(line.split("\t"))
                    .contains(
                        "day=2026-01-31",
                        "units=2",
                        "units_difference=0",
                        "amount=9",
                        "amount_difference=-8.8"));
    assertThat(repair().summary()).endsWith("\taggregates=1\tdifferences=2\trepaired=2");
    assertThat(check().exitCode()).isEqualTo(Operator.DONE);
    assertThat(text(DAYS)).isEqualTo("2026-01-01 3 0.3, 2026-01-31 2 0.2");
  }

  @Test
  void days_that_are_repaired_while_batches_land_are_right() throws Exception {
    List<List<RatedRecord>> bodies = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      String day = "2026-01-%02dT08:00:00Z".formatted(1 + i % 5);
      bodies.add(
          IntStream.range(0, 40)
              .mapToObj(p -> aRecord().of("p" + p).with("occurred_at", day).units("0.1"))
              .toList());
    }
    acme.hasSent(bodies.get(0).toArray(RatedRecord[]::new));
    sql("DELETE FROM daily_usage WHERE organization_id = ?");
    ExecutorService senders = Executors.newFixedThreadPool(3);
    List<Future<?>> sent = new ArrayList<>();
    for (int sender = 0; sender < 3; sender++) {
      List<List<RatedRecord>> part = bodies.subList(sender * 10, sender * 10 + 10);
      sent.add(senders.submit(() -> part.forEach(body -> acme.sends(body))));
    }
    senders.shutdown();
    do {
      assertThat(repair().exitCode()).isEqualTo(Operator.DONE);
    } while (!sent.stream().allMatch(Future::isDone));
    for (Future<?> each : sent) {
      each.get();
    }

    assertThat(check().differences()).isEmpty();
    assertThat(text("SELECT sum(number_of_units) FROM daily_usage WHERE organization_id = ?"))
        .isEqualTo("120.0");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "UPDATE month_total SET total_amount = 9 WHERE field = 'product_id'"
            + " AND value = 'voice' AND organization_id = ? | amount=9 | amount_of_aggregates=3",
        "UPDATE month_total SET updated_at = '-infinity' WHERE field = 'type'"
            + " AND organization_id = ? | total=type CALL | amount=3",
        "DELETE FROM month_total WHERE field = 'direction' AND organization_id = ?"
            + " | total=direction - | amount=-",
        "UPDATE month_total SET month = '2025-01-01' WHERE field = 'resolution'"
            + " AND organization_id = ? | month=2025-01 | amount_of_aggregates=-"
      })
  void a_total_that_is_not_the_sum_of_its_aggregates_is_found_and_repaired(
      String damage, String is, String says) throws Exception {
    acme.hasSent(aRecord().units(2).amount(3));
    String version = text("SELECT version FROM data_version WHERE organization_id = ?");
    sql(damage);

    Answer found = check();

    assertThat(found.exitCode()).isEqualTo(Operator.DIFFERENCES);
    assertThat(found.differences())
        .anySatisfy(line -> assertThat(line.split("\t")).contains(is, says, "repaired=no"));
    assertThat(repair().exitCode()).isEqualTo(Operator.DONE);
    assertThat(check().report())
        .containsExactly("summary\torganizations=1\taggregates=1\tdifferences=0\trepaired=0");
    assertThat(text("SELECT version FROM data_version WHERE organization_id = ?"))
        .isNotEqualTo(version);
  }

  @Test
  void a_repair_of_totals_adds_only_the_months_up_that_differ() throws Exception {
    acme.hasSent(aRecord().amount(3), aRecord().in("2026-03").amount(4));
    String rows = "SELECT string_agg(ctid::text, ' ' ORDER BY field) FROM month_total";
    String untouched = rows + " WHERE month = '2026-03-01' AND organization_id = ?";
    String before = text(untouched);
    sql(
        "UPDATE month_total SET total_amount = 9"
            + " WHERE month = '2026-01-01' AND organization_id = ?");

    assertThat(repair().exitCode()).isEqualTo(Operator.DONE);

    assertThat(check().differences()).isEmpty();
    assertThat(text(untouched)).isEqualTo(before);
  }

  @Test
  void totals_that_an_earlier_release_made_stale_are_no_difference_and_a_repair_adds_them_up()
      throws Exception {
    acme.hasSent(aRecord().amount(3), aRecord().in("2026-03").amount(4));
    // An earlier release knows neither totals nor their version.
    sql("UPDATE monthly_usage SET total_amount = total_amount + 1 WHERE organization_id = ?");
    sql("UPDATE usage_record SET total_amount = total_amount + 1 WHERE organization_id = ?");
    sql("UPDATE daily_usage SET total_amount = total_amount + 1 WHERE organization_id = ?");
    sql("UPDATE data_version SET version = gen_random_uuid() WHERE organization_id = ?");
    acme.hasSent(aRecord().amount(5));

    Answer found = check();

    assertThat(found.exitCode()).isEqualTo(Operator.DONE);
    assertThat(found.report()).anyMatch(line -> line.startsWith("skipped\torganization=" + acme));
    assertThat(repair().report())
        .anyMatch(line -> line.startsWith("repaired\torganization=" + acme));
    assertThat(check().report())
        .containsExactly("summary\torganizations=1\taggregates=2\tdifferences=0\trepaired=0");
    assertThat(
            text(
                "SELECT string_agg(total_amount::text, ' ' ORDER BY month) FROM month_total"
                    + " WHERE field = 'type' AND organization_id = ?"))
        .isEqualTo("9 5");
  }

  private List<Map<String, Object>> rows() {
    return acme.walk("per_page", 250);
  }

  private static String number(Map<String, Object> row) {
    return new BigDecimal(row.get("number_of_units").toString()).toPlainString();
  }

  private void sql(String statement) throws SQLException {
    try (Connection connection = TestPostgres.connect();
        PreparedStatement prepared = connection.prepareStatement(statement)) {
      prepared.setString(1, acme.id());
      assertThat(prepared.executeUpdate()).isPositive();
    }
  }

  private String text(String query) throws SQLException {
    return TestPostgres.one(query, acme.id());
  }
}
