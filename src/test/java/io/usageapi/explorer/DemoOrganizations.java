package io.usageapi.explorer;

import static io.restassured.RestAssured.given;

import io.usageapi.demo.DemoData;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Tokens;
import io.usageapi.security.Scope;
import java.time.Instant;
import java.time.YearMonth;
import java.util.List;
import java.util.Map;

/** The organizations of the demo on the server under test, with its issuer's tokens. */
final class DemoOrganizations {
  /** Those that have usage. */
  static final List<String> IDS = List.of("acme", "globex", "reseller");

  static final YearMonth LAST_MONTH = DemoData.FIRST_MONTH.plusMonths(DemoData.MONTHS - 1L);

  private static final String ISSUER = "https://usage-api.example/demo";
  private static final String AUDIENCE = "usage-api";

  /** Of the reseller's fifty thousand records a test has these months alone, for its time. */
  private static final YearMonth FIRST_OF_RESELLER =
      Boolean.getBoolean("test.usageapi.picture")
          ? DemoData.FIRST_MONTH
          : LAST_MONTH.minusMonths(2);

  private static final int RECORDS_PER_BODY = 10_000;

  private static boolean areLoaded;

  private DemoOrganizations() {}

  /** Loads their data, once. */
  static synchronized void load() {
    if (areLoaded) {
      return;
    }
    String writer = writer();
    for (DemoData.Account account : DemoData.accounts()) {
      given()
          .header("Authorization", "Bearer " + writer)
          .contentType("application/json")
          .body(Map.of("organization_id", account.organization(), "name", account.name()))
          .put(Api.ACCOUNTS + "/" + account.id())
          .then()
          .statusCode(201);
    }
    List<Map<String, Object>> records =
        DemoData.records().filter(DemoOrganizations::isKept).toList();
    for (int sent = 0; sent < records.size(); sent += RECORDS_PER_BODY) {
      given()
          .header("Authorization", "Bearer " + writer)
          .contentType("application/json")
          .body(
              Map.of(
                  "records",
                  records.subList(sent, Math.min(sent + RECORDS_PER_BODY, records.size()))))
          .post(Api.RECORDS)
          .then()
          .statusCode(200);
    }
    areLoaded = true;
  }

  /** A token to read usage and accounts. */
  static String reader(String organization) {
    return token(Scope.USAGE_READ + " " + Scope.ACCOUNTS_READ, organization, 3_600);
  }

  /** A token to write for any organization. */
  static String writer() {
    return token(Scope.USAGE_WRITE + " " + Scope.ACCOUNTS_WRITE + " " + Scope.OPERATOR, "", 3_600);
  }

  /** A token of the demo's issuer that is good for so many seconds. */
  static String token(String scope, String organization, long seconds) {
    var claims =
        Tokens.claims(scope)
            .issuer(ISSUER)
            .audience(AUDIENCE)
            .expiresAt(Instant.now().plusSeconds(seconds));
    return Tokens.sign(organization.isEmpty() ? claims : claims.claim("org_id", organization));
  }

  private static boolean isKept(Map<String, Object> record) {
    return !((String) record.get("account_id")).startsWith("customer-")
        || ((String) record.get("occurred_at")).compareTo(FIRST_OF_RESELLER.toString()) >= 0;
  }
}
