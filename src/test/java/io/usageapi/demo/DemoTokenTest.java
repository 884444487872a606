package io.usageapi.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.ValidatableResponse;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.ServerResource;
import org.junit.jupiter.api.Test;

@QuarkusTest
@TestProfile(ServerResource.Demo.class)
class DemoTokenTest {
  @Test
  void a_client_gets_a_token_that_reads_its_usage() {
    String token =
        Api.anonymous()
            .auth()
            .preemptive()
            .basic("newcomer", "demo")
            .formParam("grant_type", "client_credentials")
            .post("/oauth/token")
            .then()
            .statusCode(200)
            .body("token_type", equalTo("Bearer"))
            .extract()
            .path("access_token");

    Api.as(token).get(Api.USAGE).then().statusCode(200).body("count", equalTo(0));
  }

  @Test
  void scopes_asked_for_are_given_only_where_the_client_has_them() {
    token("acme", "demo").statusCode(200).body("scope", equalTo("express-accounts-usage:read"));
  }

  @Test
  void a_wrong_secret_or_grant_gets_no_token() {
    token("acme", "wrong").statusCode(401).body("error", equalTo("invalid_client"));
    token("", "demo").statusCode(401);
    Api.anonymous()
        .formParam("grant_type", "password")
        .post("/oauth/token")
        .then()
        .statusCode(400)
        .body("error", equalTo("unsupported_grant_type"));
  }

  @Test
  void the_document_tells_swagger_ui_where_tokens_come_from() {
    String document = Api.anonymous().get("/q/openapi?format=json").asString();

    assertThat(document).contains("\"tokenUrl\"").contains("/oauth/token");
  }

  private static ValidatableResponse token(String client, String secret) {
    return Api.anonymous()
        .formParam("grant_type", "client_credentials")
        .formParam("client_id", client)
        .formParam("client_secret", secret)
        .formParam("scope", "express-accounts-usage:read express-operator")
        .post("/oauth/token")
        .then();
  }
}
