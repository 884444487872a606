package io.usageapi.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Tokens;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class AccountListTest {
  private String organization;
  private String token;

  /**
   * Five accounts, told apart by the last letter of their ids: Z é 😀 by code point, two without a
   * name.
   */
  @BeforeEach
  void five_accounts() {
    organization = Api.newOrganization();
    token = Tokens.reader(organization);
    make("a", "é");
    make("b", null);
    make("c", "\uFFFD");
    make("d", "😀");
    make("e", null);
  }

  private void make(String letter, String name) {
    Map<String, Object> body = new HashMap<>(Map.of("organization_id", organization));
    body.put("name", name);
    Api.as(Tokens.operator())
        .contentType("application/json")
        .body(body)
        .put(Api.ACCOUNTS + "/{id}", organization + "-" + letter)
        .then()
        .statusCode(201);
  }

  @ParameterizedTest
  @CsvSource({"id:asc,abcde", "id:desc,edcba", "name:asc,acdbe", "name:desc,dcaeb"})
  void accounts_are_listed_in_order_with_no_name_last(String order, String letters) {
    JsonPath page = list("?order_by=" + order);

    assertThat(letters(page)).isEqualTo(letters);
    assertThat(page.getMap("$").keySet())
        .map(Object::toString)
        .containsExactly(
            "count", "page", "per_page", "total", "total_pages", "_embedded", "_links");
    assertThat(page.<String, Object>getMap("_embedded.accounts[0]").keySet())
        .containsExactly("id", "name", "company_name", "status");
  }

  @Test
  void pages_have_totals_and_links_that_lead_through_all() {
    JsonPath page = list("?per_page=2&order_by=id:desc");
    assertThat(page.getInt("total")).isEqualTo(5);
    assertThat(page.getInt("total_pages")).isEqualTo(3);
    assertThat(page.getString("_links.prev")).isNull();
    StringBuilder seen = new StringBuilder(letters(page));
    while (page.getString("_links.next.href") != null) {
      page = Api.follow(token, page.getString("_links.next.href"));
      seen.append(letters(page));
    }

    assertThat(seen).hasToString("edcba");
    assertThat(page.getString("_links.self.href")).isEqualTo(page.getString("_links.last.href"));
    assertThat(letters(Api.follow(token, page.getString("_links.prev.href")))).isEqualTo("cb");
    assertThat(letters(Api.follow(token, page.getString("_links.first.href")))).isEqualTo("ed");
  }

  @Test
  void a_page_past_the_end_is_empty_and_leads_back() {
    JsonPath page = list("?per_page=2&page=2147483647");

    assertThat(page.getInt("count")).isZero();
    assertThat(page.getInt("total")).isEqualTo(5);
    assertThat(page.getString("_links.next")).isNull();
    assertThat(letters(Api.follow(token, page.getString("_links.prev.href")))).isEqualTo("e");
  }

  @Test
  void an_organization_without_accounts_has_an_empty_page() {
    Api.as(Tokens.reader(Api.newOrganization()))
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
  void a_parameter_that_is_bad_is_named(String query) {
    Api.as(token)
        .get(Api.ACCOUNTS + "?" + query)
        .then()
        .statusCode(400)
        .body("code", equalTo("invalid_parameter"))
        .body("fields[0].name", equalTo(query.substring(0, query.indexOf('='))));
  }

  private JsonPath list(String query) {
    return Api.follow(token, Api.ACCOUNTS + query);
  }

  private static String letters(JsonPath page) {
    List<String> ids = page.getList("_embedded.accounts.id");
    return ids.stream().map(id -> id.substring(id.length() - 1)).reduce("", String::concat);
  }

  @Test
  void the_order_is_by_id_and_the_size_50_where_nothing_is_said() {
    JsonPath page = list("");

    assertThat(letters(page)).isEqualTo("abcde");
    assertThat(page.getInt("per_page")).isEqualTo(50);
    assertThat(page.getInt("page")).isEqualTo(1);
    assertThat(page.getMap("_links").keySet())
        .map(Object::toString)
        .containsExactly("first", "last", "self");
  }

  @Test
  void accounts_of_another_organization_are_neither_listed_nor_counted() {
    JsonPath page = Api.follow(Tokens.reader(Api.newOrganization()), Api.ACCOUNTS);

    assertThat(page.getInt("total")).isZero();
    assertThat(page.getList("_embedded.accounts")).isEmpty();
  }
}
