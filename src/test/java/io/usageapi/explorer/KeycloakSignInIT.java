package io.usageapi.explorer;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.usageapi.fixture.Eventually.eventually;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.PackagedServer;
import io.usageapi.fixture.RatedRecord;
import io.usageapi.fixture.TestPostgres;
import io.usageapi.security.Keycloak;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/**
 * A person signs in at a real Keycloak in a real browser, on the packaged server with a vendor's
 * name and logo ({@code .ci/keycloak}). {@code SignInTest} asks the same of a provider of its own,
 * in every build.
 */
@Tag("keycloak")
@EnabledIf("io.usageapi.explorer.Chromium#isInstalled")
class KeycloakSignInIT {
  private static final String CLIENT = "usage-explorer";
  private static final RatedRecord RECORD =
      aRecord().with("account_id", "acme-eu").with("product_id", "sms").with("total_amount", "4.2");

  private final List<String> grants = new ArrayList<>();
  private Page page;

  @Test
  void a_person_signs_in_sees_the_figures_reloads_and_signs_out() throws Exception {
    Path logo = Files.writeString(Files.createTempFile("logo", ".svg"), icon());
    try (EmbeddedPostgres postgres = TestPostgres.start(0);
        Keycloak keycloak = Keycloak.start();
        Chromium chromium = Chromium.start()) {
      try (PackagedServer loading = PackagedServer.start(postgres.getPort())) {
        loading.accepts("PUT", Api.ACCOUNTS + "/acme-eu", "{\"organization_id\":\"acme\"}");
        loading.accepts("POST", Api.RECORDS, RatedRecord.body(RECORD));
      }
      try (PackagedServer server =
          PackagedServer.start(
              postgres.getPort(),
              "-Dmp.jwt.verify.publickey=NONE",
              "-Dmp.jwt.verify.publickey.location=" + keycloak.keys(),
              "-Dmp.jwt.verify.issuer=" + keycloak.issuer(),
              "-Dmp.jwt.verify.audiences=" + Keycloak.AUDIENCE,
              "-Dusage-api.explorer.openid.issuer=" + keycloak.issuer(),
              "-Dusage-api.explorer.openid.client-id=" + CLIENT,
              "-Dusage-api.explorer.name=Example Telecom",
              "-Dusage-api.explorer.accent=#8a1538",
              "-Dusage-api.explorer.logo=" + logo)) {
        keycloak.addPage(CLIENT, server.uri("/explorer/"));
        PlaywrightAssertions.setDefaultAssertionTimeout(20_000);
        page = chromium.browser().newPage();
        page.onRequest(
            request -> {
              if (request.url().endsWith("/token")) {
                grants.add(request.postData().replaceFirst(".*grant_type=(\\w+).*", "$1"));
              }
            });
        page.navigate(server.uri("/").toString());
        walk(keycloak, server);
      }
    }
  }

  private void walk(Keycloak keycloak, PackagedServer server) throws Exception {
    assertThat(page).hasURL(server.uri("/explorer/").toString());
    assertThat(page).hasTitle("Sign in \u2013 Example Telecom");
    assertThat((int) page.evaluate("document.querySelector('.brand img').naturalWidth"))
        .isPositive();
    signIn();
    seesFigures();
    assertThat(page.url()).doesNotContain("code=");
    assertThat(grants).containsExactly("authorization_code");

    eventually("the token is renewed", () -> waited() && grants.contains("refresh_token"));
    page.reload();
    seesFigures();

    button("Sign out").click();
    button("Sign in").waitFor();
    assertThat(page).hasURL(server.uri("/explorer/").toString());
    // Its session is over too: it asks again.
    signIn();
    seesFigures();

    String token = keycloak.token();
    keycloak.end();
    page.reload();
    assertThat(page.getByRole(AriaRole.ALERT)).containsText("cannot be reached");
    page.getByLabel("Or an access token").fill("Bearer " + token);
    button("Use the token").click();
    seesFigures();
  }

  private void signIn() {
    button("Sign in").click();
    page.locator("#username").fill(Keycloak.USER);
    page.locator("#password").fill(Keycloak.PASSWORD);
    page.locator("#kc-login").click();
  }

  private void seesFigures() {
    assertThat(page.locator(".who")).containsText("acme, until");
    assertThat(page.locator("main")).containsText("4.20");
    assertThat(page.locator("main")).containsText("sms");
  }

  /** Playwright tells of requests only while it waits. */
  private boolean waited() {
    page.waitForTimeout(200);
    return true;
  }

  private Locator button(String name) {
    return page.getByRole(
        AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
  }

  private static String icon() throws Exception {
    return Files.readString(Path.of("src/main/resources/META-INF/resources/explorer/icon.svg"));
  }
}
