package io.usageapi.operator;

import static io.usageapi.fixture.Organization.anOrganization;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.usageapi.account.EveryOrganization;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.RatedRecord;
import io.usageapi.fixture.ServerResource;
import io.usageapi.fixture.TestPostgres;
import jakarta.inject.Inject;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.sql.SQLException;
import java.time.Duration;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where it is so configured, what comes late counts in the next month that is open. */
@QuarkusTest
@TestProfile(ServerResource.OffByDefault.class)
class LateRecordsTest {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  @Inject EveryOrganization organizations;
  @Inject SumsCheck sums;
  @Inject MonthClosing months;

  private final Organization acme = anOrganization();

  @BeforeEach
  void an_organization_with_an_account() {
    acme.account();
  }

  private int run(String line) {
    return new Operator(organizations, sums, null, months, null)
        .run(
            OperatorCommand.parse((line + " --organization " + acme).split(" ")),
            new PrintStream(new ByteArrayOutputStream(), true, UTF_8))
        .await()
        .atMost(PATIENCE);
  }

  private void close(String... closed) {
    Stream.of(closed)
        .forEach(month -> assertThat(run("close --month " + month)).isEqualTo(Operator.DONE));
  }

  private List<Map<String, Object>> rows(String month) {
    return acme.walk("filter", "month eq '" + month + "'");
  }

  @Test
  void it_counts_in_the_next_month_that_is_open_with_what_is_of_that_month() {
    acme.hasSent(aRecord().in("2026-01"));
    close("2026-01", "2026-02");

    acme.hasSent(aRecord().in("2026-01"), aRecord().in("2026-02"), aRecord().in("2026-03"));

    assertThat(Api.sum(rows("2026-01"), "number_of_units")).isEqualByComparingTo("1");
    assertThat(rows("2026-02")).isEmpty();
    List<Map<String, Object>> march = rows("2026-03");
    assertThat(march).hasSize(1);
    assertThat(Api.sum(march, "number_of_units")).isEqualByComparingTo("3");
    acme.asReader()
        .get(Api.USAGE + "/" + march.get(0).get("id") + "/records")
        .then()
        .statusCode(200)
        .body(
            "_embedded.records.occurred_at",
            equalTo(
                List.of("2026-01-15T12:00:00Z", "2026-02-15T12:00:00Z", "2026-03-15T12:00:00Z")));
    assertThat(run("sums")).isEqualTo(Operator.DONE);
  }

  @Test
  void it_counts_on_the_first_day_of_that_month() throws Exception {
    close("2026-01");

    acme.hasSent(aRecord().in("2026-01"), aRecord().in("2026-02"));

    assertThat(days()).isEqualTo("2026-02-01 1, 2026-02-15 1");
  }

  @Test
  void sent_again_it_is_a_duplicate_however_many_months_are_closed_since() {
    RatedRecord late = aRecord().in("2026-01");
    close("2026-01");
    acme.hasSent(late);
    close("2026-02");

    acme.sends(late, late.amount(5), late)
        .body("accepted", equalTo(0))
        .body("duplicates", equalTo(2))
        .body("errors.code", equalTo(List.of("conflict")));
    assertThat(rows("2026-03")).isEmpty();
    assertThat(Api.sum(rows("2026-02"), "total_amount")).isEqualByComparingTo("1");
  }

  @Test
  void where_no_month_is_open_up_to_the_last_there_may_be_it_is_rejected() {
    YearMonth last = YearMonth.now(ZoneOffset.UTC).plusMonths(2);
    for (YearMonth month = YearMonth.of(2026, 1);
        !month.isAfter(last);
        month = month.plusMonths(1)) {
      close(month.toString());
    }

    acme.sends(aRecord().in("2026-01"))
        .body("rejected", equalTo(1))
        .body("errors[0].code", equalTo("month_closed"));
  }

  private String days() throws SQLException {
    return TestPostgres.one(
        """
        SELECT string_agg(day || ' ' || number_of_units, ', ' ORDER BY day) FROM daily_usage
        WHERE organization_id = ?
        """,
        acme.id());
  }
}
