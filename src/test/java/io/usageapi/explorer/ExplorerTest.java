package io.usageapi.explorer;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.usageapi.fixture.Organization.anOrganization;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.RatedRecord;
import io.usageapi.fixture.ServerResource;
import io.usageapi.fixture.TestPostgres;
import io.usageapi.security.Scope;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
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
 * The explorer in a real browser, on a real server with the data of the demo: what a finance desk
 * asks, and what can go wrong. {@link ExplorerFiguresTest} checks every figure.
 */
@QuarkusTest
@TestProfile(ServerResource.Demo.class)
@EnabledIf(
    value = "io.usageapi.explorer.Chromium#isInstalled",
    disabledReason = "there is no Chromium at /usr/bin/chromium (see the profile browser)")
class ExplorerTest {
  private static final int PATIENCE_MILLIS = 20_000;

  private static Chromium chromium;

  @TestHTTPResource("/explorer/")
  URI explorer;

  private ExplorerWindow window;
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
  void open() {
    DemoOrganizations.load();
    window =
        new ExplorerWindow(
            chromium, explorer, new Browser.NewContextOptions().setViewportSize(1280, 720));
    page = window.page();
  }

  @AfterEach
  void nothingWentWrongInTheBrowser() {
    window.close();
  }

  @Test
  void the_first_screen_says_how_much_what_and_why() {
    window.signInAs("globex");

    assertThat(page.locator("h1")).hasText("October 2026: 4,000.01 USD, up 427.12 (+12 %)");
    assertThat(page.locator(".drivers"))
        .hasText(
            "Mostly Chat sessions +576.39 (more units) and Outbound calls +463.41 (more units).");
    assertThat(page.locator(".standing")).containsText("so far");
    assertThat(page.locator(".standing")).containsText("Last changed 20");
    assertThat(page.locator(".groups tbody tr").first().locator("th, td"))
        .hasText(
            new String[] {
              "Text messages sent sms-out", "698.03", "17.5 %", "380.22", "+317.81 +84 %", ""
            });
    assertThat(page.locator(".groups tfoot .figure"))
        .hasText(new String[] {"4,000.01", "100.0 %", "3,572.90", "+427.12"});
    assertThat(page.locator(".movers li")).hasCount(5);
    assertThat(page.locator(".movers li").first().locator(".parts span"))
        .hasText(new String[] {"by quantity +576.39", "+576.39", "by price 0.00", "0.00"});
    assertThat(page.locator(".plot .column[aria-selected=true]")).hasCount(1);
    assertThat(page.locator(".groups tbody tr").first().boundingBox().y).isLessThan(690);

    page.setViewportSize(390, 844);
    assertThat(page.locator(".groups tbody tr").first().boundingBox().y).isLessThan(800);
    assertThat((int) page.evaluate("document.documentElement.scrollWidth")).isEqualTo(390);
  }

  @Test
  void figures_are_rounded_for_the_eye_and_exact_on_a_closer_look_in_copies_and_in_files()
      throws Exception {
    window.signInAs("globex");
    Locator figure = page.locator(".groups tbody .figure").nth(4);
    assertThat(figure).hasText("638.66");

    figure.hover();
    assertThat(look(figure)).isEqualTo("\"638.6589\"");
    page.mouse().move(0, 0);
    assertThat(look(figure)).isEqualTo("none");
    page.locator(".groups tbody a").nth(1).focus();
    page.keyboard().press("Shift");
    assertThat(look(figure)).isEqualTo("\"638.6589\"");
    assertThat(copied(".groups tbody tr:nth-child(2)"))
        .startsWith("Chat sessions chat-sessions\t638.6589\t15.9664 %\t62.2");

    Download download = page.waitForDownload(() -> button("Download CSV").click());
    assertThat(download.suggestedFilename()).isEqualTo("usage-2026-10-by-product-USD.csv");
    assertThat(Files.readAllLines(download.path(), StandardCharsets.UTF_8))
        .hasSize(22)
        .anyMatch(
            line -> line.startsWith("chat-sessions,USD,SESSIONS,") && line.contains(",638.6589,"));
  }

  @Test
  void the_table_is_sorted_by_each_of_its_columns() {
    window.signInAs("globex");
    List<String> columns = List.of("Amount, USD", "Share", "Sep 2026", "Change");
    for (String column : columns) {
      int index = columns.indexOf(column) + 2;
      for (String order : List.of("descending", "ascending")) {
        Locator head =
            page.locator("thead th", new Page.LocatorOptions().setHasText(column)).first();
        if (!order.equals(head.getAttribute("aria-sort"))) {
          head.locator("a").click();
        }
        assertThat(head).hasAttribute("aria-sort", order);
        window.waitForFigures();
        assertThat(exact(".groups tbody td:nth-child(" + index + ") > .figure"))
            .hasSize(21)
            .isSortedAccordingTo(
                order.equals("ascending") ? Comparator.naturalOrder() : Comparator.reverseOrder());
      }
    }
    page.locator("thead a", new Page.LocatorOptions().setHasText("Product")).click();
    assertThat(page.locator(".groups tbody a").first()).hasText("adjustment");
    page.locator("thead a", new Page.LocatorOptions().setHasText("12 months")).click();
    assertThat(page.locator(".groups tbody a").first()).hasText("Premium support");
    assertThat((int) page.evaluate("history.length")).isEqualTo(2);
  }

  @Test
  void a_change_of_mixed_units_is_split_by_quantity_and_by_price_and_a_closed_month_is_final()
      throws Exception {
    String organization = anOrganization().id();
    provision(organization, organization, "Ann's shop");
    sendFor(
        organization,
        aRecord().with("occurred_at", "2026-09-10T12:00:00Z").with("total_amount", 10),
        aRecord().with("occurred_at", "2026-10-10T12:00:00Z").with("total_amount", 15),
        texts("2026-09-10T12:00:00Z", 1),
        texts("2026-10-10T12:00:00Z", 3));
    execute(
        "INSERT INTO month_status (organization_id, month, status, changed_at)"
            + " VALUES ('"
            + organization
            + "', '2026-10-01', 'CLOSED', now())"
            + " ON CONFLICT (organization_id, month) DO UPDATE SET status = 'CLOSED'");
    window.paste(DemoOrganizations.reader(organization));
    window.waitForFigures();

    assertThat(page.locator("h1")).hasText("October 2026: 18.00 EUR, up 7.00 (+64 %)");
    assertThat(page.locator(".badge")).hasText("final");
    assertThat(page.locator(".drivers"))
        .hasText("Mostly voice +5.00 (a higher price) and sms +2.00 (more units).");

    page.getByLabel("Group by").selectOption("account_id");
    assertThat(page.locator(".drivers"))
        .hasText("Mostly Ann's shop +7.00 (mostly a higher price).");
    assertThat(page.locator(".movers .parts")).containsText("by quantity +2.00");
    assertThat(page.locator(".movers .parts")).containsText("by price +5.00");
    window.waitForFigures();
    page.getByText("Show units").click();
    assertThat(page.locator(".several li")).hasText(new String[] {"1 minutes", "3 segments"});
  }

  @Test
  void a_figure_leads_to_its_records_and_their_calls_in_three_clicks_and_back_to_the_same_place() {
    window.signInAs("globex");
    button("Premium support").click();
    page.locator(".movers").scrollIntoViewIfNeeded();
    double top = ((Number) page.evaluate("scrollY")).doubleValue();

    page.locator(".movers a").nth(2).click();
    window.waitForFigures();
    String mover = page.locator("h1 .name").textContent();
    assertThat(mover).startsWith("Text messages sent");
    assertThat(page.locator("main")).isFocused();
    assertThat(page.locator(".chart-days .column")).hasCount(31);
    assertThat(page.locator("tbody td:nth-child(5)")).hasText("698.03 USD");
    page.locator("tbody a").first().click();
    assertThat(page.getByText("Records of October 2026").first()).isVisible();
    assertThat(page.locator("tbody th").first()).containsText("2026-10-sms-out-");
    page.getByText("The API calls behind this").click();
    assertThat(page.locator("pre").last()).containsText("/records");
    assertThat(page.locator("pre").last()).containsText("$TOKEN");

    page.goBack();
    assertThat(page.locator("h1 .name")).hasText(mover);
    page.goBack();
    assertThat(page.locator(".movers a").nth(2)).isFocused();
    assertThat(((Number) page.evaluate("scrollY")).doubleValue()).isEqualTo(top);
    assertThat(button("Premium support")).hasAttribute("aria-pressed", "false");
  }

  @Test
  void a_day_of_a_group_shows_what_it_is_made_of() {
    window.signInAs("globex");
    window.show("#/group?group=product_id&value=sms-out&month=2026-10&currency=USD");

    page.locator(".chart-days .column").nth(5).click();

    assertThat(page.locator("#aggregates")).hasText("What it is made of, 6 October 2026");
    page.locator("tbody a").first().click();
    assertThat(page.getByText("Records of October 2026").first()).isVisible();
  }

  @Test
  void filters_are_picked_by_name_and_a_wrong_one_leaves_what_is_shown() {
    window.signInAs("reseller");
    window.show("#/?currency=USD");
    button("+ Filter").click();
    page.locator(".fields")
        .getByText("Account", new Locator.GetByTextOptions().setExact(true))
        .click();
    page.getByLabel("Search by name or id").fill("customer 1");
    page.getByLabel("Customer 10 ").check();
    page.getByLabel("Customer 13 ").check();
    page.getByLabel("Customer 13 ").press("Enter");

    assertThat(page.locator(".chip")).containsText("Account: Customer 10 or Customer 13");
    assertThat(page.getByText("Customer 13 customer-013")).isHidden();
    window.waitForFigures();
    String headline = page.locator("h1").textContent();
    button("+ Filter").click();
    page.locator(".fields").getByText("Type").click();
    page.locator(".options").getByLabel("Answering machine detection").check();
    button("Apply").click();
    assertThat(page.locator(".chip").last()).containsText("Type: Answering machine detection");
    window.waitForFigures();
    assertThat(page.locator(".groups tbody tr")).hasCount(1);
    page.getByLabel("Remove the filter Type").click();
    assertThat(page.locator("h1")).hasText(headline);

    window.expect("400", "403");
    button("Edit as text").click();
    page.getByLabel("Filter as text").fill("type eq 'MESAGE'");
    page.keyboard().press("Enter");
    assertThat(page.getByRole(AriaRole.ALERT)).containsText("at character 9");
    assertThat(page.locator("h1")).hasText(headline);
    page.getByLabel("Filter as text").fill("account_id eq 'of-somebody-else'");
    page.keyboard().press("Enter");
    assertThat(page.getByRole(AriaRole.ALERT)).containsText("not of your organization");
    assertThat(page.locator(".groups tbody tr")).not().hasCount(0);
    page.getByLabel("Filter as text").fill("month eq '2026-09' or type eq 'CALL'");
    page.keyboard().press("Enter");
    assertThat(page.getByRole(AriaRole.ALERT)).containsText("must stand alone");
    assertThat(page.locator("h1")).hasText(headline);
    button("Clear").click();
    assertThat(page.locator(".chip")).hasCount(0);

    button("+ Filter").click();
    page.locator(".fields").getByText("Month").click();
    page.locator(".months").getByLabel("September 2026").press("Enter");
    assertThat(page.locator("h1")).containsText("September 2026: ");
    assertThat(page.locator(".plot .column")).hasCount(1);
    // One for the page, one for the address that this test went to.
    assertThat((int) page.evaluate("history.length")).isEqualTo(3);
  }

  /** Of each line: an address, what is said of it, and what is offered, if anything. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ':',
      textBlock =
          """
          globex: '
          /?kind=top_up&filter=type+eq+"CALL" | There are no top-ups that the filter finds | Show consumption
          /?month=2020-01 | The first is of November 2024 | Show November 2024
          /?month=2099-01 | The latest is of October 2026 | Show October 2026
          /?filter=month+eq+"2026-09"&month=2026-08 | The filter leaves out August 2026 | Show September 2026
          /?group=colour&month=2026-13 | the month “2026-13”, which there is not |
          /group?group=product_id&value=tea&month=2026-10 | There is no usage of a product of this name | All usage
          /group?group=product_id | This link leads nowhere | All usage
          /nonsense | This link leads nowhere | All usage'
          reseller: '
          /?currency=EUR&filter=account_id+eq+"customer-001" | It is billed in USD | Show USD
          /group?group=account_id&value=customer-001&month=2026-10&currency=EUR | It has some in October 2026 in USD | Show October 2026 in USD'
          """)
  void nothing_is_a_dead_end(String organization, String cases) {
    window.signInAs(organization);
    for (String line : cases.strip().lines().toList()) {
      List<String> parts = List.of(line.replace('"', '\'').split(" ?\\| ?", -1));
      window.show("#" + parts.get(0));

      assertThat(page.locator("main")).containsText(parts.get(1));
      if (!parts.get(2).isEmpty()) {
        page.locator("main")
            .getByText(parts.get(2), new Locator.GetByTextOptions().setExact(true))
            .last()
            .click();
        window.waitForFigures();
      }
      assertThat(page.locator("h1")).hasText(Pattern.compile(": [\\d,.]*[1-9]"));
    }
  }

  @Test
  void what_something_else_answers_is_no_error_of_a_script() {
    window.expect("502");
    window.signInAs("globex");
    for (Route.FulfillOptions answer :
        List.of(
            answer(200, "text/html", "<p>Log in</p>"),
            answer(200, "application/json", "{}"),
            answer(502, "text/html", "<p>Bad</p>"))) {
      window.show("#/");
      page.route("**/express/**", route -> route.fulfill(answer));
      page.getByLabel("Show", new Page.GetByLabelOptions().setExact(true)).selectOption("top_up");
      assertThat(page.getByRole(AriaRole.ALERT))
          .containsText("Something else answered in place of the server");
      assertThat(page.locator("h1")).containsText("4,000.01 USD");
      page.unroute("**/express/**");
    }
    button("Try again").click();
    assertThat(page.locator("h1")).not().containsText("4,000.01 USD");
  }

  private static Route.FulfillOptions answer(int status, String type, String body) {
    return new Route.FulfillOptions().setStatus(status).setContentType(type).setBody(body);
  }

  @Test
  void what_does_not_exist_is_said_so() {
    window.expect("400", "404");
    window.signInAs("globex");
    for (String address : List.of("#/records/%E0%A4%A", "#/records/" + "0".repeat(32))) {
      window.show(address);
      assertThat(page.locator("main")).containsText("What this link names is not here");
    }
    window.show("#/group?group=product_id&value=fax&month=2026-10&currency=USD&cursor=zzz&order=x");
    assertThat(page.locator("h1 .name")).hasText("Fax pages fax");
  }

  @Test
  void the_keyboard_alone_is_enough() {
    button("newcomer").waitFor();
    assertThat(page.getByLabel("Access token")).isFocused();
    button("globex").focus();
    page.keyboard().press("Enter");
    window.waitForFigures();
    assertThat(page.locator("main")).isFocused();

    page.keyboard().press("Tab");
    assertThat(page.locator(":focus")).hasAttribute("data-key", "group");
    page.keyboard().type("By acc");
    assertThat(page.locator(".groups tbody a").first()).hasText("Globex");
    assertThat(page.getByLabel("Group by")).isFocused();
    page.locator(".month-choice button").nth(1).press("Enter");
    page.keyboard().press("ArrowLeft");
    page.keyboard().press("Escape");
    assertThat(page.locator(".month-choice button").nth(1)).isFocused();
    page.locator(".groups tbody a").focus();
    page.keyboard().press("Enter");
    assertThat(page.locator("h1 .name")).hasText("Globex globex");
  }

  @Test
  void a_token_without_the_scope_is_told_which_one_it_lacks() {
    window.expect("403");
    window.paste(DemoOrganizations.token(Scope.ACCOUNTS_READ, "globex", 60));

    assertThat(page.getByRole(AriaRole.ALERT)).containsText("express-accounts-usage:read");
  }

  @Test
  void a_token_that_may_not_read_accounts_sees_their_ids_and_is_kept_in_memory_alone() {
    window.expect("403");
    String token = DemoOrganizations.token(Scope.USAGE_READ, "globex", 60);
    window.paste(token);
    page.getByLabel("Group by").selectOption("account_id");
    window.waitForFigures();

    assertThat(page.locator(".groups tbody a").first()).hasText("globex");
    assertThat(page.url()).doesNotContain(token);
    assertThat(page.evaluate("sessionStorage.length + localStorage.length")).isEqualTo(0);
  }

  @Test
  void an_organization_without_usage_is_told_so() {
    button("newcomer").click();

    assertThat(page.getByText("There is no usage yet")).isVisible();
  }

  @Test
  void an_outage_is_explained_and_can_be_tried_again() throws Exception {
    window.expect("503");
    TestPostgres.whileLocked(
        "monthly_usage, month_total",
        () -> {
          button("acme").click();
          assertThat(page.getByRole(AriaRole.ALERT)).containsText("Try again in a moment");
          assertThat(page.getByRole(AriaRole.ALERT)).containsText("unavailable");
        });
    button("Try again").click();

    assertThat(page.locator("h1")).containsText("October 2026: ");
  }

  @Test
  void hundreds_of_groups_are_sorted_by_the_server_and_shown_as_far_as_asked() throws Exception {
    String organization = anOrganization().id();
    provision(organization, organization, "Many");
    TestPostgres.storeAggregates(organization, organization, 600);
    window.paste(DemoOrganizations.reader(organization));
    window.waitForFigures();

    assertThat(page.locator(".chart-legend button")).hasCount(10);
    assertThat(page.locator(".chart-legend")).containsText("All others");
    assertThat(page.locator("tbody tr")).hasCount(25);
    page.getByText("Show 50 more").click();
    assertThat(page.locator("tbody tr")).hasCount(75);
    assertThat(page.locator("tbody .id").last()).hasText(" p526");
    for (String[] column :
        List.of(
            new String[] {"Product", "p1"},
            new String[] {"Change", "p600"},
            new String[] {"12 months", "p600"})) {
      page.locator("thead a", new Page.LocatorOptions().setHasText(column[0])).click();
      assertThat(page.locator("tbody .id").first()).hasText(" " + column[1]);
    }
  }

  @Test
  void the_word_that_came_for_a_unit_stands_in_its_place() throws Exception {
    String organization = anOrganization().id();
    provision(organization, organization, "Words");
    TestPostgres.storeAggregates(organization, organization, 3);
    TestPostgres.storeUnitWord(organization, "p1", "GB-Hours");
    TestPostgres.storeUnitWord(organization, "p2", null);
    window.paste(DemoOrganizations.reader(organization));
    page.getByText("Show units").click();

    assertThat(page.locator("tbody .units"))
        .hasText(new String[] {"3 minutes", "several kinds", "1 GB-Hours"});
    page.locator("tbody a").last().click();
    assertThat(page.locator("tbody .units")).hasText("1 GB-Hours");
    page.locator("tbody a").click();
    assertThat(page.getByText("Received")).isVisible();
  }

  private static RatedRecord texts(String occurredAt, int count) {
    return aRecord()
        .with("product_id", "sms")
        .with("type", "MESSAGE")
        .with("unit", "SEGMENTS")
        .with("occurred_at", occurredAt)
        .with("number_of_units", count)
        .with("total_amount", count);
  }

  private static void sendFor(String account, RatedRecord... records) {
    List<Map<String, Object>> bodies = new ArrayList<>();
    for (RatedRecord record : records) {
      bodies.add(record.with("account_id", account).fields());
    }
    Api.as(DemoOrganizations.writer())
        .contentType("application/json")
        .body(Map.of("records", bodies))
        .post(Api.RECORDS)
        .then()
        .statusCode(200);
  }

  private static void provision(String organization, String account, String name) {
    Api.putAccount(
            DemoOrganizations.writer(),
            account,
            Map.of("organization_id", organization, "name", name))
        .statusCode(201);
  }

  private static void execute(String sql) throws Exception {
    try (Connection connection = TestPostgres.connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** What lies over a figure on a closer look: a text of CSS. */
  private static Object look(Locator figure) {
    return figure.evaluate("each => getComputedStyle(each, '::after').content");
  }

  private String copied(String selector) {
    return (String)
        page.evaluate(
            """
        selector => {
          const copied = new DataTransfer();
          const element = document.querySelector(selector);
          getSelection().selectAllChildren(element);
          element.dispatchEvent(new ClipboardEvent('copy', { clipboardData: copied, bubbles: true }));
          return copied.getData('text/plain');
        }
        """,
            selector);
  }

  private List<BigDecimal> exact(String selector) {
    return page.locator(selector).all().stream()
        .map(each -> new BigDecimal(each.getAttribute("data-exact").replace(" %", "")))
        .toList();
  }

  private Locator button(String name) {
    return page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name)).first();
  }
}
