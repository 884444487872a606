package io.usageapi.limit;

import static io.usageapi.fixture.Eventually.eventually;
import static io.usageapi.fixture.Organization.anOrganization;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.restassured.response.Response;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.OwnServer;
import io.usageapi.fixture.Tokens;
import io.usageapi.security.Scope;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The limit of requests of an organization, if one is configured. */
@Tag("drill")
class RateLimitIT {
  private static final int LIMIT = 40;

  /** In seconds. One request a second is allowed again; tests send faster than that. */
  private static final int PERIOD = 40;

  @RegisterExtension
  static final OwnServer SERVER =
      OwnServer.with(
          "usage-api.rate-limit.requests=" + LIMIT, "usage-api.rate-limit.period=" + PERIOD + "s");

  private final Organization acme = anOrganization();
  private final String reader = acme.reader();

  private static Response ask(String token) {
    return Api.as(token).get(Api.ACCOUNTS);
  }

  /** Sends requests until one is refused. */
  @CanIgnoreReturnValue
  private Response exhaust() {
    Response response = ask(reader);
    for (int sent = 1; sent < 10 * LIMIT && response.statusCode() != 429; sent++) {
      response = ask(reader);
    }
    assertThat(response.statusCode()).isEqualTo(429);
    return response;
  }

  private static int header(Response response, String name) {
    return Integer.parseInt(response.header(name));
  }

  @Test
  void every_answer_says_how_many_requests_are_left() {
    Response first = ask(reader);
    Response bad = Api.as(reader).queryParam("nonsense", "1").get(Api.ACCOUNTS);

    assertThat(first.statusCode()).isEqualTo(200);
    assertThat(header(first, RateLimits.LIMIT)).isEqualTo(LIMIT);
    assertThat(header(first, RateLimits.REMAINING)).isEqualTo(LIMIT - 1);
    assertThat(header(first, RateLimits.RESET)).isEqualTo(1);
    assertThat(bad.statusCode()).isEqualTo(400);
    assertThat(header(bad, RateLimits.REMAINING)).isBetween(1, LIMIT - 1);
  }

  @Test
  void a_request_beyond_the_limit_is_429_and_told_when_to_come_again() throws Exception {
    Response refused = exhaust();

    refused.then().body("code", equalTo("rate_limited"));
    assertThat(header(refused, RateLimits.LIMIT)).isEqualTo(LIMIT);
    assertThat(header(refused, RateLimits.REMAINING)).isZero();
    assertThat(header(refused, RateLimits.RESET)).isBetween(PERIOD - 1, PERIOD);
    assertThat(header(refused, "Retry-After")).isEqualTo(1);

    eventually("it is answered again", () -> ask(reader).statusCode() == 200);
  }

  @Test
  void another_organization_is_not_affected() {
    exhaust();

    Response other = ask(anOrganization().reader());

    assertThat(other.statusCode()).isEqualTo(200);
    assertThat(header(other, RateLimits.REMAINING)).isEqualTo(LIMIT - 1);
  }

  @Test
  void errors_of_a_token_come_first_and_do_not_count() {
    exhaust();

    Api.as("a.b.c").get(Api.ACCOUNTS).then().statusCode(401).header(RateLimits.LIMIT, nullValue());
    Api.as(acme.writer())
        .get(Api.ACCOUNTS)
        .then()
        .statusCode(403)
        .body("code", equalTo("insufficient_scope"))
        .header(RateLimits.LIMIT, nullValue());
    Api.as(Tokens.granting(Scope.ACCOUNTS_READ, ""))
        .get(Api.ACCOUNTS)
        .then()
        .statusCode(403)
        .body("code", equalTo("organization_required"))
        .header(RateLimits.LIMIT, nullValue());
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /express/usage/month",
    "GET, /express/usage/month/nonsense",
    "GET, /express/usage/month/nonsense/records",
    "GET, /express/usage/month/totals",
    "GET, /express/usage/month/changes",
    "GET, /express/accounts",
    "GET, /express/accounts/nobody",
    "PUT, /express/accounts/nobody",
    "POST, /express/usage/records"
  })
  void every_operation_counts_and_is_refused_before_its_parameters_are_read(
      String method, String path) throws Exception {
    String token = acme.granted(Tokens.ALL_SCOPES);

    // Again if a request was allowed in between.
    eventually(
        "it is refused",
        () -> {
          exhaust();
          Response response =
              Api.as(token)
                  .contentType("application/json")
                  .queryParam("nonsense", "1")
                  .request(method, path);
          return response.statusCode() == 429 && response.path("code").equals("rate_limited");
        });
  }

  @Test
  void operators_are_not_limited() {
    for (int i = 0; i <= LIMIT; i++) {
      Api.post(Tokens.operator(), "application/json", "{\"records\":[]}")
          .then()
          .statusCode(200)
          .header(RateLimits.LIMIT, nullValue());
    }
  }
}
