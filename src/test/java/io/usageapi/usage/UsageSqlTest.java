package io.usageapi.usage;

import static org.assertj.core.api.Assertions.assertThat;

import io.usageapi.security.OrganizationId;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UsageSqlTest {
  private static UsageQuery read(String rawQuery) {
    return UsageQuery.of(new OrganizationId("acme"), Granularity.MONTH, rawQuery);
  }

  private static UsageQuery filtered(String filter) {
    return read("filter=" + URLEncoder.encode(filter, StandardCharsets.UTF_8));
  }

  @Test
  void the_rows_of_each_value_are_merged() {
    assertThat(UsageSql.page(filtered("month in ('2026-01','2026-02','2026-03')")).text())
        .contains(
            "FROM ((SELECT * FROM monthly_usage WHERE organization_id = $1 AND month = $2"
                + " ORDER BY id DESC) UNION ALL"
                + " (SELECT * FROM monthly_usage WHERE organization_id = $3 AND month = $4"
                + " ORDER BY id DESC) UNION ALL ");
    assertThat(UsageSql.page(filtered("month ge '2026-01' and month lt '2026-04'")).arguments())
        .isEqualTo(
            Arrays.asList(
                "acme",
                LocalDate.of(2026, 1, 1),
                "acme",
                LocalDate.of(2026, 2, 1),
                "acme",
                LocalDate.of(2026, 3, 1),
                "acme",
                null,
                "acme"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "account_id eq 'a'",
        "type eq 'CALL' and contains(product_id, 'x')",
        "month ge '2026-01' and month le '2026-06'",
      })
  void a_filter_that_an_index_serves_in_the_order_by_id_has_one_plan(String filter) {
    assertThat(UsageSql.hasOnePlan(filtered(filter))).isTrue();
    assertThat(
            UsageSql.hasOnePlan(
                read(
                    "order_by=month:asc&filter="
                        + URLEncoder.encode(filter, StandardCharsets.UTF_8))))
        .isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"month ge '2026-01'", "contains(account_id, 'a')", "currency eq 'EUR'"})
  void another_filter_is_planned_by_its_values(String filter) {
    assertThat(UsageSql.hasOnePlan(filtered(filter))).isFalse();
  }

  @Test
  void every_order_without_a_filter_has_one_plan() {
    for (UsageOrder order : UsageOrder.values()) {
      if (UsageOrder.named(Granularity.MONTH, order.text()).isPresent()) {
        assertThat(UsageSql.hasOnePlan(read("order_by=" + order.text()))).isTrue();
      }
    }
  }
}
