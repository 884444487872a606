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
import io.usageapi.fixture.TestPostgres;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
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
 * Over any usage, totals, shares and changes are what the pages of usage add up to, to the last
 * digit. Each run draws the same; {@code -Dtest.usageapi.seed=} and a number draws others, and a
 * failure names its seed.
 */
@QuarkusTest
class TotalsPropertiesTest {
  private static final int RECORDS = 120;
  private static final int QUESTIONS = 50;

  private static final List<String> GROUPS =
      List.of(
          "account_id",
          "product_id",
          "aggr_product_id",
          "month",
          "type",
          "direction",
          "resolution",
          "unit",
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
          "unit_word",
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

  /**
   * One question that can be asked of totals, or of changes.
   *
   * @param months the two months of changes; none for totals
   */
  private record Question(
      List<String> groups,
      String kind,
      String filter,
      String order,
      List<String> include,
      List<String> months,
      int perPage) {
    String resource() {
      return months.isEmpty() ? Api.TOTALS : Api.CHANGES;
    }

    Map<String, String> parameters() {
      Map<String, String> parameters = new LinkedHashMap<>();
      parameters.put("group_by", String.join(",", groups));
      parameters.put("kind", kind);
      parameters.put("filter", filter);
      parameters.put("order_by", order);
      parameters.put("include", String.join(",", include));
      if (!months.isEmpty()) {
        parameters.put("month", months.get(0));
        parameters.put("with", months.get(1));
      }
      parameters.values().removeIf(String::isEmpty);
      return parameters;
    }

    /** The fields that form a group. */
    List<String> fields() {
      return FIELDS.stream()
          .filter(
              field ->
                  groups.contains(field) || field.equals("currency") || include.contains(field))
          .toList();
    }
  }

  @Test
  void
      totals_and_changes_are_the_sums_of_the_pages_in_any_group_filter_and_order_walked_either_way()
          throws SQLException {
    acme.hasAccounts(accounts.toArray(String[]::new));
    Random random = new Random(seed);
    JqwikSession.run(() -> send(draw(records().list().ofSize(RECORDS), random)));
    // Only imports bring a word.
    TestPostgres.storeUnitWord(acme.id(), "a", "GB-Hours");
    TestPostgres.storeUnitWord(acme.id(), "B", "GB-Hours");
    TestPostgres.storeUnitWord(acme.id(), ",", "pages");
    JqwikSession.run(
        () -> {
          RandomGenerator<Question> questions =
              Arbitraries.oneOf(questions(), questionsOfChanges()).generator(1000);
          for (int i = 0; i < QUESTIONS; i++) {
            check(questions.next(random).value());
          }
        });
  }

  private void check(Question question) {
    String what = question + ", seed " + seed;
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("per_page", 250);
    all.put("include", "updated_at,unit_word");
    if (!question.filter().isEmpty()) {
      all.put("filter", question.filter());
    }
    List<Map<String, Object>> usage = acme.pageOf(Api.USAGE, all).walk("next");
    List<Map<String, Object>> expected = expected(question, usage);
    Map<String, String> parameters = question.parameters();
    parameters.put("per_page", Integer.toString(question.perPage()));
    Page first = acme.pageOf(question.resource(), parameters);

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
            .get(question.resource())
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

  /** What this test would answer. */
  private static List<Map<String, Object>> expected(
      Question question, List<Map<String, Object>> usage) {
    Map<List<Object>, List<Map<String, Object>>> groups =
        usage.stream()
            .filter(row -> TOP_UPS.contains(row.get("type")) == question.kind().equals("top_up"))
            .filter(
                row -> question.months().isEmpty() || question.months().contains(row.get("month")))
            .collect(
                Collectors.groupingBy(
                    row -> question.fields().stream().map(row::get).toList(),
                    LinkedHashMap::new,
                    Collectors.toList()));
    List<Map<String, Object>> rows =
        groups.values().stream()
            .map(
                group ->
                    question.months().isEmpty() ? total(question, group) : change(question, group))
            .collect(Collectors.toCollection(ArrayList::new));
    if (question.months().isEmpty()) {
      addShares(rows);
    }
    rows.sort(question.months().isEmpty() ? comparator(question) : comparatorOfChanges(question));
    return normal(rows);
  }

  private static Map<String, Object> total(Question question, List<Map<String, Object>> rows) {
    Map<String, Object> total = group(question, rows);
    total.put("number_of_units", hasOneUnit(rows) ? Api.sum(rows, "number_of_units") : null);
    total.put("total_amount", Api.sum(rows, "total_amount"));
    if (question.include().contains("description")) {
      Set<Object> descriptions = new HashSet<>(Api.column(rows, "description"));
      total.put("description", descriptions.size() == 1 ? rows.get(0).get("description") : null);
    }
    if (question.include().contains("updated_at")) {
      total.put(
          "updated_at",
          Api.column(rows, "updated_at").stream()
              .map(time -> Instant.parse((String) time))
              .max(Comparator.naturalOrder())
              .orElseThrow());
    }
    if (question.include().contains("month_status")) {
      total.put("month_status", "OPEN");
    }
    return total;
  }

  private static void addShares(List<Map<String, Object>> totals) {
    for (Map<String, Object> total : totals) {
      BigDecimal sum =
          Api.sum(
              totals.stream()
                  .filter(each -> each.get("currency").equals(total.get("currency")))
                  .toList(),
              "total_amount");
      BigDecimal amount = (BigDecimal) total.get("total_amount");
      total.put("share", sum.signum() > 0 ? amount.divide(sum, 6, RoundingMode.HALF_EVEN) : null);
    }
  }

  private static Map<String, Object> change(Question question, List<Map<String, Object>> rows) {
    List<Map<String, Object>> current = of(question.months().get(0), rows);
    List<Map<String, Object>> previous = of(question.months().get(1), rows);
    BigDecimal before = Api.sum(previous, "total_amount");
    BigDecimal change = Api.sum(current, "total_amount").subtract(before);
    boolean oneUnit = hasOneUnit(rows) && !current.isEmpty() && !previous.isEmpty();
    BigDecimal unitsBefore = Api.sum(previous, "number_of_units");
    BigDecimal units = Api.sum(current, "number_of_units");
    BigDecimal byQuantity =
        oneUnit && unitsBefore.signum() != 0
            ? units
                .subtract(unitsBefore)
                .multiply(before)
                .divide(unitsBefore, Math.max(10, change.scale()), RoundingMode.HALF_EVEN)
            : null;
    Map<String, Object> row = group(question, rows);
    row.put("previous_amount", before);
    row.put("current_amount", Api.sum(current, "total_amount"));
    row.put("change", change);
    row.put("previous_units", oneUnit ? unitsBefore : null);
    row.put("current_units", oneUnit ? units : null);
    row.put("by_quantity", byQuantity);
    row.put("by_price", byQuantity == null ? null : change.subtract(byQuantity));
    return row;
  }

  private static List<Map<String, Object>> of(String month, List<Map<String, Object>> rows) {
    return rows.stream().filter(row -> row.get("month").equals(month)).toList();
  }

  private static Map<String, Object> group(Question question, List<Map<String, Object>> rows) {
    Map<String, Object> group = new LinkedHashMap<>();
    question.fields().forEach(field -> group.put(field, rows.get(0).get(field)));
    group.computeIfAbsent("unit", unit -> hasOneUnit(rows) ? rows.get(0).get("unit") : null);
    group.putIfAbsent("unit", null);
    return group;
  }

  private static boolean hasOneUnit(List<Map<String, Object>> rows) {
    return rows.stream()
                .map(row -> Arrays.asList(row.get("unit"), row.get("unit_word")))
                .distinct()
                .count()
            == 1
        && !(rows.get(0).get("unit").equals("OTHER") && rows.get(0).get("unit_word") == null);
  }

  private static Comparator<Map<String, Object>> comparator(Question question) {
    String order = question.order();
    String by = order.isEmpty() ? question.fields().get(0) : order.replaceFirst(":.*", "");
    Stream<String> first =
        by.equals("total_amount") ? Stream.of("currency", "total_amount") : Stream.of(by);
    Comparator<Map<String, Object>> comparator =
        Stream.concat(first, question.fields().stream())
            .map(TotalsPropertiesTest::by)
            .reduce(Comparator::thenComparing)
            .orElseThrow();
    return order.endsWith(":desc") ? comparator.reversed() : comparator;
  }

  private static Comparator<Map<String, Object>> comparatorOfChanges(Question question) {
    Comparator<Map<String, Object>> byChange =
        Comparator.comparing(
            row -> {
              BigDecimal change = (BigDecimal) row.get("change");
              return switch (question.order()) {
                case "change" -> change.negate();
                case "-change" -> change;
                default -> change.abs().negate();
              };
            });
    return question.fields().stream()
        .map(TotalsPropertiesTest::by)
        .reduce(by("currency").thenComparing(byChange), Comparator::thenComparing);
  }

  private static Comparator<Map<String, Object>> by(String field) {
    return field.equals("total_amount")
        ? Comparator.comparing(row -> new BigDecimal(row.get(field).toString()))
        : Comparator.comparing(
            row -> row.get(field) == null ? "" : (String) row.get(field), BY_CODE_POINT);
  }

  /** The same rows with their numbers and times by value. */
  private static List<Map<String, Object>> normal(List<Map<String, Object>> rows) {
    List<Map<String, Object>> normal = new ArrayList<>();
    for (Map<String, Object> row : rows) {
      Map<String, Object> copy = new LinkedHashMap<>(row);
      copy.replaceAll(
          (field, value) ->
              value instanceof Number
                  ? spelled(new BigDecimal(value.toString()))
                  : field.equals("updated_at") ? Instant.parse(value.toString()) : value);
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
            Arbitraries.of("0.1", "1").injectNull(0.5),
            Arbitraries.of("Calls", "calls").injectNull(0.3))
        .as(
            (usage, aggregated, wallet, direction, resolution, price, description) ->
                usage
                    .with("description", description)
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
              Stream.concat(groups.stream(), Stream.of("currency", "total_amount", "total_amount"))
                  .forEach(field -> orders.addAll(List.of(field + ":asc", field + ":desc")));
              List<String> included = new ArrayList<>(List.of("description", "updated_at"));
              if (groups.contains("month")) {
                included.add("month_status");
              }
              if (groups.contains("unit")) {
                included.add("unit_word");
              }
              return Combinators.combine(
                      Arbitraries.of("", "", "consumption", "top_up"),
                      filters(),
                      Arbitraries.of(orders),
                      Arbitraries.subsetOf(included),
                      Arbitraries.integers().between(3, 60))
                  .as(
                      (kind, filter, order, include, perPage) ->
                          new Question(
                              backward(groups),
                              kind,
                              filter,
                              order,
                              List.copyOf(include),
                              List.of(),
                              perPage));
            });
  }

  /** Of few fields, so that groups are in both months. */
  private Arbitrary<Question> questionsOfChanges() {
    return Combinators.combine(
            Arbitraries.subsetOf(GROUPS).ofMaxSize(2),
            Arbitraries.of("", "", "consumption", "top_up"),
            filters(),
            Arbitraries.of("", "largest_change", "change", "-change"),
            Arbitraries.shuffle(MONTHS),
            Arbitraries.integers().between(3, 60))
        .as(
            (groups, kind, filter, order, months, perPage) ->
                new Question(
                    backward(groups),
                    kind,
                    filter,
                    order,
                    List.of(),
                    months.subList(0, 2),
                    perPage));
  }

  /** In an order that does not count. */
  private static List<String> backward(Set<String> groups) {
    return groups.stream().sorted(Collections.reverseOrder()).toList();
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
