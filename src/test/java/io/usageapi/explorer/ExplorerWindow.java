package io.usageapi.explorer;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A window of a browser with the explorer in it. To close it asserts that nothing went wrong. */
final class ExplorerWindow implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 20_000;

  private final URI explorer;
  private final BrowserContext context;
  private final Page page;

  /** Errors and warnings of the browser. */
  private final List<String> complaints = new ArrayList<>();

  ExplorerWindow(Chromium chromium, URI explorer, Browser.NewContextOptions options) {
    this.explorer = explorer;
    context = chromium.browser().newContext(options);
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

  Page page() {
    return page;
  }

  /** Signs in as an organization of the demo, and waits for its figures. */
  void signInAs(String organization) {
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(organization))
        .first()
        .click();
    waitForFigures();
  }

  /** Signs in with a token. */
  void paste(String token) {
    page.getByLabel("Access token").fill(token);
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Sign in").setExact(true))
        .click();
  }

  /** From now on the browser's complaints about answers with these statuses are expected. */
  void expect(String... statuses) {
    page.onConsoleMessage(
        message ->
            complaints.removeIf(
                complaint ->
                    List.of(statuses).stream()
                        .anyMatch(status -> complaint.contains("status of " + status))));
  }

  /** Goes to an address of the page, and waits for its figures. */
  void show(String address) {
    page.evaluate("address => { location.hash = address; }", address);
    waitForFigures();
  }

  /** Waits until nothing is on its way. */
  void waitForFigures() {
    // The page marks what is on its way at the latest in the next task.
    page.evaluate("() => new Promise(done => setTimeout(done))");
    page.waitForFunction("() => !document.querySelector('[aria-busy=true], .skeleton, .sign-in')");
  }

  /** What a script in the page finds. */
  @SuppressWarnings("unchecked")
  Map<String, Object> read(String script) {
    return (Map<String, Object>) page.evaluate(script);
  }

  @Override
  public void close() {
    context.close();
    assertThat(complaints).as("complaints of %s", explorer).isEmpty();
  }
}
