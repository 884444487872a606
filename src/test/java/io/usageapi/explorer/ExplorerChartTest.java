package io.usageapi.explorer;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.BoundingBox;
import com.microsoft.playwright.options.Media;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.usageapi.fixture.ServerResource;
import java.net.URI;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** The explorer's chart, by pointer and by keyboard. */
@QuarkusTest
@Tag("long")
@TestProfile(ServerResource.Demo.class)
@EnabledIf(
    value = "io.usageapi.explorer.Chromium#isInstalled",
    disabledReason = "there is no Chromium at /usr/bin/chromium (see the profile browser)")
class ExplorerChartTest {
  /** The fill of each entry of the legend. */
  private static final String COLOURS =
      """
      () => Object.fromEntries([...document.querySelectorAll('.chart-legend [aria-pressed]')]
        .map(each => [each.textContent, each.querySelector('rect').style.getPropertyValue('--fill')]))
      """;

  private static Chromium chromium;

  @TestHTTPResource("/explorer/")
  URI explorer;

  private ExplorerWindow window;
  private Page page;

  @BeforeAll
  static void start() {
    chromium = Chromium.start();
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
  void the_keyboard_goes_through_months_and_groups_and_chooses_them() {
    window.signInAs("globex");
    page.locator(".plot [tabindex='0']").focus();

    page.keyboard().press("ArrowLeft");
    assertThat(tip().locator(".title")).hasText("September 20263,572.90 USD");
    page.keyboard().press("Enter");
    assertThat(page.locator("h1")).containsText("September 2026: 3,572.90 USD");
    window.waitForFigures();
    assertThat(page.locator(".plot .column:focus")).hasAttribute("aria-selected", "true");

    page.keyboard().press("ArrowUp");
    String group = tip().locator(".at .name").textContent();
    assertThat(page.locator(".chart-said"))
        .hasText(Pattern.compile("^" + group + " [\\d,.]+ USD$"));
    page.keyboard().press("Enter");
    assertThat(page.locator("h1")).containsText(group);
  }

  @Test
  void the_pointer_shows_a_month_and_its_groups_and_a_press_opens_them() {
    window.signInAs("globex");
    Locator segment = page.locator(".plot .column").nth(4).locator(".segment").first();
    segment.hover();
    assertThat(tip().locator(".title")).containsText("March 2026");
    assertThat(tip().locator("li")).hasCount(9);

    segment.click();
    assertThat(page.locator("h1")).containsText("March 2026: ");
    window.waitForFigures();
    String group = page.locator(".chart-legend button").first().textContent();
    page.locator(".plot [aria-selected=true] .segment").first().click();
    assertThat(page.locator("h1")).containsText(group);
  }

  @Test
  void a_value_keeps_its_colour_and_all_others_can_be_opened() {
    window.signInAs("globex");
    Map<String, Object> colours = window.read(COLOURS);
    assertThat(colours.values()).hasSize(9).doesNotHaveDuplicates();

    window.show("#/?month=2025-03&months=24&filter=product_id+ne+'sms-out'");
    Map<String, Object> filtered = window.read(COLOURS);
    filtered.keySet().retainAll(colours.keySet());
    assertThat(filtered)
        .hasSizeGreaterThan(6)
        .allSatisfy(
            (value, colour) -> {
              assertThat(colour).as(value).isEqualTo(colours.get(value));
            });

    window.show("#/");
    page.getByText("Show all others").click();
    assertThat(page.locator(".chart-legend [aria-pressed]")).hasCount(17);
    assertThat(window.read(COLOURS)).containsAllEntriesOf(colours);
  }

  @Test
  void a_credit_takes_the_height_that_it_has_and_the_legend_is_kept() {
    window.signInAs("globex");
    window.show("#/?shown=40");
    // The credits of a year are a thousandth of its amount: a line, and no more.
    double zero = page.locator(".plot .zero").boundingBox().y;
    BoundingBox credit =
        page.locator(".plot [aria-selected=true] [data-series=adjustment]").boundingBox();
    assertThat(credit.y).isCloseTo(zero, within(2.0));
    assertThat(credit.height).isLessThan(3);

    int segments = page.locator(".plot .segment").count();
    page.locator(".chart-legend button").first().click();
    assertThat(page.locator(".chart-legend button").first()).hasAttribute("aria-pressed", "false");
    assertThat(page.locator(".plot .segment")).hasCount(segments - 12);
    page.locator(".groups tbody a").first().click();
    page.locator("#aggregates").waitFor();
    page.goBack();
    window.waitForFigures();
    assertThat(page.locator(".plot .segment")).hasCount(segments - 12);
  }

  @Test
  void on_paper_there_are_figures_and_nothing_to_press() {
    window.signInAs("globex");
    page.emulateMedia(new Page.EmulateMediaOptions().setMedia(Media.PRINT));

    assertThat(page.locator(".controls")).isHidden();
    assertThat(page.getByText("Download CSV")).isHidden();
    assertThat(page.locator(".plot")).isVisible();
    assertThat(page.locator(".groups tbody tr")).hasCount(21);
  }

  private Locator tip() {
    return page.locator(".chart-root:not(.chart-days) .chart-tip");
  }
}
