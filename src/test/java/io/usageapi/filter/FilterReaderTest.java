package io.usageapi.filter;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import io.usageapi.filter.Field.Kind;
import io.usageapi.filter.Filter.And;
import io.usageapi.filter.Filter.Compare;
import io.usageapi.filter.Filter.Contains;
import io.usageapi.filter.Filter.IsNull;
import io.usageapi.filter.Filter.Not;
import io.usageapi.filter.Filter.OneOf;
import io.usageapi.filter.Filter.Operator;
import io.usageapi.filter.Filter.Or;
import io.usageapi.text.Texts;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
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

class FilterReaderTest {
  private static final Field ACCOUNT_ID = new Field("account_id", Kind.TEXT, false, Set.of());
  private static final Field WALLET_NAME = new Field("wallet_name", Kind.TEXT, true, Set.of());
  private static final Field MONTH = new Field("month", Kind.MONTH, false, Set.of());
  private static final Field TYPE =
      new Field("type", Kind.ENUM, false, Set.of("CALL", "API_REQUEST"));
  private static final Field DIRECTION =
      new Field("direction", Kind.ENUM, true, Set.of("INBOUND", "OUTBOUND"));
  private static final Field CURRENCY = new Field("currency", Kind.CURRENCY, false, Set.of());
  private static final FilterReader FILTERS =
      new FilterReader(List.of(ACCOUNT_ID, WALLET_NAME, MONTH, TYPE, DIRECTION, CURRENCY));
  private static final Pattern MESSAGE =
      Pattern.compile("at character ([0-9]+): expected .+", Pattern.DOTALL);

  private static final Filter A = account("a");
  private static final Filter B = account("b");
  private static final Filter C = account("c");

  private static Filter account(String id) {
    return new Compare(ACCOUNT_ID, Operator.EQ, id);
  }

  /** Reads a filter in which a single letter is short for an account. */
  private static Filter read(String text) {
    return FILTERS.read(text.replaceAll("\\b([abc])\\b", "account_id eq '$1'"));
  }

  private static void assertRefused(String text, int position, String expected) {
    assertThatExceptionOfType(FilterException.class)
        .isThrownBy(() -> FILTERS.read(text))
        .withMessageStartingWith("at character " + position + ": ")
        .withMessageContaining("expected")
        .withMessageContaining(expected);
  }

  @ParameterizedTest
  @EnumSource
  void a_comparison_is_a_field_an_operator_and_a_literal(Operator operator) {
    String word = operator.name().toLowerCase(Locale.ROOT);
    assertThat(FILTERS.read("account_id " + word + " 'acme-eu'"))
        .isEqualTo(new Compare(ACCOUNT_ID, operator, "acme-eu"));
    assertThat(FILTERS.read("month " + word + " '2023-08'"))
        .isEqualTo(new Compare(MONTH, operator, "2023-08"));
  }

  @Test
  void in_takes_one_literal_or_more() {
    assertThat(FILTERS.read("account_id in ('a')")).isEqualTo(new OneOf(ACCOUNT_ID, List.of("a")));
    assertThat(FILTERS.read("month in ('2023-08', '2023-09')"))
        .isEqualTo(new OneOf(MONTH, List.of("2023-08", "2023-09")));
    assertThat(FILTERS.read("direction in ('INBOUND','OUTBOUND')"))
        .isEqualTo(new OneOf(DIRECTION, List.of("INBOUND", "OUTBOUND")));
    assertThat(FILTERS.read("currency in ('EUR')")).isEqualTo(new OneOf(CURRENCY, List.of("EUR")));
  }

  @Test
  void contains_takes_a_text_field_and_a_literal() {
    assertThat(FILTERS.read("contains(account_id, '100%_')"))
        .isEqualTo(new Contains(ACCOUNT_ID, "100%_"));
  }

  @Test
  void null_stands_after_eq_and_ne() {
    assertThat(FILTERS.read("direction eq null")).isEqualTo(new IsNull(DIRECTION));
    assertThat(FILTERS.read("wallet_name ne null")).isEqualTo(new Not(new IsNull(WALLET_NAME)));
    assertThat(FILTERS.read("wallet_name eq 'null'"))
        .isEqualTo(new Compare(WALLET_NAME, Operator.EQ, "null"));
  }

  @Test
  void and_binds_closer_than_or() {
    assertThat(read("a or b and c")).isEqualTo(new Or(List.of(A, new And(List.of(B, C)))));
    assertThat(read("a and b or c")).isEqualTo(new Or(List.of(new And(List.of(A, B)), C)));
  }

  @Test
  void not_binds_closer_than_and() {
    assertThat(read("not a and b")).isEqualTo(new And(List.of(new Not(A), B)));
    assertThat(read("not a or b")).isEqualTo(new Or(List.of(new Not(A), B)));
    assertThat(read("a and not b or c"))
        .isEqualTo(new Or(List.of(new And(List.of(A, new Not(B))), C)));
    assertThat(read("not not a")).isEqualTo(new Not(new Not(A)));
  }

  @Test
  void parentheses_bind_closest() {
    assertThat(read("(a or b) and c")).isEqualTo(new And(List.of(new Or(List.of(A, B)), C)));
    assertThat(read("not (a and b)")).isEqualTo(new Not(new And(List.of(A, B))));
    assertThat(read("(((a)))")).isEqualTo(A);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "NOT A IN ('x') AND CONTAINS(A, 'y') OR A EQ NULL",
        "Not A In ('x') aNd Contains(A, 'y') oR A eQ nULL"
      })
  void keywords_are_taken_in_any_case(String text) {
    assertThat(FILTERS.read(text.replace("A ", "wallet_name ").replace("A,", "wallet_name,")))
        .isEqualTo(
            FILTERS.read(
                "not wallet_name in ('x') and contains(wallet_name, 'y') or wallet_name eq null"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"eq", "EQ", "ne", "Ne", "gt", "gT", "ge", "GE", "lt", "Lt", "le", "LE"})
  void operators_are_taken_in_any_case(String operator) {
    assertThat(FILTERS.read("month " + operator + " '2023-08'"))
        .isEqualTo(
            new Compare(MONTH, Operator.valueOf(operator.toUpperCase(Locale.ROOT)), "2023-08"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(not a)and(b or c)",
        "( not  a )  and\t( b\r\nor\nc )",
        "  (not a) and (b or c)  ",
        "(not(a))and((b)or(c))"
      })
  void white_space_is_free_between_tokens(String text) {
    assertThat(read(text)).isEqualTo(new And(List.of(new Not(A), new Or(List.of(B, C)))));
  }

  @Test
  void white_space_may_be_left_out_beside_a_literal() {
    assertThat(FILTERS.read("account_id eq'a'and account_id in('b','c')"))
        .isEqualTo(new And(List.of(A, new OneOf(ACCOUNT_ID, List.of("b", "c")))));
    assertThat(FILTERS.read("contains ( account_id , 'a' )"))
        .isEqualTo(new Contains(ACCOUNT_ID, "a"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "''''|'",
        "'it''s'|it's",
        "''''''|''",
        "'a'''|a'",
        "'''a'|'a",
        "'a and b or not (c)'|a and b or not (c)",
        "' a '|` a `",
        "'\"'|\"",
        "'\\'|\\",
        "'A'|A",
        "'日本 😀'|日本 😀"
      })
  void a_literal_is_kept_as_sent_but_for_doubled_quotes(String quoted, String literal) {
    assertThat(FILTERS.read("account_id eq " + quoted))
        .isEqualTo(new Compare(ACCOUNT_ID, Operator.EQ, literal));
    assertThat(FILTERS.read("account_id in ('x'," + quoted + ")"))
        .isEqualTo(new OneOf(ACCOUNT_ID, List.of("x", literal)));
    assertThat(FILTERS.read("contains(account_id," + quoted + ")"))
        .isEqualTo(new Contains(ACCOUNT_ID, literal));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0001-01", "2023-01", "2023-08", "2023-09", "2023-10", "2023-11", "2023-12", "9999-12"
      })
  void a_month_has_a_month_from_01_to_12(String month) {
    assertThat(FILTERS.read("month ge '" + month + "'"))
        .isEqualTo(new Compare(MONTH, Operator.GE, month));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "2023",
        "2023-00",
        "2023-13",
        "2023-8",
        "23-08",
        "2023-08-01",
        "2023/08",
        " 2023-08",
        "2023-08 ",
        "12023-08",
        "-2023-08",
        "٢٠٢٣-08",
        "August"
      })
  void what_is_no_month_is_refused(String month) {
    assertRefused("month ge '" + month + "'", 10, "month");
    assertRefused("month in ('2023-08', '" + month + "')", 22, "month");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "call", "Call", "CALLS", " CALL", "CALL ", "INBOUND"})
  void what_is_no_value_of_an_enum_is_refused(String value) {
    assertRefused("type eq '" + value + "'", 9, "CALL");
    assertRefused("type in ('CALL','" + value + "')", 17, "API_REQUEST");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "eur", "Eur", "EU", "EURO", "EÜR", " EUR", "E1R"})
  void a_currency_is_three_letters_a_to_z(String currency) {
    assertRefused("currency eq '" + currency + "'", 13, "three letters");
    assertRefused("currency in ('" + currency + "')", 14, "three letters");
  }

  @Test
  void any_three_letters_are_a_currency() {
    assertThat(FILTERS.read("currency ne 'XYZ'"))
        .isEqualTo(new Compare(CURRENCY, Operator.NE, "XYZ"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"gt", "ge", "lt", "le"})
  void enums_and_the_currency_have_no_order(String operator) {
    assertRefused("type " + operator + " 'CALL'", 6, "eq");
    assertRefused("direction " + operator + " 'INBOUND'", 11, "ne");
    assertRefused("currency " + operator + " 'EUR'", 10, "in");
  }

  @ParameterizedTest
  @ValueSource(strings = {"month", "type", "direction", "currency"})
  void contains_takes_text_only(String field) {
    assertRefused("contains(" + field + ", 'A')", 10, "text");
  }

  @ParameterizedTest
  @ValueSource(strings = {"account_id", "month", "type", "currency"})
  void null_is_refused_on_a_field_that_always_has_a_value(String field) {
    assertRefused(field + " eq null", field.length() + 5, "a literal in single quotes");
    assertRefused(field + " ne null", field.length() + 5, "a literal in single quotes");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"accounts", "Account_id", "ACCOUNT_ID", "account", "id", "organization_id", "_"})
  void field_names_are_exact(String name) {
    assertRefused(name + " eq 'a'", 1, "account_id");
    assertRefused("contains(" + name + ", 'a')", 10, "account_id");
    assertRefused("not (month eq '2023-08' or " + name + " in ('a'))", 28, "wallet_name");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        // Text that ends too early.
        "``                                  | 1  | a field",
        "account_id                          | 11 | eq",
        "account_id eq                       | 14 | a literal in single quotes",
        "account_id in                       | 14 | '('",
        "account_id in (                     | 16 | a literal in single quotes",
        "account_id in ('a'                  | 19 | ','",
        "account_id in ('a',                 | 20 | a literal in single quotes",
        "account_id eq 'a' and               | 22 | a field",
        "account_id eq 'a' or                | 21 | not",
        "(account_id eq 'a'                  | 19 | ')'",
        "not                                 | 4  | a field",
        "contains                            | 9  | '('",
        "contains(                           | 10 | a field",
        "contains(account_id                 | 20 | ','",
        "contains(account_id,                | 21 | a literal in single quotes",
        "contains(account_id, 'a'            | 25 | ')'",
        // What stands where something else was expected.
        "'a' eq account_id                   | 1  | a field",
        "eq 'a'                              | 1  | a field",
        "() and account_id eq 'a'            | 2  | a field",
        "account_id = 'a'                    | 12 | eq",
        "account_id 'a'                      | 12 | eq",
        "account_id like 'a'                 | 12 | eq",
        "account_id not eq 'a'               | 12 | eq",
        "account_id eq acme                  | 15 | a literal in single quotes",
        "account_id eq month                 | 15 | a literal in single quotes",
        "account_id eq 5                     | 15 | a literal in single quotes",
        "account_id eq \"acme\"              | 15 | a literal in single quotes",
        "account_id eq 'acme                 | 15 | a literal in single quotes",
        "account_id eq ('acme')              | 15 | a literal in single quotes",
        "account_id eq 'a' 'b'               | 19 | the end",
        "account_id eq 'a', 'b'              | 18 | the end",
        "account_id eq 'a')                  | 18 | the end",
        "account_id eq 'a' account_id eq 'b' | 19 | the end",
        "account_id eq 'a' and and           | 23 | a field",
        "account_id eq 'a' && month eq 'b'   | 19 | the end",
        "account_id eq 'a'; drop             | 18 | the end",
        "account_id eq 'a' -- b              | 19 | the end",
        "wallet_name gt null                 | 16 | a literal in single quotes",
        "wallet_name in null                 | 16 | '('",
        "wallet_name in (null)               | 17 | a literal in single quotes",
        "account_id in 'a'                   | 15 | '('",
        "account_id in ()                    | 16 | a literal in single quotes",
        "account_id in ('a',)                | 20 | a literal in single quotes",
        "account_id in ('a' 'b')             | 20 | ','",
        "contains account_id, 'a'            | 10 | '('",
        "contains(account_id)                | 20 | ','",
        "contains(account_id 'a')            | 21 | ','",
        "contains(account_id, null)          | 22 | a literal in single quotes",
        "contains('a', account_id)           | 10 | a field",
        "contains(account_id, 'a', 'b')      | 25 | ')'"
      })
  void an_error_names_the_position_and_what_was_expected(
      String text, int position, String expected) {
    assertRefused(text, position, expected);
  }

  @Test
  void white_space_counts_in_a_position() {
    assertRefused("account_id eq  ", 16, "a literal in single quotes");
    assertRefused(" \t\r\n", 5, "a field");
    assertRefused("\n\naccount_id\neq acme", 17, "a literal in single quotes");
  }

  @Test
  void a_position_counts_characters_whatever_their_encoding() {
    assertRefused("account_id eq '😀' oops", 19, "the end");
    assertRefused("account_id eq '😀😀' and month eq '2023-13'", 33, "month");
    assertRefused("account_id eq 'ü' oops", 19, "the end");
  }

  @Test
  void white_space_of_other_kinds_is_refused() {
    assertRefused("account_id\u00a0eq 'a'", 11, "eq");
    assertRefused("account_id eq\u3000'a'", 14, "a literal in single quotes");
    assertRefused("account_id eq 'a'\u000b", 18, "the end");
  }

  @Test
  void sixteen_levels_of_nesting_are_fine() {
    assertThat(read("(".repeat(16) + "a" + ")".repeat(16))).isEqualTo(A);
    assertThatNoException().isThrownBy(() -> read("not (".repeat(16) + "a" + ")".repeat(16)));
    assertThatNoException().isThrownBy(() -> read("not ".repeat(16) + "a"));
    assertThatNoException()
        .isThrownBy(() -> FILTERS.read("(".repeat(16) + "month in ('2023-08')" + ")".repeat(16)));
    assertThatNoException()
        .isThrownBy(() -> read("(a or ".repeat(16) + "contains(account_id, 'x')" + ")".repeat(16)));
  }

  @Test
  void nesting_is_bounded() {
    int most = FilterReader.MAX_DEPTH;
    assertThat(most).isEqualTo(32);
    assertThat(read("(".repeat(most) + "a" + ")".repeat(most))).isEqualTo(A);
    assertThatNoException().isThrownBy(() -> read("not ".repeat(most) + "a"));
    assertRefused("(".repeat(most + 1) + "a" + ")".repeat(most + 1), most + 1, "at most 32");
    assertRefused("not ".repeat(most + 1) + "a", 4 * most + 1, "at most 32");
  }

  @Test
  void nesting_is_not_the_number_of_parentheses() {
    String many = IntStream.range(0, 60).mapToObj(i -> "not (not a)").collect(joining(" and "));
    assertThatNoException().isThrownBy(() -> read(many));
  }

  @Test
  void endless_nesting_is_refused_at_once() {
    assertTimeout(
        Duration.ofSeconds(5),
        () -> {
          assertThatExceptionOfType(FilterException.class)
              .isThrownBy(() -> FILTERS.read("(".repeat(100_000)));
          assertThatExceptionOfType(FilterException.class)
              .isThrownBy(() -> FILTERS.read("not ".repeat(100_000)));
          assertThatExceptionOfType(FilterException.class)
              .isThrownBy(() -> FILTERS.read("not (".repeat(100_000)));
          assertThatExceptionOfType(FilterException.class)
              .isThrownBy(() -> FILTERS.read(")".repeat(50_000) + "(".repeat(100_000)));
        });
  }

  @Test
  void a_hundred_literals_are_fine() {
    assertThatNoException().isThrownBy(() -> FILTERS.read(inList(100)));
    assertThatNoException().isThrownBy(() -> read("a" + " or b".repeat(99)));
  }

  @Test
  void the_number_of_literals_is_bounded() {
    int most = FilterReader.MAX_LITERALS;
    assertThat(most).isEqualTo(200);
    assertThatNoException().isThrownBy(() -> FILTERS.read(inList(most)));
    // Each literal takes four characters with its comma, the first begins at 16.
    assertRefused(inList(most + 1), 16 + 4 * most, "at most 200");
  }

  private static String inList(int literals) {
    return "account_id in (" + "'a',".repeat(literals - 1) + "'a')";
  }

  @Property
  void any_literal_is_read_as_it_was_quoted(@ForAll("literals") String literal) {
    assertThat(FILTERS.read("account_id ne '" + literal.replace("'", "''") + "'"))
        .isEqualTo(new Compare(ACCOUNT_ID, Operator.NE, literal));
  }

  @Property
  void what_is_written_is_read(@ForAll("filters") Filter filter) {
    assertThat(FILTERS.read(write(filter))).isEqualTo(filter);
  }

  @Property
  void any_text_is_a_filter_or_has_an_error_at_a_position(@ForAll("tokens") String text) {
    try {
      assertThat(FILTERS.read(text)).isNotNull();
    } catch (FilterException e) {
      Matcher message = MESSAGE.matcher(e.getMessage());
      assertThat(message.matches()).as(e.getMessage()).isTrue();
      assertThat(Integer.parseInt(message.group(1)))
          .isBetween(1, text.codePointCount(0, text.length()) + 1);
    }
  }

  @Provide
  Arbitrary<String> literals() {
    return Texts.of(30);
  }

  @Provide
  Arbitrary<String> tokens() {
    Arbitrary<String> known =
        Arbitraries.of(
            "account_id",
            "wallet_name",
            "month",
            "type",
            "currency",
            "eq",
            "NE",
            "gt",
            "in",
            "and",
            "Or",
            "not",
            "null",
            "contains",
            "(",
            ")",
            ",",
            "'a'",
            "'2023-08'",
            "'CALL'",
            "'EUR'",
            "'",
            "😀",
            "account_id eq 'a'",
            "(month lt '2024-01')",
            "contains(account_id, 'x')");
    return Arbitraries.oneOf(known, known, known, Texts.of(4))
        .list()
        .ofMaxSize(12)
        .map(tokens -> String.join(" ", tokens));
  }

  @Provide
  Arbitrary<Filter> filters() {
    Arbitrary<Field> texts = Arbitraries.of(ACCOUNT_ID, WALLET_NAME);
    Arbitrary<Filter> leaves =
        Arbitraries.oneOf(
            Combinators.combine(texts, Arbitraries.of(Operator.values()), Texts.of(5))
                .as(Compare::new),
            Combinators.combine(texts, Texts.of(5).list().ofMinSize(1).ofMaxSize(3)).as(OneOf::new),
            Combinators.combine(texts, Texts.of(5)).as(Contains::new),
            Arbitraries.of(WALLET_NAME, DIRECTION).map(IsNull::new),
            Arbitraries.of("INBOUND", "OUTBOUND")
                .map(value -> new Compare(DIRECTION, Operator.NE, value)),
            Arbitraries.of("2023-08", "1999-12")
                .map(value -> new Compare(MONTH, Operator.LE, value)));
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

  private static String write(Filter filter) {
    if (filter instanceof And and) {
      return and.parts().stream().map(FilterReaderTest::write).collect(joining(" and ", "(", ")"));
    } else if (filter instanceof Or or) {
      return or.parts().stream().map(FilterReaderTest::write).collect(joining(" OR ", "( ", ")"));
    } else if (filter instanceof Not not) {
      return "not " + write(not.part());
    } else if (filter instanceof Compare compare) {
      return compare.field().name() + " " + compare.operator().name() + quote(compare.literal());
    } else if (filter instanceof OneOf oneOf) {
      return oneOf.literals().stream()
          .map(FilterReaderTest::quote)
          .collect(joining(", ", oneOf.field().name() + " in (", ")"));
    } else if (filter instanceof Contains contains) {
      return "Contains(" + contains.field().name() + ", " + quote(contains.literal()) + ")";
    }
    return ((IsNull) filter).field().name() + " eq null";
  }

  private static String quote(String literal) {
    return "'" + literal.replace("'", "''") + "'";
  }
}
