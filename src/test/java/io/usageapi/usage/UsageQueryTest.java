package io.usageapi.usage;

import static io.usageapi.fixture.RawRequest.encode;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.usageapi.aggregate.Dimension;
import io.usageapi.aggregate.Granularity;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorBody;
import io.usageapi.error.ErrorCode;
import io.usageapi.error.FieldError;
import io.usageapi.filter.Filter;
import io.usageapi.filter.Filter.Operator;
import io.usageapi.http.Link;
import io.usageapi.page.Cursor;
import io.usageapi.page.PageStart;
import io.usageapi.page.Position;
import io.usageapi.security.OrganizationId;
import io.usageapi.text.Texts;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class UsageQueryTest {
  private static final OrganizationId ACME = new OrganizationId("acme");
  private static final String ID = "0a7c0f0d1b3c4b8b9d2f6c5e4a3b2c1d";
  private static final PageStart AFTER = new PageStart.After(new Position(List.of(ID)));

  private static UsageQuery read(String rawQuery) {
    return UsageQuery.of(ACME, Granularity.MONTH, rawQuery);
  }

  private static UsageQuery filtered(String filter) {
    return read("filter=" + encode(filter));
  }

  private static ErrorBody refusal(String rawQuery) {
    ApiException thrown = catchThrowableOfType(ApiException.class, () -> read(rawQuery));
    assertThat(thrown).as(rawQuery).isNotNull();
    assertThat(thrown.body().code().status()).isEqualTo(400);
    assertThat(thrown.body().fields())
        .allSatisfy(field -> assertThat(field.description()).isNotBlank());
    return thrown.body();
  }

  private static void assertRefused(String rawQuery, ErrorCode code, String... names) {
    ErrorBody body = refusal(rawQuery);
    assertThat(body.code()).as(rawQuery).isEqualTo(code);
    assertThat(body.fields().stream().map(FieldError::name))
        .as(rawQuery)
        .containsExactlyInAnyOrder(names);
  }

  private static void assertInvalid(String rawQuery, String... names) {
    assertRefused(rawQuery, ErrorCode.INVALID_PARAMETER, names);
  }

  // What is asked.

  @ParameterizedTest
  @NullAndEmptySource
  void without_parameters_the_defaults_hold(String rawQuery) {
    UsageQuery query = read(rawQuery);
    assertThat(query.organization()).isEqualTo(ACME);
    assertThat(query.perPage()).isEqualTo(50);
    assertThat(query.order()).isEqualTo(UsageOrder.ID_DESC);
    assertThat(query.filter()).isEmpty();
    assertThat(query.selection().filter().text()).isEmpty();
    assertThat(query.start()).isEqualTo(new PageStart.First());
    assertThat(query.page().given()).isEmpty();
    assertThat(query.selection().filter().namedAccounts()).isEmpty();
  }

  @Test
  void every_parameter_is_read() {
    UsageQuery query =
        read("per_page=10&page=3&order_by=month:asc&filter=account_id%20eq%20%27a%27");
    assertThat(query.perPage()).isEqualTo(10);
    assertThat(query.start()).isEqualTo(new PageStart.Jump(3, 20));
    assertThat(query.order()).isEqualTo(UsageOrder.MONTH_ASC);
    assertThat(query.selection().filter().text()).contains("account_id eq 'a'");
    assertThat(query.filter())
        .contains(new Filter.Compare(Dimension.ACCOUNT_ID.field().orElseThrow(), Operator.EQ, "a"));
  }

  @Test
  void what_is_included_is_read_and_links_keep_it_as_sent() {
    UsageQuery query = read("include=month_status,updated_at");
    assertThat(query.selection().include())
        .containsExactly(Include.UPDATED_AT, Include.MONTH_STATUS);
    assertThat(query.page().given()).isEqualTo(Map.of("include", "month_status,updated_at"));
    assertThat(read("").selection().include()).isEmpty();
    assertInvalid("include=month_status,month_status", "include");
    assertInvalid("include=updated_at%20", "include");
  }

  @Test
  void a_plus_is_a_space_and_an_encoded_plus_is_a_plus() {
    assertThat(read("filter=account_id+eq+'a%2Bb+c'").selection().filter().text())
        .contains("account_id eq 'a+b c'");
  }

  @Test
  void names_and_values_are_percent_decoded() {
    assertThat(read("per%5Fpage=%31%30&order_by=id%3aasc").perPage()).isEqualTo(10);
    assertThat(filtered("account_id eq 'ü&=% 😀'").selection().filter().text())
        .contains("account_id eq 'ü&=% 😀'");
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "50, 50", "250, 250", "007, 7", "0000000000000000050, 50"})
  void per_page_goes_from_1_to_250(String text, int perPage) {
    assertThat(read("per_page=" + text).perPage()).isEqualTo(perPage);
  }

  @Test
  void page_1_is_the_beginning() {
    assertThat(read("page=1").start()).isEqualTo(new PageStart.First());
    assertThat(read("page=2").start()).isEqualTo(new PageStart.Jump(2, 50));
  }

  @ParameterizedTest
  @CsvSource({"1, 100001", "50, 2001", "250, 401", "3, 33334"})
  void a_jump_passes_over_100000_aggregates_at_most(int perPage, int page) {
    assertThat(read("per_page=" + perPage + "&page=" + page).start())
        .isEqualTo(new PageStart.Jump(page, (page - 1) * perPage));
    String further = "per_page=" + perPage + "&page=" + (page + 1);
    assertInvalid(further, "page");
    assertThat(refusal(further).fields().get(0).description()).contains("100000", "next");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "999999999",
        "1000000000",
        "2147483647",
        "2147483648",
        "9999999999",
        "99999999999999999999999999999999"
      })
  void however_far_a_jump_is_the_error_points_to_next(String page) {
    assertInvalid("page=" + page, "page");
    assertThat(refusal("page=" + page).fields().get(0).description()).contains("next");
  }

  // What every 400 is for.

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "fitler=month+eq+'2024-01' | fitler",
        "Filter=month+eq+'2024-01' | Filter",
        "perPage=5                 | perPage",
        "per_page[]=5              | per_page[]",
        "organization_id=other     | organization_id",
        "account_id                | account_id",
        "per%20page=5              | per page"
      })
  void an_unknown_parameter_is_refused(String rawQuery, String name) {
    assertInvalid(rawQuery, name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "per_page=5&per_page=5",
        "per_page=5&per_page=6",
        "per_page=5&page=1&per%5fpage=6",
        "per_page=5&per_page=",
        "per_page=&per_page=5"
      })
  void a_parameter_given_twice_is_refused(String rawQuery) {
    assertInvalid(rawQuery, "per_page");
  }

  @ParameterizedTest
  @ValueSource(strings = {"per_page", "page", "filter", "order_by", "cursor"})
  void an_empty_parameter_is_refused(String name) {
    assertInvalid(name + "=", name);
    assertInvalid(name, name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "%",
        "%4",
        "%zz",
        "%4g",
        "%g4",
        "a%",
        "%-1",
        "%+5",
        "%5+",
        "% 5",
        "%%41", // not an encoding
        "%ff",
        "%c3",
        "%c3%28",
        "%a9",
        "%e2%82",
        "%f0%9f%98", // not UTF-8
        "%c0%af",
        "%e0%80%af", // longer than need be
        "%ed%a0%bd%ed%b8%80",
        "%ed%a0%80", // surrogates
        "%f4%90%80%80",
        "%f5%80%80%80", // past the last character
        "%00",
        "a%00b"
      })
  void a_malformed_value_is_refused(String value) {
    for (String name : List.of("per_page", "page", "filter", "order_by", "cursor")) {
      assertInvalid(name + "=" + value, name);
    }
    assertInvalid("filter=account_id+eq+'" + value + "'", "filter");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "-1",
        "+5",
        "%2B5",
        "5+",
        "+",
        "1.0",
        "1e1",
        "0x5",
        "five",
        "%D9%A3",
        "%EF%BC%95",
        "5,0",
        "%205",
        "null"
      })
  void a_number_is_ascii_digits_without_a_sign_from_1(String number) {
    assertInvalid("per_page=" + number, "per_page");
    assertInvalid("page=" + number, "page");
  }

  @ParameterizedTest
  @ValueSource(strings = {"251", "1000", "2147483648", "4294967297", "99999999999999999999"})
  void per_page_of_more_than_250_is_refused(String number) {
    assertInvalid("per_page=" + number, "per_page");
  }

  @ParameterizedTest
  @ValueSource(strings = {"id", "id:up", "ID:desc", "price:asc", "id:desc,month:asc", "id+desc"})
  void what_is_no_order_is_refused(String order) {
    assertInvalid("order_by=" + order, "order_by");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "&filter=month+in+('2026-01')",
        "&filter=month+ge+'2026-01'",
        "&filter=month+eq+'2026-01'+or+month+eq+'2026-01'",
        "&filter=not+month+eq+'2026-01'",
        "&filter=not+month+ne+'2026-01'",
        "&filter=currency+eq+'EUR'"
      })
  void an_order_by_amount_needs_a_filter_for_one_month(String filter) {
    assertInvalid("order_by=total_amount:desc" + filter, "order_by");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "month+eq+'2026-01'",
        "currency+eq+'EUR'+and+(type+eq+'CALL'+and+(month+eq+'2026-01'))"
      })
  void an_order_by_amount_takes_a_filter_for_one_month(String filter) {
    assertThat(read("order_by=total_amount:desc&filter=" + filter).order())
        .isEqualTo(UsageOrder.TOTAL_AMOUNT_DESC);
  }

  @Test
  void an_order_of_more_than_40_characters_is_refused() {
    assertInvalid("order_by=" + "x".repeat(41), "order_by");
  }

  @Test
  void the_length_of_a_filter_counts_characters_after_decoding() {
    String most = "account_id eq '" + "😀".repeat(1584) + "'";
    assertThat(most.codePointCount(0, most.length())).isEqualTo(1600);
    assertThat(filtered(most).selection().filter().text()).contains(most);
    String more = "account_id eq '" + "a".repeat(1585) + "'";
    assertThat(refusal("filter=" + encode(more)).fields())
        .singleElement()
        .satisfies(
            field -> {
              assertThat(field.name()).isEqualTo("filter");
              assertThat(field.description()).contains("1600");
            });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "account_id",
        "accounts eq 'a'",
        "month eq '2024-13'",
        "type gt 'CALL'",
        "type eq 'call'",
        "contains(month, '2')",
        "account_id eq null",
        "price eq '1'",
        "description eq 'x'"
      })
  void a_bad_filter_has_its_own_code_and_a_position(String filter) {
    String rawQuery = "per_page=5&filter=" + encode(filter);
    assertRefused(rawQuery, ErrorCode.INVALID_FILTER, "filter");
    assertThat(refusal(rawQuery).fields().get(0).description())
        .containsPattern("character [0-9]+")
        .contains("expected");
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "AQ", "AQ==", "%20", "null"})
  void a_bad_cursor_has_its_own_code(String cursor) {
    assertRefused("cursor=" + cursor, ErrorCode.INVALID_CURSOR, "cursor");
    assertRefused("per_page=5&cursor=" + cursor, ErrorCode.INVALID_CURSOR, "cursor");
  }

  @Test
  void a_cursor_of_another_filter_or_order_is_refused() {
    String cursor = new Cursor(AFTER, Cursor.Binding.of("month eq '2024-01'", "id:asc")).text();
    String filter = "&filter=" + encode("month eq '2024-01'");
    String otherFilter = "&filter=" + encode("month eq '2024-02'");
    assertThat(read("cursor=" + cursor + filter + "&order_by=id:asc").start()).isEqualTo(AFTER);
    assertRefused("cursor=" + cursor + filter, ErrorCode.INVALID_CURSOR, "cursor");
    assertRefused("cursor=" + cursor + "&order_by=id:asc", ErrorCode.INVALID_CURSOR, "cursor");
    assertRefused(
        "cursor=" + cursor + otherFilter + "&order_by=id:asc", ErrorCode.INVALID_CURSOR, "cursor");
  }

  @Test
  void a_cursor_is_not_bound_to_per_page() {
    String cursor = new Cursor(AFTER, Cursor.Binding.of(null, "id:desc")).text();
    assertThat(read("cursor=" + cursor + "&per_page=7").start()).isEqualTo(AFTER);
    assertThat(read("cursor=" + cursor + "&order_by=id:desc").start()).isEqualTo(AFTER);
  }

  @Test
  void a_cursor_whose_position_is_none_of_the_order_is_refused() {
    List<Position> positions =
        List.of(
            new Position(List.of()),
            new Position(List.of("zz")),
            new Position(List.of("2024-01", ID)),
            new Position(List.of("'; DROP TABLE account; --")));
    for (Position position : positions) {
      assertRefused(
          "cursor="
              + new Cursor(new PageStart.After(position), Cursor.Binding.of(null, "id:desc"))
                  .text(),
          ErrorCode.INVALID_CURSOR,
          "cursor");
      assertRefused(
          "cursor="
              + new Cursor(new PageStart.Before(position), Cursor.Binding.of(null, "id:desc"))
                  .text(),
          ErrorCode.INVALID_CURSOR,
          "cursor");
    }
  }

  @Test
  void beside_a_cursor_page_1_is_ignored_and_another_page_is_refused() {
    String cursor = new Cursor(AFTER, Cursor.Binding.of(null, "id:desc")).text();
    for (String query : List.of("page=1&cursor=" + cursor, "cursor=" + cursor + "&page=01")) {
      assertThat(read(query).start()).isEqualTo(AFTER);
      assertThat(read(query).page().given()).isEmpty();
    }
    assertInvalid("page=2&cursor=" + cursor, "page", "cursor");
    assertInvalid("page=2&cursor=x", "page", "cursor");
    assertInvalid("page=0&cursor=" + cursor, "page");
    assertInvalid("cursor=x&page=0", "page", "cursor");
    assertRefused("page=1&cursor=x", ErrorCode.INVALID_CURSOR, "cursor");
  }

  @Test
  void all_bad_parameters_are_named_at_once() {
    assertInvalid(
        "per_page=0&page=x&filter=accounts+eq+'a'&order_by=up&fitler=a",
        "per_page",
        "page",
        "filter",
        "order_by",
        "fitler");
    assertInvalid("filter=accounts+eq+'a'&cursor=x", "filter", "cursor");
    assertInvalid("per_page=251&cursor=x", "per_page", "cursor");
    assertInvalid("a=1&b=2&filter=%", "a", "b", "filter");
  }

  // The fields of the filter.

  @ParameterizedTest
  @ValueSource(strings = {"account_id", "product_id", "aggr_product_id", "wallet_name"})
  void ids_and_text_take_all_operators(String field) {
    for (String operator : List.of("eq", "ne", "gt", "ge", "lt", "le")) {
      assertThat(filtered(field + " " + operator + " 'x'").filter()).isPresent();
    }
    assertThat(filtered(field + " in ('x','y')").filter()).isPresent();
    assertThat(filtered("contains(" + field + ", 'x')").filter()).isPresent();
  }

  @ParameterizedTest
  @ValueSource(strings = {"aggr_product_id", "direction", "resolution", "wallet_name"})
  void fields_that_may_have_no_value_take_null(String field) {
    assertThat(filtered(field + " eq null").filter()).isPresent();
    assertThat(filtered(field + " ne null").filter()).isPresent();
  }

  @ParameterizedTest
  @ValueSource(strings = {"account_id", "month", "product_id", "type", "currency", "unit"})
  void fields_that_always_have_a_value_do_not(String field) {
    assertRefused("filter=" + field + "+eq+null", ErrorCode.INVALID_FILTER, "filter");
  }

  @ParameterizedTest
  @CsvSource({
    "type, AMD API_REQUEST CALL CALL_SERVICE CREDIT_COMMIT DIALER MESSAGE NUMBER PRODUCT_SERVICE"
        + " RECHARGE SPEECH_TRANSCRIPTION VOICEMAIL_TRANSCRIPTION OTHER",
    "direction, INBOUND OUTBOUND OTHER",
    "resolution, ABANDONED ANSWERED MACHINE MISSED VOICEMAIL OTHER",
    "unit, CHARS CONVERSATIONS GB MINUTES NUMBERS PAGES REQUESTS SECONDS SEGMENTS SESSIONS OTHER",
    "currency, EUR USD XXX"
  })
  void enums_and_the_currency_take_eq_ne_and_in(String field, String values) {
    for (String value : values.split(" ", -1)) {
      for (String test : List.of("eq '%s'", "ne '%s'", "in ('%s')")) {
        assertThat(filtered(field + " " + test.replace("%s", value)).filter()).isPresent();
      }
      assertRefused(
          "filter=" + encode(field + " gt '" + value + "'"), ErrorCode.INVALID_FILTER, "filter");
    }
  }

  // The 403 rule.

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "account_id eq 'a'                                              | a",
        "account_id ne 'a'                                              | a",
        "account_id in ('a','b','a')                                    | a b",
        "not account_id eq 'a'                                          | a",
        "not (month eq '2024-01' or not account_id in ('a','b'))        | a b",
        "account_id eq 'a' or account_id ne 'b' and account_id in ('c') | a b c",
        "month eq '2024-01' or (account_id eq 'a')                      | a"
      })
  void accounts_compared_by_eq_ne_or_in_are_named(String filter, String accounts) {
    assertThat(filtered(filter).selection().filter().namedAccounts())
        .isEqualTo(Set.of(accounts.split(" ", -1)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "contains(account_id, 'a')",
        "account_id gt 'a'",
        "account_id ge 'a'",
        "account_id lt 'a'",
        "account_id le 'a' and not account_id gt 'b'",
        "product_id eq 'a' or wallet_name ne 'b' or aggr_product_id in ('c')",
        "month eq '2024-01'"
      })
  void searching_names_no_account(String filter) {
    assertThat(filtered(filter).selection().filter().namedAccounts()).isEmpty();
  }

  // Links.

  @Test
  void a_link_keeps_what_was_given() {
    UsageQuery query = read("order_by=month%3Aasc&per_page=007&page=2&filter=month+eq+'2024-01'");
    assertThat(linked(query, new PageStart.First()))
        .isEqualTo("filter=month%20eq%20%272024-01%27&order_by=month%3Aasc&per_page=007");
    assertThat(linked(query, query.start())).endsWith("&page=2");
  }

  @Test
  void the_link_to_the_beginning_has_no_cursor() {
    UsageQuery query =
        read("cursor=" + new Cursor(AFTER, Cursor.Binding.of(null, "id:desc")).text());

    assertThat(linked(query, new PageStart.First())).isEmpty();
  }

  /** The query of the link to a place. */
  private static String linked(UsageQuery query, PageStart start) {
    return query
        .page()
        .link(start, new Link("").with(query.page().given()))
        .href()
        .replaceFirst("^[?]", "");
  }

  @Property
  void a_link_leads_where_it_says(
      @ForAll("queries") String rawQuery, @ForAll("places") PageStart.After place) {
    UsageQuery query = read(rawQuery);
    // A position of the query's own order.
    String id = place.position().values().get(1);
    Position position =
        query.order().columns(Granularity.MONTH).size() == 1
            ? new Position(List.of(id))
            : query.order().columns(Granularity.MONTH).get(0).equals("month")
                ? new Position(List.of("2024-02", id))
                : place.position();
    for (PageStart start :
        List.of(
            new PageStart.First(),
            new PageStart.After(position),
            new PageStart.Before(position),
            new PageStart.Last(),
            query.start())) {
      UsageQuery followed = read(linked(query, start));
      assertThat(followed.start()).isEqualTo(start);
      assertThat(followed.filter()).isEqualTo(query.filter());
      assertThat(followed.order()).isEqualTo(query.order());
      assertThat(followed.perPage()).isEqualTo(query.perPage());
    }
  }

  @Provide
  Arbitrary<String> queries() {
    Arbitrary<String> filters =
        Arbitraries.of(
            "", "&filter=" + encode("account_id eq 'a+b ü 😀&=%'"), "&filter=month+ge+'2024-01'");
    Arbitrary<String> orders =
        Arbitraries.of(UsageOrder.values())
            .filter(order -> UsageOrder.named(Granularity.MONTH, order.text()).isPresent())
            .filter(order -> !order.isByAmount())
            .map(order -> "&order_by=" + order.text());
    return Combinators.combine(filters, orders, Arbitraries.of("", "&page=1", "&page=7"))
        .as((filter, order, page) -> "per_page=20" + filter + order + page);
  }

  @Provide
  Arbitrary<PageStart.After> places() {
    Arbitrary<String> ids = Arbitraries.strings().withChars("0123456789abcdef").ofLength(32);
    Arbitrary<String> accounts = Texts.of(30).map(text -> "a" + text.replace("\0", ""));
    return Combinators.combine(accounts, ids)
        .as((account, id) -> new PageStart.After(new Position(List.of(account, id))));
  }
}
