package io.usageapi.security;

import static io.usageapi.fixture.Organization.anOrganization;
import static io.usageapi.fixture.RatedRecord.FOCUS_HEADER;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static io.usageapi.fixture.RatedRecord.focusRow;
import static io.usageapi.fixture.RawRequest.encode;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Document;
import io.usageapi.fixture.Import;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.Page;
import io.usageapi.fixture.RawRequest;
import io.usageapi.fixture.Tokens;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A tenant never reads data of another tenant, whatever it asks for. The test takes the operations
 * from the OpenAPI document, so that none is forgotten.
 */
@QuarkusTest
class IsolationWalkTest {
  @TestHTTPResource URI server;

  /** A part of every text of the other tenant, and of no request. */
  private final String marker = "m" + UUID.randomUUID().toString().replace("-", "");

  private final Organization mine = anOrganization();
  private final Organization other = anOrganization();
  private final String otherAccount = marker + "-account";
  private Page otherPage;

  @BeforeEach
  void two_tenants() {
    Map<String, String> account =
        Map.of(
            "organization_id",
            other.id(),
            "name",
            marker + "-name",
            "company_name",
            marker + "-co");
    Api.putAccount(Tokens.operator(), otherAccount, account).statusCode(201);
    for (int i = 0; i < 5; i++) {
      mine.sends(aRecord().of("p" + i));
      other.sends(
          aRecord()
              .account(otherAccount)
              .of(marker + "-product" + i)
              .with("aggr_product_id", marker + "-aggregated")
              .with("description", marker + "-description")
              .with("wallet_name", marker + "-wallet"));
    }
    otherPage = other.page("per_page", 2);
    assertThat(otherPage.count()).isEqualTo(2);
  }

  @Test
  void no_read_shows_anything_of_another_tenant() {
    for (String path : readable()) {
      for (String target : targets(path)) {
        for (String accept : shapes(path)) {
          assertNothingLeaks(target, accept, namesTheOther(path, target));
        }
        for (String accept : List.of("text/csv", "application/x-ndjson")) {
          assertNoExportLeaks(path, target, accept);
        }
      }
    }
  }

  /** The marker can be seen where it may be seen. */
  @Test
  void the_other_tenant_sees_its_own() {
    String records = Api.USAGE + "/" + otherPage.row().get("id") + "/records";
    for (String target : List.of(Api.USAGE, records, Api.ACCOUNTS + "/" + otherAccount)) {
      assertThat(other.get(target).send(server).text()).contains(marker);
    }
    for (String accept : List.of("*/*", "text/csv", "application/x-ndjson")) {
      for (String target :
          List.of(
              Api.USAGE,
              Api.ACCOUNTS,
              records,
              Api.TOTALS + "?group_by=product_id",
              Api.CHANGES + "?month=2026-01&group_by=product_id")) {
        assertThat(other.get(target).accept(accept).send(server).text()).contains(marker);
      }
    }
  }

  /** An id is taken by each tenant for itself, and by operators. */
  @Test
  void no_write_changes_an_import_of_another_tenant() {
    String id = "bill " + mine;
    Import theirs = Import.of(other.writer(), id);
    Import operators = Import.of(Tokens.operator(), id + " of operators");
    String row = focusRow(other, otherAccount, marker, "2026-01-01T00:00:00Z", "1");
    theirs.put(FOCUS_HEADER + row).adds(1);
    operators.put(FOCUS_HEADER + row).adds(1);

    for (Import bill : List.of(theirs, operators)) {
      Import foreign = Import.of(mine.writer(), bill.id());
      foreign.isUnknown();
      foreign.put(FOCUS_HEADER).changes(0, 0, 0);
      foreign.delete().changes(0, 0, 0);
      foreign.send(FOCUS_HEADER + row).statusCode(200).body("added", equalTo(0));
      bill.get().body("rows", equalTo(1));
    }
    operators.delete().changes(0, 1, 0);
    theirs.get().body("rows", equalTo(1));
  }

  private static List<String> readable() {
    List<String> readable =
        Document.operations()
            .filter(operation -> operation.method().equals("GET"))
            .map(Document.Operation::path)
            .filter(path -> path.startsWith("/express"))
            .toList();
    assertThat(readable)
        .contains(
            Api.USAGE,
            Api.DAYS,
            Api.DAYS + "/{id}",
            Api.TOTALS,
            Api.CHANGES,
            Api.USAGE + "/{id}",
            Api.USAGE + "/{id}/records",
            Api.IMPORTS + "/{id}",
            Api.ACCOUNTS + "/{id}");
    return readable;
  }

  /** The requests for a path. Whoever adds an operation adds its requests here. */
  private List<String> targets(String path) {
    return switch (path) {
      case Api.USAGE -> pages();
      case Api.TOTALS -> totals();
      case Api.CHANGES -> changes();
      case Api.DAYS ->
          pages().stream()
              .map(
                  page ->
                      page.replace(Api.USAGE, Api.DAYS)
                          .replace("order_by=month", "order_by=day")
                          .replace("month%20ge%20%272000-01%27", "day%20ge%20%272000-01-01%27"))
              .filter(page -> !page.contains("cursor="))
              .toList();
      case Api.DAYS + "/{id}" ->
          other.days().column("id").stream().map(id -> Api.DAYS + "/" + id).toList();
      case Api.USAGE + "/{id}" -> otherAggregates().toList();
      case Api.USAGE + "/{id}/records" ->
          otherAggregates()
              .map(aggregate -> aggregate + "/records")
              .flatMap(
                  records -> Stream.of(records, records + "?per_page=1", lastPageOfOther(records)))
              .toList();
      case Api.IMPORTS + "/{id}" -> imports();
      case "/express" -> List.of(path);
      case Api.ACCOUNTS ->
          List.of(
              path,
              path + "?per_page=1",
              path + "?page=2",
              path + "?order_by=name%3Adesc",
              path + "?search=" + marker.substring(0, 9),
              path + "?filter=" + encode("not id eq 'x' or contains(name, '-name')"));
      case Api.ACCOUNTS + "/{id}" ->
          List.of(Api.ACCOUNTS + "/" + otherAccount, Api.ACCOUNTS + "/" + other);
      default -> throw new AssertionError("Nobody has said how GET " + path + " is called.");
    };
  }

  /** One of the other tenant, and one of operators that contributes to it. */
  private List<String> imports() {
    String file = FOCUS_HEADER + focusRow(other, otherAccount, marker, "2026-01-01T00:00:00Z", "1");
    return Stream.of(other.writer(), Tokens.operator())
        .map(sender -> Import.of(sender, "bill " + mine))
        .peek(bill -> bill.send(file).statusCode(200))
        .map(Import::path)
        .toList();
  }

  private Stream<String> otherAggregates() {
    return otherPage.column("id").stream().map(id -> Api.USAGE + "/" + id);
  }

  /** With a cursor of the other tenant. */
  private String lastPageOfOther(String records) {
    return rawTarget(other.follow(records).link("last"));
  }

  private List<String> totals() {
    List<String> groups =
        List.of(
            "account_id",
            "product_id",
            "wallet_name,aggr_product_id",
            "account_id,product_id,aggr_product_id,month,type,direction,resolution,wallet_name");
    Page otherTotals = other.totals("group_by", "account_id,product_id", "per_page", 2);
    Stream<String> others =
        Stream.of("first", "last", "next", "self").map(link -> rawTarget(otherTotals.link(link)));
    Stream<String> grouped =
        groups.stream()
            .flatMap(
                group ->
                    Stream.of("", "&kind=top_up", "&order_by=total_amount%3Adesc&per_page=1")
                        .map(more -> Api.TOTALS + "?group_by=" + group + more));
    Stream<String> filtered =
        Stream.concat(filters(), foreignFilters())
            .map(filter -> Api.TOTALS + "?group_by=account_id,product_id&filter=" + encode(filter));
    return Stream.of(Stream.of(Api.TOTALS), others, grouped, filtered)
        .flatMap(targets -> targets)
        .toList();
  }

  private List<String> changes() {
    Page theirs =
        other.changes("month", "2026-01", "group_by", "account_id,product_id", "per_page", 2);
    Stream<String> pages =
        Stream.of("first", "last", "next").map(link -> rawTarget(theirs.link(link)));
    Stream<String> filtered =
        Stream.concat(filters(), foreignFilters())
            .filter(filter -> !filter.contains("month"))
            .map(
                filter ->
                    Api.CHANGES
                        + "?month=2026-01&group_by=account_id,product_id,wallet_name&filter="
                        + encode(filter));
    return Stream.of(Stream.of(Api.CHANGES, Api.CHANGES + "?with=2026-01"), pages, filtered)
        .flatMap(targets -> targets)
        .toList();
  }

  private Stream<String> filters() {
    // A part of the marker: an answer may repeat it.
    String part = marker.substring(0, 9);
    return Stream.of(
            "contains(account_id, '%s')",
            "contains(product_id, '%s') or contains(wallet_name, '%s')",
            "account_id ge '%s'",
            "account_id lt '%s~' or product_id gt 'a'",
            "not account_id lt '%s'",
            "not contains(account_id, 'nothing') or aggr_product_id ne null",
            "month ge '2000-01'",
            "wallet_name ne null",
            "not wallet_name eq null or product_id ge '%s'")
        .map(filter -> filter.replace("%s", part));
  }

  private Stream<String> foreignFilters() {
    return Stream.of("account_id eq '%s'", "account_id ne '%s'", "not account_id in ('%s')")
        .map(filter -> filter.formatted(otherAccount));
  }

  private List<String> pages() {
    Stream<String> filters =
        Stream.concat(filters(), foreignFilters())
            .map(filter -> Api.USAGE + "?filter=" + encode(filter));
    Stream<String> others =
        Stream.of("first", "last", "next", "self").map(link -> rawTarget(otherPage.link(link)));
    Stream<String> orders =
        Stream.of("id", "month", "account_id", "product_id")
            .flatMap(field -> Stream.of(field + ":asc", field + ":desc"))
            .map(order -> Api.USAGE + "?order_by=" + encode(order));
    Stream<String> cursors =
        Stream.of("account_id:asc", "product_id:desc")
            .map(order -> rawTarget(other.page("order_by", order, "per_page", 2).link("last")));
    return Stream.of(Stream.of(Api.USAGE), filters, others, cursors, orders)
        .flatMap(targets -> targets)
        .toList();
  }

  /** Whether a request names something of the other tenant, and so is refused. */
  private boolean namesTheOther(String path, String target) {
    return path.contains("{id}") || target.contains(otherAccount);
  }

  private void assertNothingLeaks(String target, String accept, boolean refused) {
    String next = target;
    TreeSet<String> walked = new TreeSet<>();
    while (next != null && walked.add(next)) {
      RawRequest.Response response = get(next).accept(accept).send(server);

      String all = new String(response.body(), StandardCharsets.ISO_8859_1);
      assertThat(all).as(next).doesNotContain(marker).doesNotContain(other.id());
      if (refused) {
        assertThat(response.status()).as(next).isIn(403, 404);
        return;
      }
      assertThat(response.status()).as("%s: %s", next, all).isEqualTo(200);
      String href = JsonPath.from(all).getString("next.href");
      next = href == null ? null : rawTarget(href);
    }
  }

  /** An import is plain JSON. */
  private static List<String> shapes(String path) {
    String text = "application/json;IEEE754Compatible=true";
    return path.startsWith(Api.IMPORTS)
        ? List.of("*/*", text)
        : List.of("*/*", text, "application/hal+json");
  }

  /** With every scope of a tenant: only its organization stops it. */
  private RawRequest get(String target) {
    return RawRequest.get(target).token(mine.granted(Tokens.ALL_SCOPES));
  }

  /** An export has no pages to walk, and does not take all parameters of pages. */
  private void assertNoExportLeaks(String path, String target, String accept) {
    RawRequest.Response response = get(target).accept(accept).send(server);

    assertThat(response.text()).as(target).doesNotContain(marker).doesNotContain(other.id());
    boolean ofPages = target.contains("cursor=") || target.contains("page=");
    if (List.of(Api.USAGE, Api.DAYS, Api.TOTALS, Api.CHANGES, Api.ACCOUNTS).contains(path)
        && !ofPages) {
      assertThat(response.status()).isEqualTo(namesTheOther(path, target) ? 403 : 200);
    } else {
      assertThat(response.status()).as(target).isIn(400, 403, 404, 406);
    }
  }

  private static String rawTarget(String href) {
    URI link = URI.create(href);
    return link.getRawPath() + (link.getRawQuery() == null ? "" : "?" + link.getRawQuery());
  }
}
