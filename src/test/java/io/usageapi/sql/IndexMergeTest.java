package io.usageapi.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.usageapi.filter.Field;
import io.usageapi.filter.Field.Kind;
import io.usageapi.filter.FilterException;
import io.usageapi.filter.FilterReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IndexMergeTest {
  private static final Field ACCOUNT_ID = new Field("account_id", Kind.TEXT, false, Set.of());
  private static final Field MONTH = new Field("month", Kind.MONTH, false, Set.of());
  private static final Field WALLET_NAME = new Field("wallet_name", Kind.TEXT, true, Set.of());
  private static final List<Field> INDEXED = List.of(ACCOUNT_ID, MONTH);
  private static final FilterReader FILTERS =
      new FilterReader(List.of(ACCOUNT_ID, MONTH, WALLET_NAME));

  private static Optional<IndexMerge> of(String filter) throws FilterException {
    return IndexMerge.of(FILTERS.read(filter), INDEXED);
  }

  private static String text(IndexMerge merge) {
    SqlBuilder sql = new SqlBuilder();
    merge.rest().ifPresent(rest -> FilterSql.append(rest, sql));
    return merge.field().name() + " of " + merge.values() + "; " + sql.build().text();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "account_id eq 'a'                                  | account_id of [a]; ",
        "account_id in ('a','b','a')                        | account_id of [a, b]; ",
        "month in ('2024-01','2023-08')                     | month of [2024-01, 2023-08]; ",
        "month ge '2023-11' and month le '2024-01'          | month of [2023-11, 2023-12,"
            + " 2024-01]; ",
        "month gt '2023-11' and month lt '2024-01'          | month of [2023-12]; ",
        "month gt '2023-01' and month ge '2023-03' and month le '2023-09' and month lt '2023-04' |"
            + " month of [2023-03]; ",
        "month eq '2024-01' and account_id eq 'a'           | account_id of [a]; (month = $1)",
        "(wallet_name eq 'w' and month eq '2024-01') and not month ne '2024-01' | month of"
            + " [2024-01]; (wallet_name = $1 AND month = $2)",
        "month eq '2024-01' and month le '2024-03'          | month of [2024-01]; (month <= $1)",
        "account_id eq 'a' and account_id eq 'b'            | account_id of [a]; (account_id = $1)",
        "account_id gt 'a' and month eq '2024-01'           | month of [2024-01]; (account_id >"
            + " $1)",
      })
  void what_a_filter_confines_a_field_to_is_told_from_the_rest(String filter, String expected)
      throws FilterException {
    assertThat(of(filter).map(IndexMergeTest::text).map(String::strip)).hasValue(expected.strip());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "account_id ne 'a'",
        "not account_id eq 'a'",
        "account_id eq 'a' or account_id eq 'b'",
        "account_id eq 'a' or month eq '2024-01'",
        "contains(account_id, 'a')",
        "wallet_name eq 'w'",
        "month ge '2024-01'",
        "month lt '2024-01'",
        "month ge '2024-02' and month le '2024-01'",
        "month ge '2000-01' and month le '2099-12'",
      })
  void nothing_is_made_of_a_filter_that_confines_none(String filter) throws FilterException {
    assertThat(of(filter)).isEmpty();
  }

  @Test
  void more_values_than_are_merged_are_not_few() throws FilterException {
    assertThat(of(accounts(IndexMerge.MAX))).isPresent();
    assertThat(of(accounts(IndexMerge.MAX + 1))).isEmpty();
    assertThat(of(accounts(IndexMerge.MAX + 1) + " and month eq '2024-01'").map(IndexMerge::field))
        .hasValue(MONTH);
  }

  @Test
  void values_are_filled_up_so_that_there_are_few_statements() throws FilterException {
    List<Integer> sizes = new ArrayList<>();
    for (int values = 1; values <= IndexMerge.MAX; values++) {
      IndexMerge merge = of(accounts(values)).orElseThrow();

      assertThat(merge.padded()).startsWith(merge.values().toArray());
      assertThat(merge.padded().subList(values, merge.padded().size()))
          .allSatisfy(filling -> assertThat(filling).isNull());
      sizes.add(merge.padded().size());
    }
    assertThat(sizes).startsWith(1, 2, 4, 4, 8).endsWith(32);
    assertThat(Set.copyOf(sizes)).containsExactlyInAnyOrder(1, 2, 4, 8, 16, 32);
  }

  private static String accounts(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> "'a" + i + "'")
        .collect(Collectors.joining(",", "account_id in (", ")"));
  }
}
