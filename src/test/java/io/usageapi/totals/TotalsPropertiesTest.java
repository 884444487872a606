package io.usageapi.totals;

import static io.restassured.path.json.config.JsonPathConfig.jsonPathConfig;
import static io.usageapi.fixture.Organization.anOrganization;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.path.json.config.JsonPathConfig.NumberReturnType;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.Page;
import io.usageapi.fixture.RatedRecord;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.RandomGenerator;
import net.jqwik.api.Tuple;
import net.jqwik.api.sessions.JqwikSession;
import org.junit.jupiter.api.Test;

/**
 * Over any usage, totals are what the pages of usage add up to, to the last digit. Each run draws
 * the same; {@code -Dtest.usageapi.seed=} and a number draws others, and a failure names its seed.
 */
@QuarkusTest
class TotalsPropertiesTest {
  private static final int RECORDS = 120;
  private static final int QUESTIONS = 30;

  private static final List<String> GROUPS =
      List.of(
          "account_id",
          "product_id",
          "aggr_product_id",
          "month",
          "type",
          "direction",
          "resolution",
          "wallet_name");

  /** In the order of an aggregate. */
  private static final List<String> FIELDS =
      List.of(
          "account_id",
          "product_id",
          "aggr_product_id",
          "month",
          "type",
          "currency",
          "direction",
          "resolution",
          "unit",
          "wallet_name");

  private static final Set<String> TOP_UPS = Set.of("CREDIT_COMMIT", "RECHARGE");

  private static final List<String> MONTHS = List.of("2025-12", "2026-01", "2026-02");

  /** By code point, U+FF5E comes before U+1F600; by UTF-16 unit it comes after. */
  private static final List<String> WORDS = List.of("a", "B", "a'b", "～", "😀", "=x", ",");

  private static final Comparator<String> BY_CODE_POINT =
      (a, b) -> Arrays.compare(a.codePoints().toArray(), b.codePoints().toArray());

  private final long seed = Long.getLong("test.usageapi.seed", 6529036065590703174L);
  private final Organization acme = anOrganization();
  private final List<String> accounts = List.of(acme + "-a", acme + "-😀");

  /** One question that can be asked of totals. */
  private record Question(
      List<String> groups, String kind, String filter, String order, int perPage) {
    Map<String, String> parameters() {
      Map<String, String> parameters = new LinkedHashMap<>();
      if (!groups.isEmpty()) {
        parameters.put("group_by", String.join(",", groups));
      }
      if (!kind.isEmpty()) {
        parameters.put("kind", kind);
      }
      if (!filter.isEmpty()) {
        parameters.put("filter", filter);
      }
      if (!order.isEmpty()) {
        parameters.put("order_by", order);
      }
      return parameters;
    }

    List<String> fields() {
      return FIELDS.stream()
          .filter(
              field -> groups.contains(field) || field.equals("currency") || field.equals("unit"))
          .toList();
    }
  }

  @Test
  void totals_are_the_sums_of_the_pages_in_any_group_filter_and_order_walked_either_way() {
    acme.hasAccounts(accounts.toArray(String[]::new));
    JqwikSession.run(
        () -> {
          Random random = new Random(seed);
          send(draw(records().list().ofSize(RECORDS), random));
          RandomGenerator<Question> questions = questions().generator(1000);
          for (int i = 0; i < QUESTIONS; i++) {
            check(questions.next(random).value());
          }
        });
  }

  private void check(Question question) {
    String what = question + ", seed " + seed;
    List<Map<String, Object>> usage =
        question.filter().isEmpty()
            ? acme.walk("per_page", 250)
            : acme.walk("per_page", 250, "filter", question.filter());
    List<Map<String, Object>> expected = expected(question, usage);
    Map<String, String> parameters = question.parameters();
    parameters.put("per_page", Integer.toString(question.perPage()));
    Page first = acme.pageOf(Api.TOTALS, parameters);

    List<Map<String, Object>> forward = first.walk("next");

    assertThat(normal(forward)).as(what).isEqualTo(expected);
    assertThat(first.last().walk("prev")).as(what).isEqualTo(forward);
    assertThat(exported(question)).as(what).isEqualTo(expected);
  }

  private List<Map<String, Object>> exported(Question question) {
    List<Map<String, Object>> rows =
        acme.asReader()
            .accept("application/x-ndjson")
            .queryParams(question.parameters())
            .get(Api.TOTALS)
            .asString()
            .lines()
            .map(
                line ->
                    new JsonPath(line)
                        .using(jsonPathConfig().numberReturnType(NumberReturnType.BIG_DECIMAL))
                        .<String, Object>getMap("$"))
            .toList();
    return normal(rows);
  }

  /** The totals as this test would add them up. */
  private static List<Map<String, Object>> expected(
      Question question, List<Map<String, Object>> usage) {
    Map<List<Object>, List<Map<String, Object>>> groups =
        usage.stream()
            .filter(row -> TOP_UPS.contains(row.get("type")) == question.kind().equals("top_up"))
            .collect(
                Collectors.groupingBy(
                    row -> question.fields().stream().map(row::get).toList(),
                    LinkedHashMap::new,
                    Collectors.toList()));
    return groups.values().stream()
        .map(rows -> total(question, rows))
        .sorted(comparator(question))
        .toList();
  }

  private static Map<String, Object> total(Question question, List<Map<String, Object>> rows) {
    Map<String, Object> total = new LinkedHashMap<>();
    question.fields().forEach(field -> total.put(field, rows.get(0).get(field)));
    total.put(
        "number_of_units",
        total.get("unit").equals("OTHER") ? null : spelled(Api.sum(rows, "number_of_units")));
    total.put("total_amount", spelled(Api.sum(rows, "total_amount")));
    return total;
  }

  private static Comparator<Map<String, Object>> comparator(Question question) {
    String order = question.order();
    String by = order.isEmpty() ? question.fields().get(0) : order.replaceFirst(":.*", "");
    Comparator<Map<String, Object>> comparator =
        Stream.concat(Stream.of(by), question.fields().stream())
            .map(TotalsPropertiesTest::by)
            .reduce(Comparator::thenComparing)
            .orElseThrow();
    return order.endsWith(":desc") ? comparator.reversed() : comparator;
  }

  private static Comparator<Map<String, Object>> by(String field) {
    return field.equals("total_amount")
        ? Comparator.comparing(row -> new BigDecimal(row.get(field).toString()))
        : Comparator.comparing(
            row -> row.get(field) == null ? "" : (String) row.get(field), BY_CODE_POINT);
  }

  /** The same rows with their numbers by value. */
  private static List<Map<String, Object>> normal(List<Map<String, Object>> rows) {
    List<Map<String, Object>> normal = new ArrayList<>();
    for (Map<String, Object> row : rows) {
      Map<String, Object> copy = new LinkedHashMap<>(row);
      for (String field : List.of("number_of_units", "total_amount")) {
        Object value = row.get(field);
        copy.put(field, value == null ? null : spelled(new BigDecimal(value.toString())));
      }
      normal.add(copy);
    }
    return normal;
  }

  private static String spelled(BigDecimal number) {
    return number.stripTrailingZeros().toPlainString();
  }

  private void send(List<RatedRecord> records) {
    acme.sends(records).body("accepted", equalTo(RECORDS));
  }

  private static <T> T draw(Arbitrary<T> arbitrary, Random random) {
    return arbitrary.generator(1000).next(random).value();
  }

  private Arbitrary<RatedRecord> records() {
    Arbitrary<RatedRecord> plain =
        Combinators.combine(
                Arbitraries.of(accounts),
                Arbitraries.of(WORDS),
                Arbitraries.of(MONTHS),
                Arbitraries.of("CALL", "MESSAGE", "OTHER", "RECHARGE", "CREDIT_COMMIT"),
                Arbitraries.of("EUR", "USD"),
                Arbitraries.of("MINUTES", "GB", "OTHER"),
                numbers(),
                numbers())
            .as(
                (account, product, month, type, currency, unit, units, amount) ->
                    aRecord()
                        .account(account)
                        .of(product)
                        .in(month)
                        .with("type", type)
                        .with("currency", currency)
                        .with("unit", unit)
                        .units(units)
                        .amount(amount));
    return Combinators.combine(
            plain,
            Arbitraries.of(WORDS).injectNull(0.4),
            Arbitraries.of(WORDS).injectNull(0.4),
            Arbitraries.of("INBOUND", "OUTBOUND", "OTHER").injectNull(0.4),
            Arbitraries.of("ANSWERED", "MISSED").injectNull(0.4),
            Arbitraries.of("0.1", "1").injectNull(0.5))
        .as(
            (usage, aggregated, wallet, direction, resolution, price) ->
                usage
                    .with("aggr_product_id", aggregated)
                    .with("wallet_name", wallet)
                    .with("direction", direction)
                    .with("resolution", resolution)
                    .with("price", price));
  }

  /** Small ones, which make equal sums, and some of 30 digits before the point and after it. */
  private static Arbitrary<String> numbers() {
    Arbitrary<BigDecimal> small = Arbitraries.integers().between(-3, 3).map(BigDecimal::new);
    Arbitrary<BigDecimal> long30 =
        Arbitraries.bigDecimals()
            .between(BigDecimal.TEN.pow(29).negate(), BigDecimal.TEN.pow(29))
            .ofScale(30);
    return Arbitraries.frequencyOf(Tuple.of(3, small), Tuple.of(2, long30))
        .map(BigDecimal::toPlainString);
  }

  private Arbitrary<Question> questions() {
    return Arbitraries.subsetOf(GROUPS)
        .flatMap(
            groups -> {
              List<String> orders = new ArrayList<>();
              orders.add("");
              Stream.concat(groups.stream(), Stream.of("currency", "unit", "total_amount"))
                  .forEach(field -> orders.addAll(List.of(field + ":asc", field + ":desc")));
              List<String> shuffled = new ArrayList<>(groups);
              Collections.sort(shuffled, Collections.reverseOrder());
              return Combinators.combine(
                      Arbitraries.of("", "", "consumption", "top_up"),
                      filters(),
                      Arbitraries.of(orders),
                      Arbitraries.integers().between(3, 60))
                  .as(
                      (kind, filter, order, perPage) ->
                          new Question(shuffled, kind, filter, order, perPage));
            });
  }

  private Arbitrary<String> filters() {
    Arbitrary<String> leaf =
        Arbitraries.of(
            "account_id eq '" + accounts.get(0) + "'",
            "account_id gt '" + acme + "-b'",
            "month ge '2026-01'",
            "month in ('2025-12','2026-02')",
            "product_id lt 'a''b'",
            "contains(product_id, '😀')",
            "aggr_product_id eq null",
            "wallet_name ne 'a'",
            "type in ('CALL','RECHARGE')",
            "not type eq 'OTHER'",
            "direction ne null",
            "direction eq 'INBOUND'",
            "resolution eq null",
            "unit ne 'OTHER'",
            "currency eq 'USD'");
    Arbitrary<String> pair =
        Combinators.combine(leaf, Arbitraries.of("and", "or", "and not"), leaf)
            .as((left, operator, right) -> "(" + left + ") " + operator + " (" + right + ")");
    return Arbitraries.oneOf(Arbitraries.just(""), leaf, pair);
  }
}
