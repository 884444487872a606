package io.usageapi.explorer;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ForcedColors;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.usageapi.fixture.ServerResource;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each view of the explorer for those who see it otherwise, by the rules of axe. */
@QuarkusTest
@Tag("long")
@TestProfile(ServerResource.Demo.class)
@EnabledIf(
    value = "io.usageapi.explorer.Chromium#isInstalled",
    disabledReason = "there is no Chromium at /usr/bin/chromium (see the profile browser)")
class ExplorerAccessibilityTest {
  /** How the page is seen. Where only colours differ, only rules about colours are asked. */
  enum Mode {
    LIGHT(1280, 720, ColorScheme.LIGHT, ForcedColors.NONE),
    DARK(1280, 720, ColorScheme.DARK, ForcedColors.NONE),
    FORCED(1280, 720, ColorScheme.DARK, ForcedColors.ACTIVE),
    PHONE(390, 844, ColorScheme.LIGHT, ForcedColors.NONE);

    private static final List<String> RULES_OF_COLOURS =
        List.of("color-contrast", "link-in-text-block");

    private final int width;
    private final int height;
    private final ColorScheme colours;
    private final ForcedColors forced;

    Mode(int width, int height, ColorScheme colours, ForcedColors forced) {
      this.width = width;
      this.height = height;
      this.colours = colours;
      this.forced = forced;
    }

    Browser.NewContextOptions options() {
      return new Browser.NewContextOptions()
          .setViewportSize(width, height)
          .setColorScheme(colours)
          .setForcedColors(forced);
    }

    AxeBuilder axe(Page page) {
      AxeBuilder axe = new AxeBuilder(page);
      return this == DARK || this == FORCED ? axe.withRules(RULES_OF_COLOURS) : axe;
    }
  }

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

  /** Light; all modes if a property asks for them, as they take two minutes more. */
  static Stream<Mode> modes() {
    return Boolean.getBoolean("test.usageapi.modes")
        ? Stream.of(Mode.values())
        : Stream.of(Mode.LIGHT);
  }

  @ParameterizedTest
  @MethodSource("modes")
  void everybody_can_use_each_view(Mode mode) {
    DemoOrganizations.load();
    SoftAssertions softly = new SoftAssertions();
    try (ExplorerWindow window = new ExplorerWindow(chromium, explorer, mode.options())) {
      Page page = window.page();
      page.locator(".offers button").first().waitFor();
      check(mode, "the form to sign in by", page, softly);

      window.signInAs("reseller");
      takePictures(mode, window);
      // Few of each thing: axe takes its time for each.
      window.show("#/?group=account_id&currency=EUR&units=all&rows=2&shown=2&months=6");
      page.locator(".plot .column").last().focus();
      page.keyboard().press("ArrowUp");
      assertThat(page.locator(".chart-tip").first()).isVisible();
      check(mode, "overview", page, softly);
      page.locator("[data-key=month]").click();
      check(mode, "calendar", page, softly);
      page.keyboard().press("Escape");
      page.locator("[data-key=add-filter]").click();
      page.locator(".fields").getByText("Type").click();
      check(mode, "picker of a filter", page, softly);
      page.keyboard().press("Escape");

      window.show("#/group?group=product_id&value=sms-out&month=2026-10&currency=EUR");
      check(mode, "group", page, softly);
      page.locator("table tbody a").first().click();
      page.locator("th", new Page.LocatorOptions().setHasText("Received")).waitFor();
      check(mode, "records", page, softly);
      page.locator("summary").last().click();
      check(mode, "the calls behind it", page, softly);

      window.expect("400");
      window.show("#/?filter=type+eq+'MESAGE'");
      check(mode, "a wrong filter", page, softly);
      window.show("#/?kind=top_up&filter=type+eq+'CALL'");
      check(mode, "nothing found", page, softly);
      window.show("#/nonsense");
      check(mode, "a link that leads nowhere", page, softly);
    }
    softly.assertAll();
  }

  private static void check(Mode mode, String view, Page page, SoftAssertions softly) {
    softly
        .assertThat(mode.axe(page).analyze().getViolations())
        .as("%s, %s", mode, view)
        .extracting(violation -> violation.getId() + " " + violation.getNodes())
        .isEmpty();
    softly
        .assertThat((int) page.evaluate("document.documentElement.scrollWidth"))
        .as("%s, %s: width", mode, view)
        .isEqualTo(mode.width);
  }

  /** The pictures of the README and the documents, if a property asks for them. */
  private static void takePictures(Mode mode, ExplorerWindow window) {
    if (!Boolean.getBoolean("test.usageapi.picture")) {
      return;
    }
    Page page = window.page();
    window.show("#/?group=account_id&currency=EUR");
    takePicture(mode, "overview", page);
    page.locator(".plot .column").nth(5).focus();
    page.keyboard().press("ArrowUp");
    takePicture(mode, "chart", page);
    window.show("#/group?group=account_id&value=customer-021&month=2026-10&currency=EUR");
    takePicture(mode, "group", page);
    window.show("#/");
  }

  private static void takePicture(Mode mode, String view, Page page) {
    String name =
        mode == Mode.LIGHT && view.equals("overview")
            ? "explorer.png"
            : "explorer-%s-%s.png".formatted(view, mode.name().toLowerCase(Locale.ROOT));
    page.screenshot(new Page.ScreenshotOptions().setPath(Path.of("docs", name)));
  }
}
