package io.usageapi.usage;

import static io.usageapi.fixture.Organization.anOrganization;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static io.usageapi.fixture.RawRequest.encode;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.is;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.usageapi.account.AccountRepository;
import io.usageapi.aggregate.DataVersionRepository;
import io.usageapi.aggregate.Granularity;
import io.usageapi.aggregate.UsageAggregate;
import io.usageapi.aggregate.change.ChangeLogRepository;
import io.usageapi.database.Database;
import io.usageapi.database.DatabaseConfig;
import io.usageapi.database.HeavyReads;
import io.usageapi.database.SnapshotReader;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.Page;
import io.usageapi.fixture.RatedRecord;
import io.usageapi.fixture.RawRequest;
import io.usageapi.security.OrganizationId;
import jakarta.inject.Inject;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What holds for any usage, any filter and any garbage, over HTTP. Each run draws the same; {@code
 * -Dtest.usageapi.seed=} and a number draws others, and a failure names its seed.
 */
@QuarkusTest
class UsagePropertiesTest {
  /** How many filters are tried; {@code -Dtest.usageapi.filters=} tries more. */
  private static final int FILTERS = Integer.getInteger("test.usageapi.filters", 25);

  private static final List<String> ORDERS =
      List.of(
          "id:desc",
          "id:asc",
          "month:desc",
          "month:asc",
          "account_id:desc",
          "account_id:asc",
          "product_id:desc",
          "product_id:asc");

  private static final List<String> MONTHS =
      List.of("2019-12", "2025-12", "2026-01", "2026-02", "2026-10");

  /** By code point, U+FF5E comes before U+1F600; by UTF-16 unit it comes after. */
  private static final List<String> WORDS =
      List.of(
          "a", "B", "b", "ab", "a'b", "50%", "_", "\\", " a", "é", "ß", "日本", "～", "😀", "😀a",
          "a😀", "𐀀", "\uE000", "or", "null");

  private static final Map<String, List<String>> ENUMS =
      Map.of(
          "type", List.of("CALL", "MESSAGE", "OTHER"),
          "currency", List.of("EUR", "USD", "XXX"),
          "direction", List.of("INBOUND", "OUTBOUND", "OTHER"),
          "resolution", List.of("ANSWERED", "MISSED"),
          "unit", List.of("MINUTES", "SECONDS", "OTHER"));

  private static final List<String> TEXTS =
      List.of("account_id", "product_id", "aggr_product_id", "wallet_name");

  private static final List<String> NULLABLE =
      List.of("aggr_product_id", "wallet_name", "direction", "resolution");

  private static final Comparator<String> BY_CODE_POINT =
      (a, b) -> Arrays.compare(a.codePoints().toArray(), b.codePoints().toArray());

  @TestHTTPResource URI server;

  @Inject Database database;
  @Inject HeavyReads scans;
  @Inject SnapshotReader snapshots;
  @Inject DataVersionRepository versions;
  @Inject AccountRepository accounts;
  @Inject ChangeLogRepository changes;

  private final long seed = Long.getLong("test.usageapi.seed", 6529036065590703174L);
  private final Random random = new Random(seed);
  private final Organization acme = anOrganization();

  /** A filter's text and what it means. */
  private record Tree(String text, Predicate<Map<String, Object>> test) {}

  @Test
  void any_filter_selects_what_the_contract_says_in_any_order_and_walked_either_way() {
    List<String> accounts = WORDS.stream().map(w -> acme + w).toList();
    acme.hasAccounts(accounts.toArray(String[]::new));
    accept(IntStream.range(0, 80).mapToObj(i -> anyUsage(i, accounts)).toList());
    List<Map<String, Object>> all = acme.walk("per_page", 250);

    assertThat(all).as(seed()).hasSize(80);
    for (int i = 0; i < FILTERS; i++) {
      Tree filter = anyTree(random.nextInt(4), accounts);
      String order = any(ORDERS);
      if (i % 5 == 0) {
        String month = any(MONTHS);
        Tree rest = filter;
        filter =
            new Tree(
                "(%s) and month eq '%s'".formatted(rest.text(), month),
                row -> rest.test().test(row) && row.get("month").equals(month));
        order = any(List.of("total_amount:asc", "total_amount:desc"));
      }
      int perPage = 1 + random.nextInt(30);
      List<Map<String, Object>> expected =
          all.stream().filter(filter.test()).sorted(comparator(order)).toList();
      Page first = acme.page("filter", filter.text(), "order_by", order, "per_page", perPage);

      String what = "%s, %s, %d, %s".formatted(filter.text(), order, perPage, seed());
      assertThat(first.walk("next")).as(what).isEqualTo(expected);
      assertThat(first.last().walk("prev")).as(what).isEqualTo(expected);
      for (String link : List.of("self", "next", "last")) {
        if (first.link(link) != null) {
          assertThat(idsOnCluster(first.link(link)))
              .as("%s, %s, on a cluster", what, link)
              .isEqualTo(first.follow(link).column("id"));
        }
      }
    }
  }

  /** Reads as a server with {@code usage-api.database.distributed} does, on any Postgres. */
  private List<Object> idsOnCluster(String link) {
    UsageQuery query =
        UsageQuery.of(
            new OrganizationId(acme.id()), Granularity.MONTH, URI.create(link).getRawQuery());
    DatabaseConfig config =
        new SmallRyeConfigBuilder()
            .addDiscoveredConverters()
            .withMapping(DatabaseConfig.class)
            .withDefaultValue("usage-api.database.distributed", "true")
            .build()
            .getConfigMapping(DatabaseConfig.class);
    return new MonthlyUsageRepository(
            database, scans, snapshots, versions, accounts, changes, config)
        .page(query).await().atMost(Duration.ofSeconds(10)).value().rows().stream()
            .<Object>map(UsageAggregate::id)
            .toList();
  }

  @Test
  void texts_at_their_limits_are_taken_indexed_and_read_back_equal() {
    List<RatedRecord> records = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      String account = atLimit(128, 256);
      acme.hasAccounts(account);
      records.add(
          aRecord()
              .id(atLimit(128, 256))
              .account(account)
              .of(atLimit(128, 256))
              .with("aggr_product_id", atLimit(128, 256))
              .with("wallet_name", atLimit(128, 256))
              .with("description", atLimit(500, 1000)));
    }

    accept(records);
    acme.sends(records).body("duplicates", is(records.size()));

    List<Map<String, Object>> sent = records.stream().map(r -> texts(r.fields())).toList();
    for (String order : ORDERS) {
      Page first = acme.page("order_by", order, "per_page", 1);
      List<Map<String, Object>> forward = first.walk("next");
      assertThat(forward.stream().map(UsagePropertiesTest::texts))
          .as("%s, %s", order, seed())
          .containsExactlyInAnyOrderElementsOf(sent);
      assertThat(forward).as("%s, %s", order, seed()).isSortedAccordingTo(comparator(order));
      assertThat(first.last().walk("prev")).as("%s, %s", order, seed()).isEqualTo(forward);
    }
  }

  @Test
  void no_digit_of_an_amount_is_lost() {
    Map<String, BigDecimal> amounts = new HashMap<>();
    Map<String, BigDecimal> units = new HashMap<>();
    List<RatedRecord> records = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      String product = "p" + i % 20;
      BigDecimal amount = anyNumber();
      BigDecimal number = anyNumber();
      amounts.merge(product, amount, BigDecimal::add);
      units.merge(product, number, BigDecimal::add);
      records.add(aRecord().of(product).amount(spelled(amount)).units(spelled(number)));
    }

    accept(records);

    List<Map<String, Object>> rows = acme.walk();
    assertThat(rows).as(seed()).hasSize(20);
    for (Map<String, Object> row : rows) {
      assertThat(decimal(row, "total_amount"))
          .as(seed())
          .isEqualByComparingTo(amounts.get(row.get("product_id")));
      assertThat(decimal(row, "number_of_units"))
          .as(seed())
          .isEqualByComparingTo(units.get(row.get("product_id")));
    }
  }

  @Test
  void any_partition_repetition_and_spelling_of_records_gives_the_same_aggregates() {
    acme.account("a");
    acme.account("b");
    Organization other = anOrganization();
    other.account("a");
    other.account("b");
    List<RatedRecord> records =
        IntStream.range(0, 60)
            .mapToObj(
                i ->
                    aRecord()
                        .account(any(List.of("-a", "-b")))
                        .in(any(MONTHS))
                        .with("direction", random.nextBoolean() ? null : "INBOUND")
                        .with("price", random.nextBoolean() ? null : any(List.of("1", "0.5")))
                        .units(spelled(anyNumber()))
                        .amount(spelled(anyNumber())))
            .toList();

    accept(records.stream().map(r -> in(acme, r)).toList());
    List<Map<String, Object>> expected = acme.walk();
    List<RatedRecord> pile = new ArrayList<>(records);
    pile.addAll(records);
    pile.addAll(records.subList(0, 20));
    Collections.shuffle(pile, random);
    for (int from = 0; from < pile.size(); ) {
      int to = Math.min(pile.size(), from + 1 + random.nextInt(30));
      List<RatedRecord> batch =
          pile.subList(from, to).stream().map(r -> in(other, respelled(r))).toList();
      acme.sends(batch).body("rejected", is(0));
      acme.sends(pile.subList(from, to).stream().map(r -> in(acme, respelled(r))).toList())
          .body("accepted", is(0))
          .body("rejected", is(0));
      from = to;
    }

    assertThat(acme.walk()).as(seed()).isEqualTo(expected);
    assertThat(other.walk().stream().map(row -> apart(other, row)))
        .as(seed())
        .containsExactlyInAnyOrderElementsOf(
            expected.stream().map(row -> apart(acme, row)).toList());
  }

  @Test
  void garbage_is_never_a_fault_of_the_server() {
    acme.account();
    String writer = acme.writer();
    String cursor = acme.page().link("last").replaceFirst(".*cursor=", "");
    for (int i = 0; i < 400; i++) {
      RawRequest request =
          switch (random.nextInt(10)) {
            case 0 -> acme.get(Api.USAGE + "?" + garbage(true));
            case 1 ->
                RawRequest.get(
                        Api.USAGE
                            + "?"
                            + any(List.of("filter", "order_by", "cursor", "per_page", "page"))
                            + "="
                            + garbage(true))
                    .token(acme.reader());
            case 2 -> acme.get(Api.USAGE + "?cursor=" + broken(cursor));
            case 3 ->
                RawRequest.get(any(List.of(Api.USAGE, Api.ACCOUNTS)) + "/" + garbage(true))
                    .token(acme.reader());
            case 4 ->
                acme.get(Api.USAGE)
                    .header(any(List.of("Accept", "X-Request-Id", "Content-Type")), garbage(false));
            case 5 -> RawRequest.get(Api.USAGE).header("Authorization", garbage(false));
            case 6 -> RawRequest.get(Api.USAGE).token(broken(acme.reader()));
            case 7 ->
                RawRequest.get(
                        Api.USAGE
                            + "/"
                            + any(List.of("0".repeat(32), garbage(true)))
                            + "/records?"
                            + any(List.of("cursor=" + broken(cursor), garbage(true))))
                    .token(acme.reader());
            case 8 ->
                RawRequest.of("POST", Api.RECORDS)
                    .token(writer)
                    .body(anyType(), broken(RECORDS.formatted(acme)));
            default ->
                RawRequest.of("PUT", Api.ACCOUNTS + "/" + acme)
                    .token(writer)
                    .body(anyType(), broken("{\"organization_id\":\"" + acme + "\"}"));
          };

      RawRequest.Response response = request.send(server);

      assertThat(response.status())
          .as("%s: %s, %s", request, response.text(), seed())
          .matches(status -> status == 200 || (status >= 400 && status < 500));
    }
  }

  private static final String RECORDS =
      """
      {"records":[{"id":"1","account_id":"%s","product_id":"p","occurred_at":"2026-01-01T00:00:00Z",
      "type":"CALL","currency":"EUR","unit":"MINUTES","number_of_units":1,"total_amount":1.5e0}]}
      """;

  private String seed() {
    return "seed " + seed;
  }

  private <T> T any(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }

  private void accept(List<RatedRecord> records) {
    Response response = acme.sends(records).extract().response();
    assertThat(response.jsonPath().getInt("accepted"))
        .as("%s, %s", response.asString(), seed())
        .isEqualTo(records.size());
  }

  private RatedRecord anyUsage(int number, List<String> accounts) {
    RatedRecord usage =
        aRecord()
            .account(any(accounts))
            .of(any(WORDS))
            .in(any(MONTHS))
            .with("description", "n" + number);
    for (Map.Entry<String, List<String>> field : ENUMS.entrySet()) {
      usage = usage.with(field.getKey(), any(field.getValue()));
    }
    usage = usage.with("aggr_product_id", any(WORDS)).with("wallet_name", any(WORDS));
    for (String field : NULLABLE) {
      usage = random.nextInt(3) == 0 ? usage.with(field, null) : usage;
    }
    return usage;
  }

  private Tree anyTree(int depth, List<String> accounts) {
    if (depth == 0 || random.nextInt(5) == 0) {
      return anyComparison(accounts);
    }
    Tree left = anyTree(depth - 1, accounts);
    if (random.nextInt(3) == 0) {
      return new Tree("not (" + left.text() + ")", left.test().negate());
    }
    Tree right = anyTree(depth - 1, accounts);
    return random.nextBoolean()
        ? new Tree(
            "(" + left.text() + ") and (" + right.text() + ")", left.test().and(right.test()))
        : new Tree("(" + left.text() + ") OR (" + right.text() + ")", left.test().or(right.test()));
  }

  private Tree anyComparison(List<String> accounts) {
    List<String> fields = new ArrayList<>(TEXTS);
    fields.addAll(ENUMS.keySet());
    fields.add("month");
    String field = any(fields);
    List<String> literals =
        field.equals("account_id")
            ? accounts
            : field.equals("month") ? MONTHS : ENUMS.getOrDefault(field, WORDS);
    if (NULLABLE.contains(field) && random.nextInt(4) == 0) {
      return random.nextBoolean()
          ? new Tree(field + " eq null", row -> row.get(field) == null)
          : new Tree(field + " ne null", row -> row.get(field) != null);
    }
    String literal = any(literals);
    if (TEXTS.contains(field) && random.nextInt(4) == 0) {
      String part = any(WORDS);
      return new Tree(
          "contains(" + field + ", " + quoted(part) + ")",
          row -> row.get(field) != null && row.get(field).toString().contains(part));
    }
    List<String> operators =
        ENUMS.containsKey(field)
            ? List.of("eq", "ne", "in")
            : List.of("eq", "ne", "in", "gt", "ge", "lt", "le");
    String operator = any(operators);
    if (operator.equals("in")) {
      List<String> several = List.of(literal, any(literals));
      return new Tree(
          field
              + " in ("
              + several.stream().map(UsagePropertiesTest::quoted).collect(Collectors.joining(","))
              + ")",
          row -> row.get(field) != null && several.contains(row.get(field).toString()));
    }
    return new Tree(
        field + " " + operator + " " + quoted(literal),
        row -> compare(row.get(field), operator, literal));
  }

  private static boolean compare(Object value, String operator, String literal) {
    if (value == null) {
      return operator.equals("ne");
    }
    int order = BY_CODE_POINT.compare(value.toString(), literal);
    return switch (operator) {
      case "eq" -> order == 0;
      case "ne" -> order != 0;
      case "gt" -> order > 0;
      case "ge" -> order >= 0;
      case "lt" -> order < 0;
      default -> order <= 0;
    };
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  private static Comparator<Map<String, Object>> comparator(String order) {
    String field = order.substring(0, order.indexOf(':'));
    Comparator<Map<String, Object>> first =
        field.equals("total_amount")
            ? Comparator.comparing(row -> new BigDecimal(row.get(field).toString()))
            : Comparator.comparing(row -> (String) row.get(field), BY_CODE_POINT);
    Comparator<Map<String, Object>> comparator = first.thenComparing(row -> (String) row.get("id"));
    return order.endsWith("desc") ? comparator.reversed() : comparator;
  }

  /** As long as a text may be, of characters of up to four bytes that do not compress. */
  private String atLimit(int characters, int bytes) {
    StringBuilder text = new StringBuilder();
    int left = characters;
    int bytesLeft = bytes;
    while (left > 0 && bytesLeft > 0) {
      int length = Math.min(bytesLeft, 1 + random.nextInt(4));
      text.appendCodePoint(
          switch (length) {
            case 1 -> 0x21 + random.nextInt(0x5e);
            case 2 -> 0xa1 + random.nextInt(0x700);
            case 3 -> 0x3400 + random.nextInt(0x6000);
            default -> 0x10000 + random.nextInt(0x100000);
          });
      left--;
      bytesLeft -= length;
    }
    return text.toString();
  }

  private static Map<String, Object> texts(Map<String, Object> row) {
    Map<String, Object> texts = new HashMap<>();
    TEXTS.forEach(field -> texts.put(field, row.get(field)));
    texts.put("description", row.get("description"));
    return texts;
  }

  /** Up to 30 digits before the point and 30 after it. */
  private BigDecimal anyNumber() {
    int digits = random.nextInt(4) == 0 ? 60 : 1 + random.nextInt(60);
    BigInteger unscaled =
        digits == 60 && random.nextBoolean()
            ? BigInteger.TEN.pow(60).subtract(BigInteger.ONE)
            : new BigInteger(199, random).mod(BigInteger.TEN.pow(digits));
    BigDecimal number = new BigDecimal(unscaled, 30);
    return random.nextInt(3) == 0 ? number.negate() : number;
  }

  /** One of the spellings of a number. */
  private Object spelled(BigDecimal number) {
    return switch (random.nextInt(4)) {
      case 0 -> number.toPlainString();
      case 1 -> number;
      case 2 ->
          number.signum() == 0
              ? "0e5"
              : number.stripTrailingZeros().unscaledValue()
                  + "e"
                  + -number.stripTrailingZeros().scale();
      default -> number.signum() == 0 ? "-0.00" : number.stripTrailingZeros().toPlainString();
    };
  }

  private RatedRecord respelled(RatedRecord usage) {
    RatedRecord respelled = usage;
    for (String field : List.of("number_of_units", "total_amount", "price")) {
      Object value = usage.fields().get(field);
      if (value != null) {
        respelled = respelled.with(field, spelled(new BigDecimal(value.toString())));
      }
    }
    return respelled;
  }

  private static RatedRecord in(Organization of, RatedRecord usage) {
    return usage.account(of.id() + usage.fields().get("account_id"));
  }

  /** Without what differs between organizations. */
  private static Map<String, Object> apart(Organization of, Map<String, Object> row) {
    Map<String, Object> apart = new LinkedHashMap<>(row);
    apart.remove("id");
    apart.put("account_id", row.get("account_id").toString().replace(of.id(), ""));
    return apart;
  }

  private static BigDecimal decimal(Map<String, Object> row, String field) {
    return new BigDecimal(row.get(field).toString());
  }

  /** Anything; without line ends, which would make other requests of it. */
  private String garbage(boolean target) {
    StringBuilder garbage = new StringBuilder();
    int length = random.nextInt(40);
    for (int i = 0; i < length; i++) {
      switch (random.nextInt(6)) {
        case 0 ->
            garbage.append(any(List.of("'", "\"", "%00", "%ff", "%", "%zz", ";", ",", "=", "&")));
        case 1 -> garbage.append(encode(any(WORDS)));
        case 2 ->
            garbage.append(encode(any(List.of("account_id", " eq ", " and ", "(", "not ", "in"))));
        case 3 -> garbage.append("%").append(Integer.toHexString(0x10 + random.nextInt(0xf0)));
        case 4 -> garbage.append(target ? "/" : any(WORDS));
        default -> garbage.append((char) (0x21 + random.nextInt(0x5e)));
      }
    }
    // A fragment is not sent, and white space ends a target.
    return target ? garbage.toString().replace("#", "").replace(" ", "") : garbage.toString();
  }

  private String anyType() {
    return random.nextInt(3) == 0
        ? garbage(false)
        : any(
            List.of(
                "application/json",
                "application/json; charset=utf-8",
                "text/csv; profile=focus",
                "text/csv",
                "application/json; charset=" + encode(any(WORDS))));
  }

  /** A text with a few characters changed, left out or doubled. */
  private String broken(String text) {
    StringBuilder broken = new StringBuilder(text.strip());
    for (int i = random.nextInt(4); i >= 0 && broken.length() > 0; i--) {
      int at = random.nextInt(broken.length());
      switch (random.nextInt(4)) {
        case 0 -> broken.setCharAt(at, (char) (0x21 + random.nextInt(0x5e)));
        case 1 -> broken.deleteCharAt(at);
        case 2 -> broken.insert(at, broken.charAt(at));
        default -> broken.setLength(at);
      }
    }
    return broken.toString();
  }
}
