package io.usageapi.explorer;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.usageapi.fixture.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Frame;
import com.microsoft.playwright.FrameLocator;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.usageapi.fixture.ServerResource;
import io.usageapi.fixture.Tokens;
import io.usageapi.security.Scope;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Signing in at the explorer: with a token, at an OpenID provider (a real one is in {@code
 * KeycloakIT}), and by the portal around it.
 */
@QuarkusTest
@Tag("long")
@TestProfile(ServerResource.Demo.class)
@EnabledIf(
    value = "io.usageapi.explorer.Chromium#isInstalled",
    disabledReason = "there is no Chromium at /usr/bin/chromium (see the profile browser)")
class SignInTest {
  private static final int PATIENCE_MILLIS = 10_000;
  private static final String PORTAL = ServerResource.Demo.PORTAL;
  private static final String FOREIGN = "https://foreign.example";

  private static Chromium chromium;

  @TestHTTPResource("/explorer/")
  URI explorer;

  @TestHTTPResource("/id")
  URI issuer;

  /** Exceptions that no code of the page caught. */
  private final List<String> complaints = new ArrayList<>();

  private BrowserContext context;
  private Page page;

  @BeforeAll
  static void start() {
    // Else a page of a public host may not frame one of this machine.
    chromium = Chromium.start("--disable-features=LocalNetworkAccessChecks");
    PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE_MILLIS);
  }

  @AfterAll
  static void stop() {
    chromium.close();
  }

  @BeforeEach
  void open() {
    context = chromium.browser().newContext();
    page = context.newPage();
    page.setDefaultTimeout(PATIENCE_MILLIS);
    page.onPageError(complaints::add);
  }

  @AfterEach
  void nothingWentWrongInTheBrowser() {
    context.close();
    assertThat(complaints).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"'%s'", "'Bearer %s'", "'\"%s\",'", "' Authorization: Bearer  %s '", "'bearer\n%s'"})
  void a_pasted_token_may_have_more_around_it_and_shows_whose_it_is(String pasted) {
    String token = token("newcomer", 3_600);
    page.navigate(explorer.toString());
    paste(pasted.formatted(token.substring(0, 40) + "\n  " + token.substring(40)));

    assertThat(who(page.mainFrame())).hasText(Pattern.compile("newcomer, until .*\\d\\d:\\d\\d"));
    button("Sign out").click();
    assertThat(page.getByLabel("Access token")).isFocused();
    paste("not a token");
    assertThat(page.getByRole(AriaRole.ALERT)).containsText("This is not a token");
  }

  @Test
  void a_token_that_runs_out_is_said_to_and_a_refused_one_leads_back_to_the_form() {
    page.navigate(explorer + "#/?group=account_id");
    paste(token("newcomer", 2));

    assertThat(who(page.mainFrame()))
        .hasText(Pattern.compile("newcomer, ran out at \\d\\d:\\d\\d"));
    page.reload();
    paste(token("newcomer", -60));
    assertThat(page.getByRole(AriaRole.ALERT)).containsText("The token ran out on ");
    paste(Tokens.reader("newcomer"));
    assertThat(page.getByRole(AriaRole.ALERT)).containsText("does not take this token");
    paste(token("newcomer", 3_600));
    assertThat(who(page.mainFrame())).isVisible();
    assertThat(page.url()).endsWith("#/?group=account_id");
  }

  @Test
  void at_a_provider_one_signs_in_comes_back_to_the_same_place_and_signs_out() throws Exception {
    Provider provider = provider();
    provider.seconds = 4;
    page.navigate(explorer + "#/?group=account_id");
    button("Sign in").click();

    assertThat(who(page.mainFrame())).containsText("newcomer, until");
    assertThat(page.url()).isEqualTo(explorer + "#/?group=account_id");
    assertThat(provider.grants).containsExactly("authorization_code");
    assertThat(provider.prompts).containsExactly("");
    eventually(
        "the token is renewed", () -> waited(page) && provider.grants.contains("refresh_token"));
    assertThat((String) page.evaluate("JSON.stringify([sessionStorage, localStorage])"))
        .isEqualTo("[{\"usage-explorer.signed-in\":\"yes\"},{}]");

    page.reload();
    assertThat(who(page.mainFrame())).containsText("newcomer, until");
    assertThat(page.url()).isEqualTo(explorer + "#/?group=account_id");
    assertThat(provider.prompts).containsExactly("", "none");

    button("Sign out").click();
    page.waitForURL(issuer + "/logout?*");
    assertThat(page.url())
        .contains("id_token_hint=ey", "post_logout_redirect_uri=", "client_id=explorer");
    page.navigate(explorer.toString());
    assertThat(button("Sign in")).isFocused();
  }

  @Test
  void without_a_refresh_token_the_page_stays_until_somebody_signs_in_again() {
    Provider provider = provider();
    provider.seconds = 2;
    provider.renewable = false;
    page.navigate(explorer + "#/?group=account_id");
    button("Sign in").click();

    assertThat(who(page.mainFrame())).containsText("newcomer, ran out at");
    assertThat(provider.prompts).containsExactly("");

    provider.seconds = 300;
    button("Sign in again").click();
    assertThat(who(page.mainFrame())).containsText("newcomer, until");
    assertThat(page.url()).isEqualTo(explorer + "#/?group=account_id");
    assertThat(provider.prompts).containsExactly("", "none");
  }

  @ParameterizedTest
  @CsvSource({
    "state, does not belong to this page",
    "nonce, does not belong to this page",
    "iss, does not belong to this page",
    "error, access_denied",
    "unreachable, cannot be reached"
  })
  void what_a_provider_should_not_answer_is_refused_and_a_token_is_the_way_in(
      String wrong, String said) {
    provider().wrong = wrong;
    page.navigate(explorer.toString());
    button("Sign in").click();

    assertThat(page.getByRole(AriaRole.ALERT)).containsText(said);
    assertThat(page.getByRole(AriaRole.ALERT)).containsText("The sign-in at localhost");
    page.getByLabel("Or an access token").fill(token("newcomer", 3_600));
    button("Use the token").click();
    assertThat(who(page.mainFrame())).containsText("newcomer");
  }

  @Test
  void a_portal_signs_in_and_again_before_the_token_runs_out_and_nobody_else_does()
      throws Exception {
    List<String> given = new ArrayList<>();
    String portal = portalPage();
    page.route(PORTAL + "/", route -> html(route, portal));
    page.route(
        PORTAL + "/usage-token",
        route -> {
          given.add(token("newcomer", given.isEmpty() ? 6 : 3_600));
          json(route, "{\"access_token\":\"%s\"}".formatted(given.get(given.size() - 1)));
        });
    page.route(FOREIGN + "/", route -> html(route, "<title>Foreign</title>"));
    page.navigate(PORTAL + "/");
    FrameLocator usage = page.frameLocator("#usage");
    Locator who = usage.locator(".who");
    assertThat(who).containsText("newcomer, until");
    assertThat(usage.getByText("Sign out")).hasCount(0);
    String until = who.textContent();

    // A frame of another origin beside it, and the portal's page with something else.
    page.evaluate(
        "url => new Promise(loaded => { const other = document.createElement('iframe');"
            + " other.onload = loaded; other.src = url; document.body.append(other); })",
        FOREIGN + "/");
    Frame foreign = page.frames().get(page.frames().size() - 1);
    String stolen = token("of-somebody-else", 3_600);
    foreign.evaluate(
        "token => parent.frames[0].postMessage({type: 'usage-api.token', token}, '*')", stolen);
    page.evaluate(
        "token => { for (const data of [token, null, {type: 'usage-api.token'},"
            + " {type: 'usage-api.token', token: 7}, {type: 'token', token}])"
            + " frames[0].postMessage(data, '*'); }",
        stolen);

    eventually("a new token is asked for", () -> waited(page) && given.size() == 2);
    assertThat(who).not().hasText(until);
    assertThat(who).containsText("newcomer, until");
    page.evaluate(
        "token => frames[0].postMessage({type: 'usage-api.token', token}, '*')",
        token("acme", 3_600));
    assertThat(who).containsText("acme, until");
  }

  @Test
  void a_foreign_page_may_not_frame_it_and_a_portal_that_is_not_listed_is_ignored() {
    String frame = "<iframe id=usage src='%s'></iframe>".formatted(explorer);
    page.route(FOREIGN + "/", route -> html(route, frame));
    List<String> refused = new ArrayList<>();
    page.onRequestFailed(request -> refused.add(request.url() + " " + request.failure()));
    page.navigate(FOREIGN + "/");
    page.waitForCondition(() -> !refused.isEmpty());
    assertThat(refused).containsExactly(explorer + " net::ERR_BLOCKED_BY_RESPONSE");

    settings("\"parents\":[\"" + PORTAL + "\"]", "\"parents\":[\"" + FOREIGN + "\"]");
    page.route(PORTAL + "/", route -> html(route, frame));
    page.navigate(PORTAL + "/");
    Locator main = page.frameLocator("#usage").locator("main");
    assertThat(main).containsText("Waiting for the portal");
    page.evaluate(
        "token => frames[0].postMessage({type: 'usage-api.token', token}, '*')",
        token("newcomer", 3_600));
    assertThat(main.getByRole(AriaRole.ALERT))
        .containsText(
            "gave no token", new LocatorAssertions.ContainsTextOptions().setTimeout(15_000));
    assertThat(page.frameLocator("#usage").locator(".who")).hasCount(0);
  }

  @Test
  void the_page_has_the_vendor_s_name_colours_and_logo() {
    settings("Usage explorer\",\"logo\":null", "Example Telecom\",\"logo\":\"icon.svg?theirs\"");
    page.route(
        "**/explorer/brand.css",
        route -> fulfill(route, "text/css", ":root { --accent: rgb(138, 21, 56); }"));
    page.navigate(explorer.toString());

    assertThat(page).hasTitle("Sign in \u2013 Example Telecom");
    assertThat(page.locator(".brand")).hasText("Example Telecom");
    assertThat(page.locator(".brand img")).hasAttribute("src", explorer + "icon.svg?theirs");
    assertThat(button("Sign in")).hasCSS("background-color", "rgb(138, 21, 56)");
  }

  /** The example of the documentation, for this server. */
  private String portalPage() throws Exception {
    Matcher example =
        Pattern.compile("(?s)```html\n(.*?)```")
            .matcher(Files.readString(Path.of("docs", "explorer.md")));
    assertThat(example.find()).isTrue();
    return example
        .group(1)
        .replace("https://usage.example.com", explorer.toString().replace("/explorer/", ""));
  }

  /** Playwright answers the page's requests only while it waits. */
  private static boolean waited(Page page) {
    page.waitForTimeout(200);
    return true;
  }

  /** An OpenID provider that signs everybody in as a member of newcomer. */
  private final class Provider {
    private final List<String> grants = new ArrayList<>();
    private final List<String> prompts = new ArrayList<>();
    private String wrong = "";
    private int seconds = 300;
    private boolean renewable = true;
    private String nonce;
    private String challenge;

    private void answer(Route route) {
      URI asked = URI.create(route.request().url());
      switch (asked.getPath().substring(issuer.getPath().length())) {
        case "/.well-known/openid-configuration" -> {
          if (wrong.equals("unreachable")) {
            route.abort();
          } else {
            json(
                route,
                """
                {"issuer":"%1$s","authorization_endpoint":"%1$s/authorize",
                 "token_endpoint":"%1$s/token","end_session_endpoint":"%1$s/logout"}
                """
                    .formatted(issuer));
          }
        }
        case "/authorize" -> redirect(route, asked.getQuery());
        case "/token" -> token(route, route.request().postData());
        default -> html(route, "<title>Signed out</title>");
      }
    }

    private void redirect(Route route, String query) {
      nonce = parameter(query, "nonce");
      challenge = parameter(query, "code_challenge");
      prompts.add(parameter(query, "prompt"));
      assertThat(parameter(query, "code_challenge_method")).isEqualTo("S256");
      assertThat(parameter(query, "scope")).contains("openid");
      String answer =
          switch (wrong) {
            case "error" -> "error=access_denied";
            case "iss" -> "code=c&iss=https://elsewhere.example";
            default -> "code=c";
          };
      String state = wrong.equals("state") ? "another" : parameter(query, "state");
      String back = parameter(query, "redirect_uri") + "?" + answer + "&state=" + state;
      html(route, "<meta http-equiv=refresh content='0;url=" + back + "'>");
    }

    private void token(Route route, String form) {
      grants.add(parameter(form, "grant_type"));
      if (form.contains("authorization_code")) {
        assertThat(s256(parameter(form, "code_verifier"))).isEqualTo(challenge);
      }
      String claims =
          "{\"iss\":\"%s\",\"aud\":\"explorer\",\"sub\":\"somebody\",\"nonce\":\"%s\",\"iat\":%d,\"exp\":%d}"
              .formatted(
                  issuer,
                  wrong.equals("nonce") ? "another" : nonce,
                  Instant.now().getEpochSecond(),
                  Instant.now().getEpochSecond() + 300);
      json(
          route,
          "{\"access_token\":\"%s\",\"token_type\":\"Bearer\",\"expires_in\":%d,%s\"id_token\":\"%s\"}"
              .formatted(
                  SignInTest.token("newcomer", seconds),
                  seconds,
                  renewable ? "\"refresh_token\":\"r\"," : "",
                  Tokens.ofJson(claims)));
    }
  }

  private Provider provider() {
    Provider provider = new Provider();
    settings(
        "\"open_id\":null",
        "\"open_id\":{\"issuer\":\"%s\",\"client_id\":\"explorer\",\"scopes\":\"openid\",\"audience\":null}"
            .formatted(issuer));
    page.route(issuer + "/**", provider::answer);
    return provider;
  }

  /** The page reads other settings than the server's. */
  private void settings(String part, String other) {
    page.route(
        "**/explorer/settings",
        route -> {
          String settings = route.fetch().text();
          assertThat(settings).contains(part);
          json(route, settings.replace(part, other));
        });
  }

  private static String parameter(String form, String name) {
    Matcher found = Pattern.compile("(?:^|&)" + name + "=([^&]*)").matcher(form);
    return found.find() ? URLDecoder.decode(found.group(1), StandardCharsets.UTF_8) : "";
  }

  private static String s256(String verifier) {
    try {
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(
              MessageDigest.getInstance("SHA-256")
                  .digest(verifier.getBytes(StandardCharsets.US_ASCII)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void json(Route route, String body) {
    fulfill(route, "application/json", body);
  }

  private static void html(Route route, String body) {
    fulfill(route, "text/html", body);
  }

  private static void fulfill(Route route, String type, String body) {
    route.fulfill(new Route.FulfillOptions().setContentType(type).setBody(body));
  }

  private static String token(String organization, int seconds) {
    return Tokens.sign(
        Tokens.claims(Scope.USAGE_READ + " " + Scope.ACCOUNTS_READ)
            .issuer("https://usage-api.example/demo")
            .audience("usage-api")
            .expiresAt(Instant.now().plusSeconds(seconds))
            .claim("org_id", organization));
  }

  private void paste(String text) {
    page.getByLabel("Access token").fill(text);
    button("Sign in").click();
  }

  private static Locator who(Frame frame) {
    return frame.locator(".who");
  }

  private Locator button(String name) {
    return page.getByRole(
        AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
  }
}
