package io.usageapi.telemetry;

import static io.usageapi.fixture.Organization.anOrganization;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.quarkus.test.junit.QuarkusTest;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Organization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The dashboard and the alerts ask for nothing that the server does not say. */
@QuarkusTest
class MonitoringFilesTest {
  private static final Path FILES = Path.of("k8s", "components", "monitoring");

  /** A metric, and what is asked of its labels. */
  private static final Pattern METRIC =
      Pattern.compile("\\b([a-z_:][a-z0-9_:]*)\\b(?!\\s*\\()(?:\\{([^}]*)})?");

  /** What names labels, not metrics; the durations; and what is put in by Grafana. */
  private static final Pattern NO_METRICS =
      Pattern.compile("\\b(by|without|on)\\s*\\([^)]*\\)|\\[[^\\]]*]|\\b\\d+(\\.\\d+)?\\b");

  private static final Pattern LABEL = Pattern.compile("([a-z_]+)\\s*=~?\\s*\"([^\"]*)\"");
  private static final Pattern GROUPED = Pattern.compile("\\bby\\s*\\(([^)]*)\\)");

  private static final Pattern COMMA = Pattern.compile(",");

  /** Of Prometheus itself, as are these labels. */
  private static final String UP = "up";

  private static final Set<String> OF_PROMETHEUS = Set.of("instance", "pod", "job", "le");

  private Scrape scrape;

  @BeforeEach
  void a_server_that_was_used() {
    Organization acme = anOrganization();
    acme.sends(aRecord(), aRecord().account("nobody"));
    acme.asReader().get(Api.USAGE).then().statusCode(200);
    scrape = Scrape.take();
  }

  private static List<String> expressions() throws IOException {
    List<String> expressions = new ArrayList<>();
    YAMLMapper yaml = new YAMLMapper();
    JsonNode alerts = yaml.readTree(FILES.resolve("alerts.yaml").toFile());
    alerts
        .at("/spec/groups")
        .forEach(
            group ->
                group.path("rules").forEach(rule -> expressions.add(rule.path("expr").asText())));
    JsonNode dashboard = yaml.readTree(Files.readString(FILES.resolve("dashboard.json")));
    dashboard
        .path("panels")
        .forEach(
            panel ->
                panel
                    .path("targets")
                    .forEach(target -> expressions.add(target.path("expr").asText())));
    assertThat(expressions).hasSizeGreaterThan(20).noneMatch(String::isBlank);
    return expressions;
  }

  @Test
  void they_name_only_metrics_and_labels_that_there_are() throws IOException {
    for (String expression : expressions()) {
      Set<String> labels = new TreeSet<>();
      Set<String> known = new TreeSet<>(OF_PROMETHEUS);
      Matcher metric = METRIC.matcher(NO_METRICS.matcher(expression).replaceAll(" "));
      int metrics = 0;
      while (metric.find()) {
        metrics++;
        if (metric.group(1).equals(UP)) {
          continue;
        }
        List<Scrape.Sample> samples = scrape.of(metric.group(1), Map.of());
        assertThat(samples).as("%s of %s", metric.group(1), expression).isNotEmpty();
        samples.forEach(sample -> known.addAll(sample.labels().keySet()));
        Matcher asked = LABEL.matcher(metric.group(2) == null ? "" : metric.group(2));
        while (asked.find()) {
          labels.add(asked.group(1));
        }
      }
      Matcher grouped = GROUPED.matcher(expression);
      while (grouped.find()) {
        COMMA.splitAsStream(grouped.group(1)).map(String::trim).forEach(labels::add);
      }
      assertThat(metrics).as(expression).isPositive();
      assertThat(known).as(expression).containsAll(labels);
    }
  }

  @Test
  void every_alert_is_in_the_runbook() throws IOException {
    String runbook = Files.readString(Path.of("docs", "operations.md"));

    new YAMLMapper()
        .readTree(FILES.resolve("alerts.yaml").toFile())
        .at("/spec/groups/0/rules")
        .forEach(rule -> assertThat(runbook).contains("`" + rule.path("alert").asText() + "`"));
  }
}
