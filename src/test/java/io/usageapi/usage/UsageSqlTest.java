package io.usageapi.usage;

import static org.assertj.core.api.Assertions.assertThat;

import io.usageapi.aggregate.Granularity;
import io.usageapi.security.OrganizationId;
import io.usageapi.sql.SqlQuery;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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
                51L,
                "acme"));
  }

  @Test
  void a_page_has_one_text_whatever_its_size_and_however_many_values_are_asked_for() {
    String page = "filter=" + in(5);
    assertThat(UsageSql.page(read(page + "&per_page=250")).text())
        .isEqualTo(UsageSql.page(read("per_page=1&filter=" + in(32))).text())
        .contains("LIMIT 251");
    assertThat(UsageSql.page(read("per_page=7")).text())
        .isEqualTo(UsageSql.page(read("per_page=50")).text());
  }

  @Test
  void only_texts_that_no_caller_makes_longer_or_more_stay_prepared() {
    Set<String> kept = new HashSet<>();
    for (String order : List.of("id:asc", "id:desc", "month:asc", "account_id:desc")) {
      for (String filter : List.of("", in(1), in(2), in(4), in(5), in(31), "type%20ne%20'CALL'")) {
        for (int perPage = 1; perPage <= 250; perPage++) {
          for (String more : List.of("", "&page=2", "&include=updated_at")) {
            String query = "order_by=" + order + "&per_page=" + perPage + more;
            String text =
                UsageSql.page(read(filter.isEmpty() ? query : query + "&filter=" + filter)).text();
            if (SqlQuery.isRepeated(text)) {
              kept.add(text);
            }
          }
        }
      }
    }
    // Without a filter one for each order; by id for 1, 2, 4 and more values one for each
    // direction.
    assertThat(kept).hasSize(4 + 2 * 4).allSatisfy(text -> assertThat(text).hasSizeLessThan(1500));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "page=2",
        "filter=contains(product_id,'x')",
        "filter=type%20eq%20'CALL'%20and%20currency%20eq%20'EUR'",
        "filter=type%20eq%20'CALL'&order_by=month:asc",
      })
  void what_no_index_serves_scans(String query) {
    assertThat(UsageSql.scans(read(query))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "per_page=250",
        "order_by=product_id:desc",
        "filter=type%20eq%20'CALL'",
        "filter=month%20in%20('2026-01','2026-02')",
        "filter=month%20ge%20'2026-01'%20and%20month%20lt%20'2026-07'",
      })
  void a_plain_page_does_not(String query) {
    assertThat(UsageSql.scans(read(query))).isFalse();
  }

  private static String in(int values) {
    return IntStream.range(0, values)
        .mapToObj(i -> "'a" + i + "'")
        .collect(Collectors.joining(",", "account_id%20in%20(", ")"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "account_id eq 'a'",
        "type eq 'CALL' and contains(product_id, 'x')",
        "month ge '2026-01' and month le '2026-06'",
      })
  void a_filter_that_an_index_serves_in_the_order_by_id_has_one_plan(String filter) {
    assertThat(UsageSql.hasGenericPlan(filtered(filter))).isTrue();
    assertThat(
            UsageSql.hasGenericPlan(
                read(
                    "order_by=month:asc&filter="
                        + URLEncoder.encode(filter, StandardCharsets.UTF_8))))
        .isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"month ge '2026-01'", "contains(account_id, 'a')", "currency eq 'EUR'"})
  void another_filter_is_planned_by_its_values(String filter) {
    assertThat(UsageSql.hasGenericPlan(filtered(filter))).isFalse();
  }

  @Test
  void every_order_without_a_filter_has_one_plan() {
    for (UsageOrder order : UsageOrder.values()) {
      if (UsageOrder.named(Granularity.MONTH, order.text()).isPresent() && !order.isByAmount()) {
        assertThat(UsageSql.hasGenericPlan(read("order_by=" + order.text()))).isTrue();
      }
    }
  }

  /** No index has the sums: a page by amount sorts the month. */
  @Test
  void an_order_by_amount_reads_its_month() {
    UsageQuery query = read("order_by=total_amount:desc&filter=month+eq+'2026-01'");

    assertThat(UsageSql.scans(query)).isTrue();
    assertThat(UsageSql.hasGenericPlan(query)).isFalse();
  }

  /** What Citus plans by its fast path: one table, no subquery, the organization named once. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "order_by=product_id:asc&include=updated_at",
        "page=3",
        "page=3&filter=month%20in%20('2026-01','2026-02')",
        "filter=account_id%20eq%20'a'",
        "filter=month%20ge%20'2026-01'%20and%20month%20lt%20'2026-02'",
        "filter=currency%20eq%20'EUR'%20and%20contains(product_id,'x')",
        "filter=type%20eq%20'CALL'&order_by=month:asc",
        "filter=month%20eq%20'2026-01'&order_by=total_amount:desc",
      })
  void on_a_cluster_a_page_is_a_plain_statement_on_one_table(String query) {
    assertThat(UsageSql.rowsOfMonths(read(query)).text())
        .containsOnlyOnce("SELECT ")
        .containsOnlyOnce("organization_id")
        .contains(" FROM monthly_usage m WHERE organization_id = $1")
        .doesNotContain("UNION", "JOIN");
  }

  @Test
  void on_a_cluster_few_texts_stay_prepared_too_and_several_values_are_not_merged() {
    Set<String> kept = new HashSet<>();
    for (String filter :
        List.of(
            "month eq '2026-01'",
            "month in ('2026-02')",
            "month ge '2026-01' and month le '2026-01' and month lt '2026-02'",
            "month in ('2026-01','2026-02')",
            "month ge '2026-01' and month le '2026-07'")) {
      SqlQuery rows = UsageSql.rowsOfMonths(filtered(filter));
      assertThat(SqlQuery.isRepeated(rows.text())).isTrue();
      kept.add(rows.text());
    }

    assertThat(kept).hasSize(2).noneMatch(text -> text.contains("UNION"));
  }
}
