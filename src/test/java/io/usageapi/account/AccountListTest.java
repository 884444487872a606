package io.usageapi.account;

import static io.usageapi.fixture.Organization.anOrganization;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.Page;
import io.usageapi.fixture.Tokens;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class AccountListTest {
  private final Organization acme = anOrganization();

  /**
   * Five accounts with ids that differ in their last letter. Names sort by code point; two accounts
   * have none.
   */
  @BeforeEach
  void five_accounts() {
    make("a", "é");
    make("b", null);
    make("c", "\uFFFD");
    make("d", "😀");
    make("e", null);
  }

  private void make(String letter, String name) {
    Map<String, Object> body = new HashMap<>(Map.of("organization_id", acme.id()));
    body.put("name", name);
    Api.putAccount(Tokens.operator(), acme + "-" + letter, body).statusCode(201);
  }

  @ParameterizedTest
  @CsvSource({"id:asc,abcde", "id:desc,edcba", "name:asc,acdbe", "name:desc,dcaeb"})
  void accounts_are_listed_in_order_and_those_without_a_name_last(String order, String letters) {
    Page page = list("?order_by=" + order);

    assertThat(letters(page)).isEqualTo(letters);
    assertThat(page.names("$"))
        .containsExactly(
            "count", "page", "per_page", "total", "total_pages", "_embedded", "_links");
    assertThat(page.names("_embedded.accounts[0]"))
        .containsExactly("id", "name", "company_name", "status");
  }

  @Test
  void pages_have_totals_and_links_that_lead_through_all() {
    Page page = list("?per_page=2&order_by=id:desc");
    assertThat(page.json().getInt("total")).isEqualTo(5);
    assertThat(page.json().getInt("total_pages")).isEqualTo(3);
    assertThat(page.link("_links.prev")).isNull();
    StringBuilder seen = new StringBuilder(letters(page));
    while (page.link("_links.next") != null) {
      page = page.follow("_links.next");
      seen.append(letters(page));
    }

    assertThat(seen).hasToString("edcba");
    assertThat(page.link("_links.self")).isEqualTo(page.link("_links.last"));
    assertThat(letters(page.follow("_links.prev"))).isEqualTo("cb");
    assertThat(letters(page.follow("_links.first"))).isEqualTo("ed");
  }

  @Test
  void a_page_past_the_end_is_empty_and_leads_back() {
    Page page = list("?per_page=2&page=2147483647");

    assertThat(page.count()).isZero();
    assertThat(page.json().getInt("total")).isEqualTo(5);
    assertThat(page.link("_links.next")).isNull();
    assertThat(letters(page.follow("_links.prev"))).isEqualTo("e");
  }

  @Test
  void an_organization_without_accounts_has_an_empty_page() {
    anOrganization()
        .asReader()
        .get(Api.ACCOUNTS)
        .then()
        .statusCode(200)
        .body("total", equalTo(0))
        .body("total_pages", equalTo(0));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "per_page=0",
        "per_page=251",
        "page=0",
        "order_by=status:asc",
        "search=",
        "page=1&page=1"
      })
  void a_bad_parameter_is_named(String query) {
    acme.asReader()
        .get(Api.ACCOUNTS + "?" + query)
        .then()
        .statusCode(400)
        .body("code", equalTo("invalid_parameter"))
        .body("fields[0].name", equalTo(query.substring(0, query.indexOf('='))));
  }

  /** Names by letter: é, none, U+FFFD, 😀, none. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "search=É | a",
        "search=😀 | d",
        "search=%s-E | e",
        "search=ORG- | abcdef",
        "search=. | ",
        "search=%5E | ",
        "search=%5Cd | ",
        "search=%5B%5D%29 | ",
        "search=_ | f",
        "search=%25 | f",
        "search=acme (in)* | f",
        "search=ACME&filter=status eq 'ACTIVE' | ",
        "filter=id in ('%s-a','%s-c','elsewhere') | ac",
        "filter=name eq null | be",
        "filter=contains(name, 'é') or company_name ne null | af",
        "filter=not status eq 'ACTIVE' | f",
        "filter=id gt '%s-b' and name ne null&order_by=id:desc | fdc"
      })
  void accounts_are_found_by_a_part_of_their_texts_and_by_a_filter(String query, String letters) {
    Api.putAccount(
            Tokens.operator(),
            acme + "-f",
            Map.of(
                "organization_id",
                acme.id(),
                "name",
                "50%_",
                "company_name",
                "Acme (In)*",
                "status",
                "PROSPECT"))
        .statusCode(201);
    Map<String, String> parameters = new LinkedHashMap<>(Map.of("per_page", "2"));
    for (String parameter : query.replace("%s", acme.id()).split("&", -1)) {
      String value = parameter.replaceFirst("[a-z_]+=", "");
      parameters.put(
          parameter.replaceFirst("=.*", ""),
          value.startsWith("%") && value.length() > 1
              ? URLDecoder.decode(value, StandardCharsets.UTF_8)
              : value);
    }

    Page page = acme.pageOf(Api.ACCOUNTS, parameters);

    String expected = letters == null ? "" : letters;
    assertThat(page.json().getInt("total")).isEqualTo(expected.length());
    StringBuilder found = new StringBuilder(letters(page));
    while (page.link("_links.next") != null) {
      page = page.follow("_links.next");
      found.append(letters(page));
    }
    assertThat(found).hasToString(expected);
  }

  @Test
  void a_search_has_up_to_100_characters_and_a_filter_the_fields_of_accounts() {
    Map<String, String> refused =
        Map.of("search=" + "x".repeat(101), "search", "filter=account_id eq 'a'", "filter");
    refused.forEach(
        (query, field) ->
            acme.asReader()
                .get(Api.ACCOUNTS + "?" + query)
                .then()
                .statusCode(400)
                .body("fields[0].name", equalTo(field)));
    assertThat(list("?search=" + "x".repeat(100)).count()).isZero();
  }

  /** The same accounts, in the same order. */
  @ParameterizedTest
  @ValueSource(strings = {"", "?order_by=name:desc", "?search=ORG-&filter=name%20ne%20null"})
  void all_accounts_of_a_query_are_exported(String query) {
    String rows =
        list(query).rows().stream()
            .map(
                row -> row.get("id") + "," + Objects.toString(row.get("name"), "") + ",,ACTIVE\r\n")
            .collect(joining());
    List<String> ids = list(query).column("id").stream().map(Object::toString).toList();

    Response csv = exported("text/csv", query);
    Response ndjson = exported("application/x-ndjson", query);

    assertThat(csv.asString()).isEqualTo("id,name,company_name,status\r\n" + rows);
    assertThat(csv.header("Content-Disposition"))
        .isEqualTo("attachment; filename=\"accounts.csv\"");
    assertThat(ndjson.asString().lines().map(line -> JsonPath.from(line).getString("id")))
        .isEqualTo(ids);
    assertThat(ndjson.header("Content-Disposition")).contains("accounts.ndjson");
  }

  private Response exported(String type, String query) {
    return acme.asReader().accept(type).urlEncodingEnabled(false).get(Api.ACCOUNTS + query);
  }

  @Test
  void an_export_of_accounts_has_no_pages_and_a_scope() {
    for (String type : List.of("text/csv", "application/x-ndjson")) {
      acme.asReader()
          .accept(type)
          .get(Api.ACCOUNTS + "?per_page=1&page=1&search=")
          .then()
          .statusCode(400)
          .body("fields.name", containsInAnyOrder("search", "per_page", "page"));
      acme.asReader().accept(type).head(Api.ACCOUNTS).then().statusCode(200);
      Api.as(acme.granted("express-accounts-usage:read"))
          .accept(type)
          .get(Api.ACCOUNTS)
          .then()
          .statusCode(403);
    }
    assertThat(anOrganization().asReader().accept("text/csv").get(Api.ACCOUNTS).asString())
        .isEqualTo("id,name,company_name,status\r\n");
    acme.asReader().accept("text/csv; profile=focus").get(Api.ACCOUNTS).then().statusCode(406);
  }

  @Test
  void in_hal_an_account_has_links_to_itself_and_to_its_usage() {
    acme.hasAccounts("o'b/ " + acme);
    RequestSpecification hal = acme.asReader().accept("application/hal+json");
    JsonPath page = hal.queryParam("search", "o'b").get(Api.ACCOUNTS).jsonPath();

    String self = page.getString("_embedded.accounts[0]._links.self.href");
    JsonPath one =
        acme.asReader()
            .accept("application/hal+json")
            .urlEncodingEnabled(false)
            .get(self)
            .jsonPath();
    assertThat(one.getString("id")).isEqualTo("o'b/ " + acme);
    assertThat(one.getString("_links.self.href")).isEqualTo(self);
    assertThat(acme.follow(one.getString("_links.usage_by_month.href")).count()).isZero();
  }

  private Page list(String query) {
    return acme.follow(Api.ACCOUNTS + query);
  }

  private static String letters(Page page) {
    return page.column("id").stream()
        .map(id -> id.toString().substring(id.toString().length() - 1))
        .collect(joining());
  }

  @Test
  void the_default_order_is_by_id_and_the_default_size_is_50() {
    Page page = list("");

    assertThat(letters(page)).isEqualTo("abcde");
    assertThat(page.json().getInt("per_page")).isEqualTo(50);
    assertThat(page.json().getInt("page")).isEqualTo(1);
    assertThat(page.names("_links")).containsExactly("first", "last", "self");
  }

  @Test
  void accounts_of_another_organization_are_neither_listed_nor_counted() {
    Page page = anOrganization().follow(Api.ACCOUNTS);

    assertThat(page.json().getInt("total")).isZero();
    assertThat(page.json().getList("_embedded.accounts")).isEmpty();
  }
}
