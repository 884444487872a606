package io.usageapi.account;

import static io.usageapi.fixture.Organization.anOrganization;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.oneOf;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.Header;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.Tokens;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class AccountPutTest {
  private final Organization acme = anOrganization();
  private final String account = acme.id();

  @Test
  void an_account_is_created_with_its_organization_and_then_replaced() {
    put(Map.of("name", "One", "status", "IN_TRIAL"))
        .statusCode(201)
        .body("id", equalTo(account))
        .body("name", equalTo("One"))
        .body("company_name", nullValue())
        .body("status", equalTo("IN_TRIAL"));

    put(Map.of("company_name", "Two"))
        .statusCode(200)
        .body("name", nullValue())
        .body("company_name", equalTo("Two"))
        .body("status", equalTo("ACTIVE"));

    Api.account(acme.reader(), account).then().statusCode(200).body("company_name", equalTo("Two"));
  }

  @Test
  void an_account_never_changes_its_organization() {
    acme.account();

    put(Map.of("organization_id", anOrganization().id()))
        .statusCode(409)
        .body("code", equalTo("conflict"));
  }

  @Test
  void a_bound_writer_provisions_for_its_own_organization_alone() {
    Map<String, ?> body = Map.of("organization_id", acme.id());

    Api.putAccount(acme.writer(), account, body).statusCode(201);
    Api.putAccount(anOrganization().writer(), account, body)
        .statusCode(403)
        .body("code", equalTo("account_not_in_organization"));
  }

  @Test
  void an_account_of_another_organization_is_404_like_one_that_does_not_exist() {
    acme.account();

    Api.account(anOrganization().reader(), account)
        .then()
        .statusCode(404)
        .body("code", equalTo("not_found"));
  }

  @Test
  void a_reader_cannot_tell_a_foreign_account_from_one_that_does_not_exist() {
    acme.account();
    String reader = anOrganization().reader();

    Response foreign = Api.account(reader, account);
    Response missing = Api.account(reader, anOrganization().id());

    assertAlike(foreign, missing);
  }

  @Test
  void a_bound_writer_is_refused_before_anything_is_looked_up() {
    acme.account();
    String writer = anOrganization().writer();
    Organization other = anOrganization();

    assertAlike(
        Api.putAccount(writer, account, Map.of("organization_id", acme.id())).extract().response(),
        Api.putAccount(writer, other.id(), Map.of("organization_id", other.id()))
            .statusCode(403)
            .extract()
            .response());
  }

  private static void assertAlike(Response one, Response other) {
    assertThat(one.statusCode()).isEqualTo(other.statusCode());
    assertThat(one.asByteArray()).isEqualTo(other.asByteArray());
    assertThat(lasting(one)).isEqualTo(lasting(other));
  }

  private static List<Header> lasting(Response response) {
    return response.headers().asList().stream()
        .filter(header -> !header.getName().equalsIgnoreCase("X-Request-Id"))
        .toList();
  }

  @Test
  void a_slash_in_an_id_is_percent_encoded() {
    String id = "/providers/" + acme;
    acme.hasAccounts(id);

    Api.account(acme.reader(), id).then().statusCode(200).body("id", equalTo(id));
  }

  @Test
  void every_error_of_a_body_is_named() {
    Api.putAccount(Tokens.operator(), account, Map.of("name", 7, "status", "GONE", "nmae", "x"))
        .statusCode(400)
        .body("code", equalTo("invalid_body"))
        .body("fields.name", hasItems("organization_id", "name", "status", "nmae"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "[]", "{", "{\"organization_id\":\"a\",\"organization_id\":\"b\"}", "{} {}"})
  void anything_but_one_json_object_is_an_invalid_body(String body) {
    Api.putAccount(Tokens.operator(), account, body)
        .statusCode(400)
        .body("code", equalTo("invalid_body"));
  }

  @Test
  void a_body_has_at_most_64_members() {
    Map<String, Object> body = new HashMap<>();
    for (int i = 1; i < 64; i++) {
      body.put("x" + i, i);
    }

    put(body).statusCode(400).body("code", equalTo("invalid_body")).body("fields", hasSize(63));
    body.put("x", "y");
    put(body)
        .statusCode(400)
        .body("code", equalTo("invalid_body"))
        .body("fields", empty())
        .body("description", containsString("64 members"));
  }

  @Test
  void a_body_in_another_media_type_is_415() {
    Api.as(Tokens.operator())
        .contentType("text/plain")
        .body("{}")
        .put(Api.ACCOUNTS + "/{id}", account)
        .then()
        .statusCode(415)
        .body("code", equalTo("unsupported_media_type"));
  }

  /** An operator sends the account; its organization is acme unless the fields say otherwise. */
  private ValidatableResponse put(Map<String, ?> fields) {
    Map<String, Object> body = new HashMap<>(Map.of("organization_id", acme.id()));
    body.putAll(fields);
    return Api.putAccount(Tokens.operator(), account, body);
  }

  @Test
  void an_empty_text_is_no_value() {
    put(Map.of("name", "", "company_name", "", "status", ""))
        .statusCode(201)
        .body("name", nullValue())
        .body("company_name", nullValue())
        .body("status", equalTo("ACTIVE"));
    put(Map.of("organization_id", ""))
        .statusCode(400)
        .body("fields.name", hasItems("organization_id"));
  }

  @Test
  void a_name_of_256_code_points_is_accepted_and_one_of_257_is_not() {
    put(Map.of("name", "😀".repeat(256))).statusCode(201).body("name", equalTo("😀".repeat(256)));
    put(Map.of("company_name", "x".repeat(257)))
        .statusCode(400)
        .body("fields.name", hasItems("company_name"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"%2E", "%2E%2E"})
  void an_id_of_dots_alone_is_refused(String id) {
    Api.as(Tokens.operator())
        .urlEncodingEnabled(false)
        .contentType("application/json")
        .body(Map.of("organization_id", acme.id()))
        .put(Api.ACCOUNTS + "/" + id)
        .then()
        .statusCode(oneOf(400, 404, 405));
    acme.asReader().get(Api.ACCOUNTS).then().body("total", equalTo(0));
  }

  @Test
  void text_is_kept_as_sent() {
    String name = "  Straße\u0301 \u212B \t";
    put(Map.of("name", name)).statusCode(201);

    Api.account(acme.reader(), account).then().body("name", equalTo(name));
  }

  @ParameterizedTest
  @EnumSource
  void every_status_is_stored_and_read_back(AccountStatus status) {
    put(Map.of("status", status.name())).statusCode(201);

    Api.account(acme.reader(), account).then().body("status", equalTo(status.name()));
  }

  @Test
  void the_statuses_are_those_of_the_contract() {
    assertThat(AccountStatus.values())
        .extracting(Enum::name)
        .containsExactlyInAnyOrder(
            "ACTIVE", "CHURNED", "IN_TRIAL", "INACTIVE", "PROSPECT", "TRIAL_LOST", "OTHER");
  }

  @Test
  void an_account_written_twice_is_read_in_full() {
    Map<String, String> body =
        Map.of("organization_id", acme.id(), "name", "One", "company_name", "Two");
    Api.putAccount(acme.writer(), account, body).statusCode(201);
    Api.putAccount(acme.writer(), account, body).statusCode(200);

    Response read = Api.account(acme.reader(), account);

    assertThat(read.asString())
        .isEqualTo(
            "{\"id\":\"%s\",\"name\":\"One\",\"company_name\":\"Two\",\"status\":\"ACTIVE\"}"
                .formatted(account));
  }
}
