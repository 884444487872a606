package io.usageapi.security;

import static io.usageapi.fixture.Organization.anOrganization;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import io.smallrye.jwt.algorithm.SignatureAlgorithm;
import io.smallrye.jwt.build.Jwt;
import io.smallrye.jwt.build.JwtClaimsBuilder;
import io.usageapi.demo.DemoKeys;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Tokens;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jose4j.json.JsonUtil;
import org.junit.jupiter.api.Test;

@QuarkusTest
class SecurityTest {
  private static final String BAD = "Bearer error=\"invalid_token\"";

  @Test
  void a_request_without_a_token_is_401_and_its_challenge_names_no_error() {
    for (String path : List.of(Api.USAGE, Api.USAGE + "/0", Api.ACCOUNTS + "/a")) {
      unauthorized(Api.anonymous().get(path).then(), "Bearer");
    }
    unauthorized(json().post(Api.RECORDS).then(), "Bearer");
    unauthorized(json().put(Api.ACCOUNTS + "/a").then(), "Bearer");
  }

  private static RequestSpecification json() {
    return Api.anonymous().contentType("application/json").body("{}");
  }

  @Test
  void a_bad_token_is_401_whatever_is_bad_about_it() {
    JwtClaimsBuilder good = Tokens.claims(Scope.USAGE_READ).claim("org_id", "acme");
    String signed = Tokens.sign(good);
    String[] parts = signed.split("\\.", -1);
    String none = encode("{\"alg\":\"none\"}") + "." + parts[1] + ".";
    String symmetric =
        Tokens.claims(Scope.USAGE_READ)
            .claim("org_id", "acme")
            .jws()
            .algorithm(SignatureAlgorithm.HS256)
            .signWithSecret(Tokens.publicKey());

    for (String bad :
        List.of(
            "nonsense",
            "a.b.c",
            none,
            symmetric,
            parts[0] + "." + parts[1] + "." + encode("no signature"),
            parts[0] + "." + encode("{}") + "." + parts[2],
            good.jws().sign(DemoKeys.generate().getPrivate()),
            Tokens.sign(claims("https://other.example", Tokens.AUDIENCE, 60)),
            Tokens.sign(claims(Tokens.ISSUER, "other", 60)),
            Tokens.sign(claims(Tokens.ISSUER, Tokens.AUDIENCE, -31)),
            Tokens.sign(claims(Tokens.ISSUER, Tokens.AUDIENCE, 600).claim("nbf", in(60))),
            Tokens.sign(Jwt.audience(Tokens.AUDIENCE).claim("iss", "").claim("org_id", "acme")))) {
      unauthorized(Api.as(bad).get(Api.USAGE).then(), BAD);
    }
  }

  @Test
  void issuer_audience_and_expiry_are_required_and_nothing_else_is() {
    Map<String, Object> claims =
        Map.of(
            "iss", Tokens.ISSUER,
            "aud", Tokens.AUDIENCE,
            "exp", in(600),
            "scope", Scope.USAGE_READ,
            "org_id", "acme");
    page(bare(claims)).statusCode(200);
    for (String required : List.of("iss", "aud", "exp")) {
      Map<String, Object> without = new HashMap<>(claims);
      without.remove(required);
      unauthorized(page(bare(without)), BAD);
    }
  }

  /** A token with these claims only. */
  private static String bare(Map<String, Object> claims) {
    return Tokens.ofJson(JsonUtil.toJson(claims));
  }

  /** The library fails at them in different ways. */
  @Test
  void claims_of_an_unexpected_type_or_depth_are_401() {
    for (String exp :
        List.of(
            "1000000000000000000",
            "31556889864403200",
            "9223372036854775807",
            "9223372036854775808",
            "1e18",
            "1e400",
            "1e999999999",
            "-9223372036854775808",
            "\"" + in(600) + "\"",
            "null",
            "[]",
            "{}",
            "9".repeat(5_000))) {
      unauthorized(page(Tokens.ofJson(claims("\"exp\":" + exp))), BAD);
    }
    for (String other :
        List.of(
            "\"nbf\":1000000000000000000",
            "\"nbf\":1e400",
            "\"nbf\":\"1\"",
            "\"iat\":9223372036854775807",
            "\"iat\":[]",
            "\"groups\":{}",
            "\"sub\":{}",
            "\"jti\":1",
            "\"x\":" + "[".repeat(7_000) + "]".repeat(7_000))) {
      assertThat(
              page(Tokens.ofJson(claims("\"exp\":" + in(600) + "," + other)))
                  .extract()
                  .statusCode())
          .as(other.substring(0, Math.min(other.length(), 40)))
          .isEqualTo(401);
    }
  }

  @Test
  void a_token_that_expires_in_the_far_future_or_between_two_seconds_is_good() {
    for (String exp : List.of("253402300800", "31556889864403199", in(600) + ".5")) {
      page(Tokens.ofJson(claims("\"exp\":" + exp))).statusCode(200);
    }
  }

  @Test
  void a_signature_in_another_spelling_is_the_same_token() {
    String token = Tokens.reader("acme");
    String start = token.substring(0, token.length() - 3);
    for (String spelled : List.of(token, token + "=", token + "==", token, start + "AAA", token)) {
      page(spelled).statusCode(spelled.endsWith("AAA") ? 401 : 200);
    }
  }

  private static String claims(String more) {
    return "{\"iss\":\"%s\",\"aud\":\"%s\",\"scope\":\"%s\",\"org_id\":\"acme\",%s}"
        .formatted(Tokens.ISSUER, Tokens.AUDIENCE, Scope.USAGE_READ, more);
  }

  @Test
  void a_token_within_the_skew_is_good() {
    page(Tokens.sign(claims(Tokens.ISSUER, Tokens.AUDIENCE, -10))).statusCode(200);
    page(Tokens.sign(claims(Tokens.ISSUER, Tokens.AUDIENCE, 600).claim("nbf", in(15))))
        .statusCode(200);
  }

  @Test
  void scopes_are_the_union_of_scope_and_scp() {
    page(Tokens.granting("other " + Scope.USAGE_READ, "acme")).statusCode(200);
    page(Tokens.sign(
            Tokens.claims("").claim("scp", List.of("x", Scope.USAGE_READ)).claim("org_id", "acme")))
        .statusCode(200);
    page(Tokens.sign(
            Tokens.claims("x").claim("scp", "y " + Scope.USAGE_READ).claim("org_id", "acme")))
        .statusCode(200);
  }

  @Test
  void groups_grant_nothing() {
    page(Tokens.sign(Tokens.claims("").groups(Scope.USAGE_READ).claim("org_id", "acme")))
        .statusCode(403)
        .header(
            "WWW-Authenticate",
            "Bearer error=\"insufficient_scope\", scope=\"" + Scope.USAGE_READ + "\"")
        .body("code", equalTo("insufficient_scope"));
  }

  @Test
  void every_operation_requires_its_own_scope() {
    String reader = Tokens.reader("acme");
    String writer = Tokens.writer("acme");
    insufficient(Api.as(writer).get(Api.USAGE).then(), Scope.USAGE_READ);
    insufficient(Api.as(writer).get(Api.ACCOUNTS + "/a").then(), Scope.ACCOUNTS_READ);
    insufficient(Api.post(reader, "application/json", "{").then(), Scope.USAGE_WRITE);
    insufficient(Api.putAccount(reader, "a", "{"), Scope.ACCOUNTS_WRITE);
  }

  @Test
  void the_organization_must_be_a_string_of_1_to_128_characters() {
    for (Object claim :
        List.of("", "x".repeat(129), 7, List.of("acme"), Map.of("id", "acme"), true)) {
      page(Tokens.granting(Scope.USAGE_READ, claim))
          .statusCode(403)
          .body("code", equalTo("organization_required"));
    }
    page(Tokens.granting(Scope.USAGE_READ))
        .statusCode(403)
        .body("code", equalTo("organization_required"));
    page(Tokens.granting(Scope.USAGE_READ, "😀".repeat(128))).statusCode(200);
  }

  /** The database could not even be asked for such an id. */
  @Test
  void an_invalid_organization_is_refused_and_never_treated_as_absent() {
    for (String claim : List.of("null", "\"a\\u0000b\"", "\"\\ud800\"", "\"\"", "[]", "0")) {
      for (String scope : List.of(Scope.USAGE_READ, Scope.ACCOUNTS_WRITE + " " + Scope.OPERATOR)) {
        String token = Tokens.withOrganization(scope, claim);
        ValidatableResponse response =
            scope.equals(Scope.USAGE_READ) ? page(token) : put(token, "acme");
        response.statusCode(403).body("code", equalTo("organization_required"));
      }
    }
  }

  @Test
  void the_operator_scope_alone_writes_nothing() {
    String operator = Tokens.granting(Scope.OPERATOR);

    insufficient(Api.post(operator, "application/json", "{}").then(), Scope.USAGE_WRITE);
    insufficient(put(operator, "acme"), Scope.ACCOUNTS_WRITE);
    insufficient(page(operator), Scope.USAGE_READ);
  }

  @Test
  void the_operator_scope_never_widens_reading_nor_a_bound_token() {
    page(Tokens.granting(Scope.USAGE_READ + " " + Scope.OPERATOR)).statusCode(403);
    String bound = Tokens.granting(Scope.ACCOUNTS_WRITE + " " + Scope.OPERATOR, "acme");
    put(bound, "other-org").statusCode(403).body("code", equalTo("account_not_in_organization"));
    String malformed = Tokens.granting(Scope.ACCOUNTS_WRITE + " " + Scope.OPERATOR, "");
    put(malformed, "acme").statusCode(403).body("code", equalTo("organization_required"));
    put(Tokens.granting(Scope.ACCOUNTS_WRITE), "acme")
        .statusCode(403)
        .body("code", equalTo("organization_required"));
  }

  @Test
  void authorization_errors_come_before_parameter_errors() {
    Api.anonymous().get(Api.USAGE + "?nonsense=1").then().statusCode(401);
    Api.as(Tokens.writer("acme")).get(Api.USAGE + "?nonsense=1").then().statusCode(403);
    Api.as(Tokens.granting(Scope.USAGE_READ)).get(Api.USAGE + "?nonsense=1").then().statusCode(403);
    Api.as(Tokens.reader("acme")).get(Api.USAGE + "?nonsense=1").then().statusCode(400);
  }

  @Test
  void documents_and_health_need_no_token() {
    for (String path :
        List.of(
            "/q/openapi", "/q/swagger-ui/", "/q/health/live", "/q/health/ready", "/q/metrics")) {
      Api.anonymous().get(path).then().statusCode(200);
    }
  }

  @Test
  void every_response_has_a_request_id() {
    Api.anonymous()
        .header("X-Request-Id", "my.id_1-2")
        .get(Api.USAGE)
        .then()
        .header("X-Request-Id", "my.id_1-2");
    String made =
        Api.anonymous()
            .header("X-Request-Id", "not well formed")
            .get("/nothing")
            .header("X-Request-Id");
    assertThat(made).matches("[A-Za-z0-9._-]{1,128}");
  }

  private static JwtClaimsBuilder claims(String issuer, String audience, long expiresIn) {
    return Jwt.issuer(issuer)
        .audience(audience)
        .issuedAt(Instant.now().minusSeconds(3600))
        .expiresAt(Instant.now().plusSeconds(expiresIn))
        .claim("scope", Scope.USAGE_READ)
        .claim("org_id", "acme");
  }

  private static long in(long seconds) {
    return Instant.now().plusSeconds(seconds).getEpochSecond();
  }

  private static String encode(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static ValidatableResponse page(String token) {
    return Api.as(token).get(Api.USAGE).then();
  }

  private static ValidatableResponse put(String token, String organization) {
    return Api.putAccount(token, anOrganization().id(), Map.of("organization_id", organization));
  }

  private static void unauthorized(ValidatableResponse response, String challenge) {
    response
        .statusCode(401)
        .header("WWW-Authenticate", challenge)
        .body("code", equalTo("unauthorized"))
        .body("description", nullValue());
  }

  private static void insufficient(ValidatableResponse response, String scope) {
    response
        .statusCode(403)
        .header("WWW-Authenticate", "Bearer error=\"insufficient_scope\", scope=\"" + scope + "\"")
        .body("code", equalTo("insufficient_scope"));
  }
}
