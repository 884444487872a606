package io.usageapi.totals;

import static io.usageapi.fixture.Organization.anOrganization;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.TestPostgres;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Totals come from the totals of months where these have all that was asked for. */
@QuarkusTest
class MonthTotalsTest {
  private static final String AMOUNT = "_embedded.totals[0].total_amount";

  @Inject StaleTotals stale;

  private final Organization acme = anOrganization();

  private void three_products() {
    acme.hasSent(aRecord().of("a").amount(1), aRecord().of("b").amount(2), aRecord().amount(4));
  }

  private List<String> totals(Object... query) {
    return acme.totals(query).walk("next").stream().map(row -> row.values().toString()).toList();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "include=updated_at",
        "group_by=month&include=updated_at,month_status&order_by=total_amount:desc",
        "group_by=month,product_id&filter=month ge '2026-01' and product_id ne 'a'",
        "group_by=month,unit&include=unit_word&filter=aggr_product_id eq null",
        "group_by=direction&kind=top_up&filter=currency eq 'EUR' or unit eq 'GB'",
        "group_by=month&filter=resolution eq null",
        "group_by=month,type"
      })
  void what_the_totals_of_months_answer_reads_no_aggregates(String query) throws Exception {
    three_products();
    acme.hasSent(
        aRecord().with("direction", "INBOUND").with("type", "RECHARGE").amount(7),
        aRecord().in("2026-02").with("aggr_product_id", "x").with("unit", "GB"));
    String answer = ask(query);

    // Only the aggregates are changed, and not the data version.
    change("UPDATE monthly_usage SET total_amount = 99 WHERE organization_id = ?");
    assertThat(ask(query)).isEqualTo(answer);
    for (String other : List.of("account_id", "wallet_name", "product_id,type")) {
      assertThat(acme.totals("group_by", other, "per_page", 1).json().getInt(AMOUNT) % 99).isZero();
    }
  }

  private String ask(String query) {
    return acme.asReader()
        .get(Api.TOTALS + "?" + query)
        .then()
        .statusCode(200)
        .extract()
        .asString();
  }

  @Test
  void totals_of_months_that_an_earlier_release_made_stale_are_not_read_until_they_are_added_up()
      throws Exception {
    three_products();
    assertThat(totals()).containsExactly("[EUR, MINUTES, 3, 7, 1]");
    // An earlier release moves aggregates and the data version, and knows no totals of months.
    change("UPDATE monthly_usage SET total_amount = 2 * total_amount WHERE organization_id = ?");
    change("UPDATE data_version SET version = gen_random_uuid() WHERE organization_id = ?");
    assertThat(totals()).containsExactly("[EUR, MINUTES, 3, 14, 1]");
    acme.hasSent(aRecord().of("a").amount(3));
    assertThat(totals()).containsExactly("[EUR, MINUTES, 4, 17, 1]");

    stale.run().await().atMost(Duration.ofMinutes(1));

    change("UPDATE monthly_usage SET total_amount = 0 WHERE organization_id = ?");
    assertThat(totals("group_by", "month")).containsExactly("[2026-01, EUR, MINUTES, 4, 17, 1]");
  }

  @Test
  void totals_of_months_are_right_when_they_are_added_up_while_records_land() throws Exception {
    ExecutorService sender = Executors.newSingleThreadExecutor();
    three_products();
    change("UPDATE data_version SET version = gen_random_uuid() WHERE organization_id = ?");
    Future<?> sent =
        sender.submit(
            () -> {
              for (int i = 0; i < 40; i++) {
                acme.hasSent(aRecord().of("p" + i % 3).in("2025-0" + (1 + i % 9)).amount(1));
              }
            });
    sender.shutdown();
    do {
      stale.run().await().atMost(Duration.ofMinutes(1));
      change("UPDATE data_version SET totals_version = NULL WHERE organization_id = ?");
    } while (!sent.isDone());
    sent.get();
    stale.run().await().atMost(Duration.ofMinutes(1));

    assertThat(totals()).containsExactly("[EUR, MINUTES, 43, 47, 1]");
    change("UPDATE monthly_usage SET total_amount = 0 WHERE organization_id = ?");
    assertThat(totals()).containsExactly("[EUR, MINUTES, 43, 47, 1]");
  }

  @Test
  void totals_of_months_that_another_server_adds_up_are_left_to_it_until_it_stops()
      throws Exception {
    three_products();
    String begun =
        "UPDATE data_version SET totals_version = version, totals_build = gen_random_uuid(),"
            + " totals_build_at = now() - interval '%s' WHERE organization_id = ?";
    change("DELETE FROM month_total WHERE field = 'type' AND organization_id = ?");

    change(begun.formatted("1 minute"));
    stale.run().await().atMost(Duration.ofMinutes(1));
    assertThat(builds()).isEqualTo("1");

    change(begun.formatted("1 hour"));
    stale.run().await().atMost(Duration.ofMinutes(1));
    assertThat(builds()).isEqualTo("0");
    change("UPDATE monthly_usage SET total_amount = 0 WHERE organization_id = ?");
    assertThat(totals("group_by", "type")).hasSize(1).first().asString().contains(" 7,");
  }

  @Test
  void totals_of_months_that_became_stale_again_do_not_wait_for_the_build_before()
      throws Exception {
    three_products();
    change(
        "UPDATE data_version SET version = gen_random_uuid(), totals_build = gen_random_uuid(),"
            + " totals_build_at = now() WHERE organization_id = ?");
    stale.run().await().atMost(Duration.ofMinutes(1));
    assertThat(builds()).isEqualTo("0");
  }

  @Test
  void totals_of_months_are_right_when_servers_start_at_once() throws Exception {
    three_products();
    change("UPDATE data_version SET version = gen_random_uuid() WHERE organization_id = ?");
    Uni.join()
        .all(stale.run(), stale.run(), stale.run())
        .andFailFast()
        .replaceWithVoid()
        .await()
        .atMost(Duration.ofMinutes(1));
    assertThat(builds()).isEqualTo("0");
    change("UPDATE monthly_usage SET total_amount = 0 WHERE organization_id = ?");
    assertThat(totals()).containsExactly("[EUR, MINUTES, 3, 7, 1]");
  }

  /** How many builds of the organization's totals are unfinished. */
  private String builds() throws SQLException {
    return TestPostgres.one(
        "SELECT count(totals_build)::text FROM data_version WHERE organization_id = ?", acme.id());
  }

  private void change(String statement) throws SQLException {
    assertThat(TestPostgres.one(statement + " RETURNING 1", acme.id())).isEqualTo("1");
  }
}
