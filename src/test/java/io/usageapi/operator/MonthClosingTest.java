package io.usageapi.operator;

import static io.usageapi.fixture.Eventually.eventually;
import static io.usageapi.fixture.Organization.anOrganization;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.quarkus.test.junit.QuarkusTest;
import io.usageapi.account.EveryOrganization;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.RatedRecord;
import jakarta.inject.Inject;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A month that is closed takes no record any more. */
@QuarkusTest
class MonthClosingTest {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final int SENDERS = 4;
  private static final int BATCH = 20;

  /** Of no other test: it is closed for everyone. */
  private static final String MONTH_OF_ALL = "2001-07";

  @Inject EveryOrganization organizations;
  @Inject MonthClosing months;

  private final Organization acme = anOrganization();

  @BeforeEach
  void an_organization_with_an_account() {
    acme.account();
  }

  @CanIgnoreReturnValue
  private String run(String line) {
    ByteArrayOutputStream report = new ByteArrayOutputStream();
    int exitCode =
        new Operator(organizations, null, null, months, null)
            .run(OperatorCommand.parse(line.split(" ")), new PrintStream(report, true, UTF_8))
            .await()
            .atMost(PATIENCE);
    assertThat(exitCode).isEqualTo(Operator.DONE);
    return report.toString(UTF_8);
  }

  @CanIgnoreReturnValue
  private String close(String month) {
    return run("close --organization " + acme + " --month " + month);
  }

  private void closed(RatedRecord... records) {
    closed(acme, records);
  }

  private static void closed(Organization organization, RatedRecord... records) {
    organization
        .sends(records)
        .body("accepted", equalTo(0))
        .body("duplicates", equalTo(0))
        .body("rejected", equalTo(records.length))
        .body("errors[0].id", equalTo(records[0].fields().get("id")))
        .body("errors[0].code", equalTo("month_closed"));
  }

  private List<Map<String, Object>> rows() {
    return acme.walk();
  }

  @Test
  void what_comes_late_is_rejected_and_what_counted_before_is_a_duplicate() {
    RatedRecord before = aRecord().in("2026-01");
    acme.hasSent(before);

    assertThat(close("2026-01"))
        .isEqualToIgnoringNewLines("closed\tmonth=2026-01\torganizations=1\tchanged=1");

    closed(aRecord().in("2026-01"));
    acme.sends(before, aRecord().in("2026-02"), before.amount(2), aRecord().in("2026-01"))
        .body("accepted", equalTo(1))
        .body("duplicates", equalTo(1))
        .body("errors.index", equalTo(List.of(2, 3)))
        .body("errors.code", equalTo(List.of("conflict", "month_closed")));
    assertThat(rows()).hasSize(2);
  }

  @Test
  void a_month_that_nothing_was_sent_for_can_be_closed_too() {
    close("2026-03");

    closed(aRecord().in("2026-03"), aRecord().in("2026-03"));
    acme.hasSent(aRecord().in("2026-02"), aRecord().in("2026-04"));
  }

  @Test
  void of_one_identity_the_first_that_can_count_counts() {
    close("2026-03");
    RatedRecord late = aRecord().in("2026-03");
    RatedRecord kept = aRecord().in("2026-04").id((String) late.fields().get("id"));

    acme.sends(late, kept, late, kept)
        .body("accepted", equalTo(1))
        .body("duplicates", equalTo(1))
        .body("errors.index", equalTo(List.of(0, 2)))
        .body("errors.code", equalTo(List.of("month_closed", "conflict")));
  }

  @Test
  void the_previous_month_is_the_one_before_the_current_one() {
    YearMonth before = YearMonth.now(ZoneOffset.UTC).minusMonths(1);

    String report = close("previous");

    YearMonth after = YearMonth.now(ZoneOffset.UTC).minusMonths(1);
    assertThat(report).containsAnyOf("month=" + before + "\t", "month=" + after + "\t");
  }

  @Test
  void a_month_that_is_opened_takes_records_again() {
    acme.hasSent(aRecord());
    close("2026-01");
    assertThat(close("2026-01")).contains("changed=0");
    RatedRecord late = aRecord();
    closed(late);

    assertThat(run("open --organization " + acme + " --month 2026-01"))
        .isEqualToIgnoringNewLines("open\tmonth=2026-01\torganizations=1\tchanged=1");

    acme.hasSent(late);
    assertThat(run("open --organization " + acme + " --month 2026-01")).contains("changed=0");
  }

  @Test
  void another_organization_is_not_touched() {
    Organization other = anOrganization();
    other.account();

    close("2026-01");

    other.hasSent(aRecord());
  }

  @Test
  void a_month_is_closed_and_opened_for_all_and_for_those_to_come() {
    acme.hasSent(aRecord().in(MONTH_OF_ALL));
    Organization without = anOrganization();
    without.account();

    run("close --all --month " + MONTH_OF_ALL);
    Organization toCome = anOrganization();
    toCome.account();
    closed(aRecord().in(MONTH_OF_ALL));
    closed(without, aRecord().in(MONTH_OF_ALL));
    closed(toCome, aRecord().in(MONTH_OF_ALL));
    run("open --organization " + without + " --month " + MONTH_OF_ALL);
    without.hasSent(aRecord().in(MONTH_OF_ALL));

    run("open --all --month " + MONTH_OF_ALL);
    Organization later = anOrganization();
    later.account();
    acme.hasSent(
        aRecord().in(MONTH_OF_ALL),
        aRecord().account(without.account()).in(MONTH_OF_ALL),
        aRecord().account(toCome.account()).in(MONTH_OF_ALL),
        aRecord().account(later.account()).in(MONTH_OF_ALL));
  }

  @Test
  void what_is_sent_while_its_month_is_closed_is_in_before_or_is_late() throws Exception {
    ExecutorService senders = Executors.newFixedThreadPool(SENDERS);
    AtomicInteger bodies = new AtomicInteger();
    List<Future<Integer>> sending = new ArrayList<>();
    for (int i = 0; i < SENDERS; i++) {
      sending.add(senders.submit(sendUntilRejected(bodies)));
    }
    senders.shutdown();
    eventually("all are busy sending", () -> bodies.get() > 10 * SENDERS);

    close("2026-01");
    BigDecimal atTheClose = sumOf("2026-01");

    int accepted = 0;
    for (Future<Integer> sender : sending) {
      accepted += sender.get();
    }
    assertThat(accepted).isPositive();
    assertThat(atTheClose).isEqualByComparingTo(BigDecimal.valueOf(accepted));
    assertThat(sumOf("2026-01")).isEqualByComparingTo(atTheClose);
    // What came with them, of a month that is open, is all there.
    assertThat(sumOf("2026-02")).isGreaterThan(atTheClose);
  }

  /** How many records of January were accepted before it was closed; each with one of February. */
  private Callable<Integer> sendUntilRejected(AtomicInteger bodies) {
    return () -> {
      int accepted = 0;
      while (true) {
        List<RatedRecord> both =
            IntStream.range(0, 2 * BATCH)
                .mapToObj(i -> aRecord().in("2026-0" + (1 + i % 2)))
                .toList();
        int now = acme.sends(both).extract().jsonPath().getInt("accepted");
        assertThat(now).isIn(BATCH, 2 * BATCH);
        accepted += now - BATCH;
        bodies.incrementAndGet();
        if (now == BATCH) {
          return accepted;
        }
      }
    };
  }

  private BigDecimal sumOf(String month) {
    return Api.sum(
        acme.walk("filter", "month eq '" + month + "'", "per_page", 250), "number_of_units");
  }
}
