package io.usageapi.account;

import static io.usageapi.fixture.Organization.anOrganization;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.junit.QuarkusTest;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.Page;
import io.usageapi.fixture.Tokens;
import java.util.HashMap;
import java.util.Map;
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
        "filter=x",
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
