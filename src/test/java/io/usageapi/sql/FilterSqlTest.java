package io.usageapi.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.usageapi.filter.Field;
import io.usageapi.filter.Field.Kind;
import io.usageapi.filter.Filter;
import io.usageapi.filter.Filter.And;
import io.usageapi.filter.Filter.Compare;
import io.usageapi.filter.Filter.Contains;
import io.usageapi.filter.Filter.IsNull;
import io.usageapi.filter.Filter.Not;
import io.usageapi.filter.Filter.OneOf;
import io.usageapi.filter.Filter.Operator;
import io.usageapi.filter.Filter.Or;
import io.usageapi.text.Texts;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class FilterSqlTest {
  private static final Field ACCOUNT_ID = new Field("account_id", Kind.TEXT, false, Set.of());
  private static final Field WALLET_NAME = new Field("wallet_name", Kind.TEXT, true, Set.of());
  private static final Field MONTH = new Field("month", Kind.MONTH, false, Set.of());

  private static final Filter A = new Compare(ACCOUNT_ID, Operator.EQ, "a");
  private static final Filter B = new Compare(MONTH, Operator.LT, "2024-01");
  private static final Filter C = new IsNull(WALLET_NAME);

  private static SqlQuery sql(Filter filter) {
    SqlBuilder sql = new SqlBuilder();
    FilterSql.append(filter, sql);
    return sql.build();
  }

  private static Filter not(Filter filter) {
    return new Not(filter);
  }

  @ParameterizedTest
  @CsvSource({
    "EQ, account_id = $1",
    "NE, account_id <> $1",
    "GT, account_id > $1",
    "GE, account_id >= $1",
    "LT, account_id < $1",
    "LE, account_id <= $1"
  })
  void a_comparison_binds_its_literal(Operator operator, String text) {
    SqlQuery sql = sql(new Compare(ACCOUNT_ID, operator, "a'b"));
    assertThat(sql.text()).isEqualTo(text);
    assertThat(sql.arguments()).containsExactly("a'b");
  }

  @ParameterizedTest
  @CsvSource({
    "EQ, account_id <> $1",
    "NE, account_id = $1",
    "GT, NOT (account_id > $1)",
    "GE, NOT (account_id >= $1)",
    "LT, NOT (account_id < $1)",
    "LE, NOT (account_id <= $1)"
  })
  void not_turns_a_comparison_round(Operator operator, String text) {
    assertThat(sql(not(new Compare(ACCOUNT_ID, operator, "a"))).text()).isEqualTo(text);
  }

  @Test
  void on_a_row_without_a_value_ne_is_true_with_and_without_not() {
    assertThat(sql(new Compare(WALLET_NAME, Operator.NE, "a")).text())
        .isEqualTo("wallet_name IS DISTINCT FROM $1");
    assertThat(sql(not(new Compare(WALLET_NAME, Operator.EQ, "a"))).text())
        .isEqualTo("wallet_name IS DISTINCT FROM $1");
    assertThat(sql(not(new Compare(WALLET_NAME, Operator.NE, "a"))).text())
        .isEqualTo("wallet_name = $1");
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.MATCH_ANY,
      names = {"G.", "L."})
  void on_a_row_without_a_value_the_opposite_of_a_range_is_true(Operator operator) {
    assertThat(sql(not(new Compare(WALLET_NAME, operator, "a"))).text())
        .isEqualTo("(wallet_name " + operator.sql() + " $1) IS NOT TRUE");
  }

  @Test
  void a_day_is_bound_as_it_is() {
    Field day = new Field("day", Kind.DAY, false, Set.of());
    assertThat(sql(new Compare(day, Operator.LT, "2023-08-31")).arguments())
        .containsExactly(LocalDate.of(2023, 8, 31));
    assertThat(sql(new OneOf(day, List.of("2024-02-29"))).arguments())
        .containsExactly((Object) new LocalDate[] {LocalDate.of(2024, 2, 29)});
  }

  @Test
  void a_month_is_bound_as_its_first_day() {
    SqlQuery compare = sql(new Compare(MONTH, Operator.GE, "2023-08"));
    assertThat(compare.text()).isEqualTo("month >= $1");
    assertThat(compare.arguments()).containsExactly(LocalDate.of(2023, 8, 1));
    SqlQuery oneOf = sql(new OneOf(MONTH, List.of("2023-08", "2023-12")));
    assertThat(oneOf.text()).isEqualTo("month = ANY ($1)");
    assertThat(oneOf.arguments())
        .containsExactly(
            (Object) new LocalDate[] {LocalDate.of(2023, 8, 1), LocalDate.of(2023, 12, 1)});
  }

  @Test
  void in_binds_one_array() {
    SqlQuery sql = sql(new OneOf(ACCOUNT_ID, List.of("a", "b,c", "{d}")));
    assertThat(sql.text()).isEqualTo("account_id = ANY ($1)");
    assertThat(sql.arguments()).containsExactly((Object) new String[] {"a", "b,c", "{d}"});
  }

  @Test
  void the_opposite_of_in_is_true_on_a_row_without_a_value() {
    assertThat(sql(not(new OneOf(ACCOUNT_ID, List.of("a")))).text())
        .isEqualTo("NOT (account_id = ANY ($1))");
    assertThat(sql(not(new OneOf(WALLET_NAME, List.of("a")))).text())
        .isEqualTo("(wallet_name = ANY ($1)) IS NOT TRUE");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "%", "_", "100%", "\\", "a_b\\%"})
  void contains_looks_for_the_literal_without_wildcards(String literal) {
    SqlQuery sql = sql(new Contains(ACCOUNT_ID, literal));
    assertThat(sql.text()).isEqualTo("strpos(account_id, $1) > 0");
    assertThat(sql.arguments()).containsExactly(literal);
  }

  @Test
  void the_opposite_of_contains_is_true_on_a_row_without_a_value() {
    assertThat(sql(not(new Contains(ACCOUNT_ID, "a"))).text())
        .isEqualTo("NOT (strpos(account_id, $1) > 0)");
    assertThat(sql(not(new Contains(WALLET_NAME, "a"))).text())
        .isEqualTo("(strpos(wallet_name, $1) > 0) IS NOT TRUE");
  }

  @Test
  void null_is_asked_for_without_an_argument() {
    assertThat(sql(new IsNull(WALLET_NAME)))
        .isEqualTo(new SqlQuery("wallet_name IS NULL", List.of()));
    assertThat(sql(not(new IsNull(WALLET_NAME))))
        .isEqualTo(new SqlQuery("wallet_name IS NOT NULL", List.of()));
  }

  @Test
  void what_is_joined_stands_in_parentheses() {
    SqlQuery sql = sql(new Or(List.of(A, new And(List.of(B, C)))));
    assertThat(sql.text()).isEqualTo("(account_id = $1 OR (month < $2 AND wallet_name IS NULL))");
    assertThat(sql.arguments()).containsExactly("a", LocalDate.of(2024, 1, 1));
    assertThat(sql(new And(List.of(new Or(List.of(A, C)), B))).text())
        .isEqualTo("((account_id = $1 OR wallet_name IS NULL) AND month < $2)");
  }

  @Test
  void not_is_pushed_down_to_the_leaves() {
    assertThat(sql(not(new Or(List.of(A, new And(List.of(B, C)))))).text())
        .isEqualTo("(account_id <> $1 AND (NOT (month < $2) OR wallet_name IS NOT NULL))");
    assertThat(sql(not(new And(List.of(not(A), C)))).text())
        .isEqualTo("(account_id = $1 OR wallet_name IS NOT NULL)");
  }

  @Test
  void placeholders_go_on_from_what_is_bound_already() {
    SqlBuilder builder = new SqlBuilder().append("organization_id = ").bind("acme").append(" AND ");
    FilterSql.append(new And(List.of(A, B)), builder);
    assertThat(builder.build())
        .isEqualTo(
            new SqlQuery(
                "organization_id = $1 AND (account_id = $2 AND month < $3)",
                List.of("acme", "a", LocalDate.of(2024, 1, 1))));
  }

  @Property
  void the_text_is_the_same_whatever_the_literals(@ForAll("filters") Filter filter) {
    assertThat(sql(filter).text()).isEqualTo(sql(mapped(filter, literal -> "x")).text());
  }

  @Property
  void no_literal_is_ever_in_the_text_and_every_one_in_the_arguments(
      @ForAll("filters") Filter filter) {
    List<String> literals = new ArrayList<>();
    // A letter no constant has, so that no literal is in the text by chance.
    Filter marked =
        mapped(
            filter,
            literal -> {
              literals.add("Ж" + literal);
              return "Ж" + literal;
            });
    SqlQuery sql = sql(marked);
    assertThat(sql.text()).doesNotContain("Ж").doesNotContain("'");
    List<Object> bound =
        sql.arguments().stream()
            .flatMap(
                a ->
                    a instanceof Object[] array
                        ? Arrays.stream(array)
                        : Arrays.stream(new Object[] {a}))
            .toList();
    assertThat(bound).isEqualTo(literals);
  }

  @Property
  void each_argument_has_its_placeholder(@ForAll("filters") Filter filter) {
    SqlQuery sql = sql(filter);
    String rest = sql.text();
    for (int i = 1; i <= sql.arguments().size(); i++) {
      int at = rest.indexOf("$" + i);
      assertThat(at).isNotNegative();
      rest = rest.substring(at + ("$" + i).length());
    }
    assertThat(rest).doesNotContain("$");
  }

  @Property
  void two_nots_are_none(@ForAll("filters") Filter filter) {
    assertThat(sql(not(not(filter))).text()).isEqualTo(sql(filter).text());
  }

  @Provide
  Arbitrary<Filter> filters() {
    Arbitrary<Field> fields = Arbitraries.of(ACCOUNT_ID, WALLET_NAME);
    Arbitrary<Filter> leaves =
        Arbitraries.oneOf(
            Combinators.combine(fields, Arbitraries.of(Operator.values()), Texts.of(10))
                .as(Compare::new),
            Combinators.combine(fields, Texts.of(10).list().ofMinSize(1).ofMaxSize(3))
                .as(OneOf::new),
            Combinators.combine(fields, Texts.of(10)).as(Contains::new),
            Arbitraries.just(C));
    return Arbitraries.recursive(
        () -> leaves,
        inner ->
            Arbitraries.oneOf(
                inner.map(Not::new),
                inner.list().ofMinSize(2).ofMaxSize(3).map(And::new),
                inner.list().ofMinSize(2).ofMaxSize(3).map(Or::new)),
        0,
        4);
  }

  /** The filter with other literals, which are mapped from left to right. */
  private static Filter mapped(Filter filter, UnaryOperator<String> literal) {
    if (filter instanceof And and) {
      return new And(and.parts().stream().map(part -> mapped(part, literal)).toList());
    } else if (filter instanceof Or or) {
      return new Or(or.parts().stream().map(part -> mapped(part, literal)).toList());
    } else if (filter instanceof Not not) {
      return new Not(mapped(not.part(), literal));
    } else if (filter instanceof Compare compare) {
      return new Compare(compare.field(), compare.operator(), literal.apply(compare.literal()));
    } else if (filter instanceof OneOf oneOf) {
      return new OneOf(oneOf.field(), oneOf.literals().stream().map(literal).toList());
    } else if (filter instanceof Contains contains) {
      return new Contains(contains.field(), literal.apply(contains.literal()));
    }
    return filter;
  }
}
