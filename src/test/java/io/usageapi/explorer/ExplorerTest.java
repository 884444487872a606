package io.usageapi.explorer;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.usageapi.fixture.Organization.anOrganization;
import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.BoundingBox;
import com.microsoft.playwright.options.ColorScheme;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.usageapi.demo.DemoData;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.ServerResource;
import io.usageapi.fixture.TestPostgres;
import io.usageapi.fixture.Tokens;
import io.usageapi.security.Scope;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The explorer in a real browser, on a real server with the data of the demo. A figure must be the
 * text that the API has of it.
 */
@QuarkusTest
@TestProfile(ServerResource.Demo.class)
@EnabledIf(
    value = "io.usageapi.explorer.Chromium#isInstalled",
    disabledReason = "there is no Chromium at /usr/bin/chromium (see the profile browser)")
class ExplorerTest {
  /** The picture of the README, written if a property asks for it. */
  private static final Path PICTURE = Path.of("docs", "explorer.png");

  private static final String DEMO_ISSUER = "https://usage-api.example/demo";
  private static final String DEMO_AUDIENCE = "usage-api";

  private static final YearMonth LAST_MONTH = DemoData.FIRST_MONTH.plusMonths(DemoData.MONTHS - 1L);

  private static final int PATIENCE_MILLIS = 20_000;

  private static Chromium chromium;
  private static boolean isLoaded;

  @TestHTTPResource("/explorer/")
  URI explorer;

  /** Errors and warnings of the browser. */
  private final List<String> complaints = new ArrayList<>();

  private BrowserContext context;
  private Page page;

  @BeforeAll
  static void start() {
    chromium = Chromium.start();
    PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE_MILLIS);
  }

  @AfterAll
  static void stop() {
    chromium.close();
  }

  @BeforeEach
  void openAndLoad() {
    if (!isLoaded) {
      load();
      isLoaded = true;
    }
    open(1280, ColorScheme.LIGHT);
  }

  private static Instant inTime() {
    return Instant.now().plusSeconds(3_600);
  }

  @AfterEach
  void nothingWentWrongInTheBrowser() {
    context.close();
    assertThat(complaints).isEmpty();
  }

  @Test
  void a_newcomer_finds_what_cost_most_last_month_and_downloads_it() throws Exception {
    signInAs("acme");
    Total most = totalsOf(LAST_MONTH).get(0);

    assertThat(page.locator(".most .name")).hasText(most.product());
    assertThat(page.locator(".most .amount .figure")).hasText(most.amount());
    Locator first = page.locator("tbody tr").first();
    assertThat(first.locator("th")).hasText(most.product());
    assertThat(first.locator("td").last().locator(".figure")).hasText(most.amount());
    assertThat(page.locator("canvas")).isVisible();
    takePicture();

    Download download = page.waitForDownload(() -> button("Download this month as CSV").click());

    assertThat(download.suggestedFilename()).isEqualTo("usage-2026-10-by-product-EUR.csv");
    List<String> lines = Files.readAllLines(download.path(), StandardCharsets.UTF_8);
    assertThat(lines.get(0)).startsWith("product_id,currency,unit");
    assertThat(lines.get(1)).startsWith(most.product() + ",").contains("," + most.amount() + ",");
    assertThat(lines).hasSize(totalsOf(LAST_MONTH).size() + 1);
  }

  @Test
  void every_figure_of_the_table_is_the_server_s_text() {
    signInAs("acme");
    List<Total> expected = totalsOf(LAST_MONTH);

    assertThat(page.locator("tbody td:last-child .figure"))
        .hasText(expected.stream().map(Total::amount).toArray(String[]::new));
  }

  @Test
  void a_bar_leads_to_its_aggregates_and_they_to_their_records() {
    signInAs("acme");
    assertThat(page.locator("canvas")).isVisible();
    BoundingBox chart = page.locator("canvas").boundingBox();
    // The foot of the bar of the last month.
    double x = chart.x + chart.width * 0.95;
    double y = chart.y + chart.height;
    Locator tip = page.locator(".tip");
    do {
      y -= 6;
      page.mouse().move(x, y);
    } while (!tip.isVisible() && y > chart.y);
    assertThat(tip).isVisible();
    String product = tip.locator("strong").textContent();
    String amount = tip.locator(".figure").first().textContent();

    page.mouse().click(x, y);

    assertThat(heading(product)).isVisible();
    assertThat(page.locator(".headline .amount .figure")).hasText(amount);
    assertThat(page.locator("main")).isFocused();

    page.locator("tbody a").first().click();

    assertThat(page.getByText("Records of October 2026").first()).isVisible();
    assertThat(page.locator("tbody tr").first()).containsText("2026-10-" + product);
    page.goBack();
    assertThat(heading(product)).isVisible();
    page.goBack();
    assertThat(page.locator("canvas")).isVisible();
  }

  @Test
  void the_keyboard_alone_is_enough() {
    button("newcomer").waitFor();
    assertThat(page.getByLabel("Access token")).isFocused();
    press("Tab", "Tab", "Tab", "Enter");
    assertThat(page.locator("canvas")).isVisible();
    assertThat(page.locator("main")).isFocused();

    press("Tab");
    assertThat(page.getByLabel("Group by")).isFocused();
    page.keyboard().type("acc");
    assertThat(page.locator(".most .name")).hasText("acme-eu");
    assertThat(page.getByLabel("Group by")).isFocused();
    page.locator("tbody a").first().focus();
    press("Enter");
    assertThat(heading("acme-eu")).isVisible();
    page.getByText("The API calls behind this").focus();
    press("Enter");
    assertThat(page.locator("pre").last()).containsText("account_id eq 'acme-eu'");
    assertThat(page.locator("pre").last()).containsText("$TOKEN");
  }

  @Test
  void a_filter_is_built_and_a_wrong_one_is_explained() {
    signInAs("acme");
    page.getByText("Add to the filter").click();
    page.locator("#builder-field").selectOption("type");
    page.locator("#builder-value").fill("MESSAGE");
    assertThat(page.locator("#builder-values option[value=MESSAGE]")).hasCount(1);
    button("Add").click();

    assertThat(page.getByLabel("Filter", new Page.GetByLabelOptions().setExact(true)))
        .hasValue("type eq 'MESSAGE'");
    assertThat(page.locator("tbody th", new Page.LocatorOptions().setHasText("voice"))).hasCount(0);
    assertThat(page.locator("tbody th", new Page.LocatorOptions().setHasText("sms-out")))
        .hasCount(1);

    refusedBy("400", "403");
    filter("type eq 'MESAGE'");
    assertThat(page.getByRole(AriaRole.ALERT)).containsText("invalid_filter");
    assertThat(page.getByRole(AriaRole.ALERT)).containsText("at character 9");
    filter("account_id eq 'of-somebody-else'");
    assertThat(page.getByRole(AriaRole.ALERT)).containsText("not of your organization");
    button("Clear").click();
    assertThat(page.locator("canvas")).isVisible();
  }

  @Test
  void after_a_new_token_one_goes_on_where_the_old_one_expired() {
    refusedBy("401");
    String token = token(Scope.USAGE_READ, inTime());
    paste(token);
    page.locator("tbody a").first().click();
    page.getByText("The API calls behind this").waitFor();
    String address = page.url();
    assertThat(address).doesNotContain(token);
    assertThat(page.evaluate("sessionStorage.length + localStorage.length")).isEqualTo(0);

    page.reload();
    paste(token(Scope.USAGE_READ, Instant.now().minusSeconds(60)));

    assertThat(page.getByRole(AriaRole.ALERT)).containsText("no longer, good");
    paste(token);
    page.getByText("The API calls behind this").waitFor();
    assertThat(page.url()).isEqualTo(address);
  }

  @Test
  void a_token_without_the_scope_is_told_which_one_it_lacks() {
    refusedBy("403");
    paste(token(Scope.ACCOUNTS_READ, inTime()));

    assertThat(page.getByRole(AriaRole.ALERT)).containsText("express-accounts-usage:read");
    page.reload();
    assertThat(page.getByLabel("Access token")).hasValue("");
  }

  @Test
  void an_organization_without_usage_is_told_so() {
    signInAs("newcomer");

    assertThat(heading("There is no usage yet")).isVisible();
  }

  @Test
  void an_outage_is_explained_and_can_be_tried_again() throws Exception {
    refusedBy("503");
    TestPostgres.whileLocked(
        "monthly_usage, month_total",
        () -> {
          signInAs("acme");
          assertThat(page.getByRole(AriaRole.ALERT)).containsText("Try again in a moment");
          assertThat(page.getByRole(AriaRole.ALERT)).containsText("unavailable");
        });
    button("Try again").click();

    assertThat(page.locator("canvas")).isVisible();
  }

  @Test
  void the_chart_shows_the_largest_of_thousands_of_series_and_the_rest_as_one() throws Exception {
    String organization = anOrganization().id();
    String account = organization + "-1";
    provision(organization, account);
    TestPostgres.storeAggregates(organization, account, 5_000);
    paste(token(Scope.USAGE_READ, inTime(), organization));

    assertThat(page.locator(".legend button")).hasCount(9);
    assertThat(page.locator(".legend")).containsText("All others");
    assertThat(page.locator("tbody tr")).hasCount(25);
    page.getByText("Next page").click();
    assertThat(page.locator("tbody th").first()).hasText("p4975");
    button("All others").click();
    assertThat(button("All others")).hasAttribute("aria-pressed", "false");
  }

  @Test
  void the_word_that_came_for_a_unit_stands_in_its_place() throws Exception {
    String organization = anOrganization().id();
    String account = organization + "-1";
    provision(organization, account);
    TestPostgres.storeAggregates(organization, account, 3);
    TestPostgres.storeUnitWord(organization, "p1", "GB-Hours");
    TestPostgres.storeUnitWord(organization, "p2", null);
    paste(token(Scope.USAGE_READ, inTime(), organization));

    assertThat(page.locator("tbody .unit"))
        .hasText(new String[] {" minutes", " several kinds", " GB-Hours"});
    Download download = page.waitForDownload(() -> button("Download this month as CSV").click());
    assertThat(Files.readAllLines(download.path(), StandardCharsets.UTF_8))
        .contains("p1,EUR,OTHER,GB-Hours,1,0.125", "p2,EUR,OTHER,,,0.25");

    page.locator("tbody a").last().click();
    assertThat(heading("p1")).isVisible();
    assertThat(page.locator(".headline")).containsText("1 GB-Hours");
    assertThat(page.locator("tbody .unit")).hasText(" GB-Hours");
    page.locator("tbody a").click();
    assertThat(page.getByText("Units, GB-Hours")).isVisible();
  }

  @ParameterizedTest
  @CsvSource({"1280, LIGHT", "390, DARK"})
  void everybody_can_use_it(int width, ColorScheme colours) {
    context.close();
    open(width, colours);
    button("acme").waitFor();
    requireAccessible();
    signInAs("acme");
    assertThat(page.locator("canvas")).isVisible();
    page.getByText("Add to the filter").click();
    page.getByText("The API calls behind this").first().click();
    requireAccessible();
    page.locator(".most .name").click();
    page.getByText("Description").waitFor();
    requireAccessible();
    page.locator("tbody a").first().click();
    page.getByText("Received (UTC)").waitFor();
    requireAccessible();
    assertThat((int) page.evaluate("document.documentElement.scrollWidth")).isEqualTo(width);
  }

  /** A total as the API writes it. */
  private record Total(String product, String amount) {}

  private static List<Total> totalsOf(YearMonth month) {
    String json =
        Api.as(token(Scope.USAGE_READ, inTime()))
            .queryParam("group_by", "product_id,unit")
            .queryParam("filter", "month eq '" + month + "' and currency eq 'EUR'")
            .queryParam("order_by", "total_amount:desc")
            .get(Api.USAGE + "/totals")
            .then()
            .statusCode(200)
            .extract()
            .asString();
    List<Total> totals = new ArrayList<>();
    Matcher total =
        Pattern.compile("\"product_id\":\"([^\"]+)\"[^{}]*\"total_amount\":([-0-9.]+)")
            .matcher(json);
    while (total.find()) {
      totals.add(new Total(total.group(1), total.group(2)));
    }
    assertThat(totals).hasSizeGreaterThan(10);
    return totals;
  }

  /** Loads the data of one organization, as the demo does. */
  private static void load() {
    List<String> accounts =
        DemoData.accounts().stream()
            .filter(account -> account.organization().equals("acme"))
            .map(DemoData.Account::id)
            .toList();
    accounts.forEach(account -> provision("acme", account));
    List<Map<String, Object>> records =
        DemoData.records().filter(record -> accounts.contains(record.get("account_id"))).toList();
    Api.as(writer())
        .contentType("application/json")
        .body(Map.of("records", records))
        .post(Api.RECORDS)
        .then()
        .statusCode(200);
  }

  private static void provision(String organization, String account) {
    Api.putAccount(writer(), account, Map.of("organization_id", organization, "name", account))
        .statusCode(201);
  }

  private static String writer() {
    return Tokens.sign(
        Tokens.claims(Scope.USAGE_WRITE + " " + Scope.ACCOUNTS_WRITE + " " + Scope.OPERATOR)
            .issuer(DEMO_ISSUER)
            .audience(DEMO_AUDIENCE));
  }

  private static String token(String scope, Instant expires) {
    return token(scope, expires, "acme");
  }

  private static String token(String scope, Instant expires, String organization) {
    return Tokens.sign(
        Tokens.claims(scope)
            .issuer(DEMO_ISSUER)
            .audience(DEMO_AUDIENCE)
            .expiresAt(expires)
            .claim("org_id", organization));
  }

  private void open(int width, ColorScheme colours) {
    context =
        chromium
            .browser()
            .newContext(
                new Browser.NewContextOptions()
                    .setViewportSize(width, 900)
                    .setColorScheme(colours));
    page = context.newPage();
    page.setDefaultTimeout(PATIENCE_MILLIS);
    page.onPageError(complaints::add);
    page.onConsoleMessage(
        message -> {
          if (!message.type().equals("log")) {
            complaints.add(message.text());
          }
        });
    page.navigate(explorer.toString());
  }

  /** Ignores the complaints of the browser about these statuses, which the test expects. */
  private void refusedBy(String... statuses) {
    page.onConsoleMessage(
        message ->
            complaints.removeIf(
                complaint ->
                    List.of(statuses).stream()
                        .anyMatch(status -> complaint.contains("status of " + status))));
  }

  private void signInAs(String organization) {
    button(organization).click();
  }

  private void paste(String token) {
    page.getByLabel("Access token").fill(token);
    button("Sign in").click();
  }

  private void filter(String text) {
    page.locator("#filter").fill(text);
    button("Apply").click();
  }

  private void press(String... keys) {
    for (String key : keys) {
      page.keyboard().press(key);
    }
  }

  private Locator button(String name) {
    return page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name)).first();
  }

  private Locator heading(String name) {
    return page.getByRole(
        AriaRole.HEADING, new Page.GetByRoleOptions().setName(name).setExact(true));
  }

  private void requireAccessible() {
    assertThat(new AxeBuilder(page).analyze().getViolations())
        .extracting(violation -> violation.getId() + " " + violation.getNodes())
        .isEmpty();
  }

  private void takePicture() {
    if (Boolean.getBoolean("test.usageapi.picture")) {
      page.screenshot(new Page.ScreenshotOptions().setPath(PICTURE));
    }
  }
}
