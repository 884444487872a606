package io.usageapi.explorer;

import static java.math.BigDecimal.ZERO;
import static java.math.RoundingMode.HALF_UP;
import static java.util.Comparator.reverseOrder;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ReducedMotion;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.usageapi.fixture.ServerResource;
import java.math.BigDecimal;
import java.net.URI;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Every figure of the explorer is what the exported usage of the organization adds up to. */
@QuarkusTest
@TestProfile(ServerResource.Demo.class)
@EnabledIf(
    value = "io.usageapi.explorer.Chromium#isInstalled",
    disabledReason = "there is no Chromium at /usr/bin/chromium (see the profile browser)")
class ExplorerFiguresTest {
  static final List<String> ORGANIZATIONS = DemoOrganizations.IDS;

  private static final YearMonth MONTH = DemoOrganizations.LAST_MONTH;

  /** The currency of the demo that has no smaller coin. */
  private static final String WITHOUT_CENTS = "JPY";

  /** The fields to group by; the page asks for all of its table. */
  private static final List<String> FIELDS =
      List.of(
          "product_id",
          "account_id",
          "aggr_product_id",
          "type",
          "direction",
          "resolution",
          "wallet_name",
          "unit");

  /** With {@code -Dtest.usageapi.modes=true} all views; by default top-ups by two fields only. */
  private static final boolean ALL = Boolean.getBoolean("test.usageapi.modes");

  private static final int FIELDS_OF_TOP_UPS = 2;

  /** What the page says: each figure as [what is seen, what it is exactly]. */
  private static final String SAID =
      """
      () => {
        const figures = within => [...(within?.querySelectorAll('.figure') ?? [])]
          .map(each => [each.textContent, each.dataset.exact]);
        const rows = [...document.querySelectorAll('table.groups tbody tr')].map(row => ({
          key: row.querySelector('th a').dataset.key.replace('group-', ''),
          cells: [...row.cells].map(figures),
        }));
        return {
          title: document.querySelector('h1').textContent,
          headline: figures(document.querySelector('h1')),
          heads: [...document.querySelectorAll('table.groups thead th')].map(each => each.textContent),
          rows,
          months: [...document.querySelectorAll('.plot .column')].map(each => each.ariaLabel),
        };
      }
      """;

  private static Chromium chromium;

  @TestHTTPResource("/explorer/")
  URI explorer;

  @BeforeAll
  static void start() {
    chromium = Chromium.start();
  }

  @AfterAll
  static void stop() {
    chromium.close();
  }

  @ParameterizedTest
  @FieldSource("ORGANIZATIONS")
  void every_figure_is_a_sum_of_the_export(String organization) {
    DemoOrganizations.load();
    ExportedUsage usage = ExportedUsage.of(DemoOrganizations.reader(organization));
    SoftAssertions softly = new SoftAssertions();
    try (ExplorerWindow window =
        new ExplorerWindow(
            chromium,
            explorer,
            new Browser.NewContextOptions().setReducedMotion(ReducedMotion.REDUCE))) {
      window.signInAs(organization);
      for (String kind : List.of("consumption", "top_up")) {
        ExportedUsage ofKind = usage.ofKind(kind);
        for (String currency : ofKind.currencies().toList()) {
          for (String field : fields(kind)) {
            window.show("#/?rows=100&kind=" + kind + "&currency=" + currency + "&group=" + field);
            String view = String.join(" ", organization, kind, currency, field);
            new Expected(ofKind.in(currency), currency, field, view)
                .check(window.read(SAID), softly);
          }
        }
      }
    }
    softly.assertAll();
  }

  private static List<String> fields(String kind) {
    return ALL || kind.equals("consumption") ? FIELDS : FIELDS.subList(0, FIELDS_OF_TOP_UPS);
  }

  @Test
  void the_headline_needs_one_answer_and_waits_for_no_other() {
    DemoOrganizations.load();
    try (ExplorerWindow window =
        new ExplorerWindow(chromium, explorer, new Browser.NewContextOptions())) {
      Page page = window.page();
      List<Route> held = new ArrayList<>();
      Predicate<String> others =
          url -> url.contains("/express/") && !url.contains("group_by=month&");
      page.route(others, held::add);
      page.locator(".offers button", new Page.LocatorOptions().setHasText("globex")).click();

      PlaywrightAssertions.assertThat(page.locator("h1"))
          .hasText("October 2026: 4,000.01 USD, up 427.12 (+12 %)");
      PlaywrightAssertions.assertThat(page.locator(".what .skeleton")).isVisible();
      page.unroute(others);
      held.forEach(Route::resume);
      window.waitForFigures();
      assertThat(page.locator(".groups tbody tr").count()).isEqualTo(21);
    }
  }

  /** What a view must say. */
  private record Expected(ExportedUsage usage, String currency, String field, String view) {
    @SuppressWarnings("unchecked")
    void check(Map<String, Object> said, SoftAssertions softly) {
      BigDecimal now = usage.of(MONTH).sum();
      BigDecimal before = usage.of(MONTH.minusMonths(1)).sum();
      List<List<String>> headline = (List<List<String>>) said.get("headline");
      softly
          .assertThat((String) said.get("title"))
          .as("%s: title", view)
          .startsWith("October 2026: " + rounded(now) + " " + currency);
      softly.assertThat(headline.get(0)).as("%s: headline", view).isEqualTo(figure(now));
      softly
          .assertThat(headline.get(1))
          .as("%s: change", view)
          .isEqualTo(figure(now.subtract(before).abs()));
      List<Integer> places = columns((List<String>) said.get("heads"));
      checkRows((List<Map<String, Object>>) said.get("rows"), places, now, softly);
      List<String> columns = (List<String>) said.get("months");
      softly
          .assertThat(columns.get(columns.size() - 1))
          .as("%s: the last column of the chart", view)
          .startsWith("October 2026: " + rounded(now) + " " + currency);
    }

    private void checkRows(
        List<Map<String, Object>> rows,
        List<Integer> places,
        BigDecimal whole,
        SoftAssertions softly) {
      Map<String, BigDecimal> now = usage.of(MONTH).sumsBy(field);
      Map<String, BigDecimal> before = usage.of(MONTH.minusMonths(1)).sumsBy(field);
      Set<String> groups = new HashSet<>(now.keySet());
      groups.addAll(before.keySet());
      Map<String, List<List<String>>> expected = new HashMap<>();
      for (String group : groups) {
        BigDecimal amount = now.getOrDefault(group, ZERO);
        BigDecimal previous = before.getOrDefault(group, ZERO);
        expected.put(
            group,
            List.of(
                figure(amount),
                share(amount, whole),
                figure(previous),
                signed(amount.subtract(previous))));
      }
      Map<String, List<List<String>>> shown = new HashMap<>();
      rows.forEach(row -> shown.put((String) row.get("key"), figures(row, places)));
      softly.assertThat(shown).as("%s: rows", view).isEqualTo(expected);
      softly
          .assertThat(rows.stream().map(row -> now.getOrDefault(row.get("key"), ZERO)))
          .as("%s: ranking", view)
          .isSortedAccordingTo(reverseOrder());
    }

    /** The figures of a row below these heads: what is seen, and what it is exactly. */
    @SuppressWarnings("unchecked")
    private static List<List<String>> figures(Map<String, Object> row, List<Integer> columns) {
      List<List<List<String>>> cells = (List<List<List<String>>>) row.get("cells");
      return columns.stream().map(column -> cells.get(column).get(0)).toList();
    }

    /** Where amount, share, month before and change are. */
    private static List<Integer> columns(List<String> heads) {
      return Stream.of("Amount", "Share", "Sep 2026", "Change")
          .map(
              head ->
                  IntStream.range(0, heads.size())
                      .filter(column -> heads.get(column).startsWith(head))
                      .findFirst()
                      .orElseThrow())
          .toList();
    }

    private List<String> figure(BigDecimal amount) {
      return List.of(rounded(amount), exact(amount));
    }

    private List<String> signed(BigDecimal change) {
      String plus = change.signum() > 0 ? "+" : "";
      String seen = rounded(change);
      return List.of(seen.matches("[0.,]+") ? seen : plus + seen, exact(change));
    }

    private static List<String> share(BigDecimal amount, BigDecimal whole) {
      BigDecimal exact = amount.movePointRight(2).divide(whole, 4, HALF_UP);
      return List.of(seen(exact.setScale(1, HALF_UP)) + "\u00a0%", exact.toPlainString() + " %");
    }

    private String rounded(BigDecimal amount) {
      return seen(amount.setScale(currency.equals(WITHOUT_CENTS) ? 0 : 2, HALF_UP));
    }

    private static String seen(BigDecimal rounded) {
      String minus = rounded.signum() < 0 ? "\u2212" : "";
      return minus + ("%,." + rounded.scale() + "f").formatted(rounded.abs());
    }

    private static String exact(BigDecimal amount) {
      return amount.signum() == 0 ? "0" : amount.stripTrailingZeros().toPlainString();
    }
  }
}
