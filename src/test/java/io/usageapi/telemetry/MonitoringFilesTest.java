package io.usageapi.telemetry;

import static io.usageapi.fixture.Organization.anOrganization;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.quarkus.test.junit.QuarkusTest;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Organization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The dashboard and the alerts ask for nothing that the server does not tell, each alert is
 * explained, and each is tested. {@code .ci/alerts} runs those tests.
 */
@QuarkusTest
class MonitoringFilesTest {
  private static final YAMLMapper YAML = new YAMLMapper();
  private static final Path FILES = Path.of("k8s", "components", "monitoring");
  private static final Path RUNBOOK = Path.of("docs", "runbook.md");

  /** A metric and its selector. */
  private static final Pattern METRIC =
      Pattern.compile("\\b([a-z_:][a-z0-9_:]*)\\b(?!\\s*\\()(?:\\{([^}]*)})?");

  /** Words and lists of labels that are no metrics, ranges, and durations. */
  private static final Pattern NO_METRICS =
      Pattern.compile("\\b(by|on)\\s*\\([^)]*\\)|\\b(and|or|unless)\\b|\\boffset \\w+|\\[[^\\]]*]");

  private static final Pattern LABEL = Pattern.compile("([a-z_]+)\\s*=~?\\s*\"([^\"]*)\"");
  private static final Pattern GROUPED = Pattern.compile("\\b(?:by|on)\\s*\\(([^)]*)\\)");
  private static final Pattern COMMA = Pattern.compile(",");
  private static final Pattern SECTION = Pattern.compile("(?m)^#+ (UsageApi\\w+)$");

  private static final String UP = "up";

  /** Labels that Prometheus adds, or that a histogram has. */
  private static final Set<String> OF_PROMETHEUS =
      Set.of("instance", "pod", "namespace", "job", "le");

  /** Metrics of kube-state-metrics, which tells of the objects of the cluster, and their labels. */
  private static final Map<String, Set<String>> OF_THE_CLUSTER =
      Map.of(
          "kube_deployment_status_replicas_available", Set.of("deployment"),
          "kube_deployment_spec_replicas", Set.of("deployment"),
          "kube_job_failed", Set.of("job_name", "condition"),
          "kube_horizontalpodautoscaler_status_desired_replicas", Set.of("horizontalpodautoscaler"),
          "kube_horizontalpodautoscaler_spec_max_replicas", Set.of("horizontalpodautoscaler"),
          "kube_horizontalpodautoscaler_spec_min_replicas", Set.of("horizontalpodautoscaler"));

  /** Of the series that the rules record. */
  private static final Set<String> OF_RECORDED = Set.of("method", "uri", "export");

  private Scrape scrape;

  @BeforeEach
  void a_server_that_was_used() {
    Organization acme = anOrganization();
    acme.sends(aRecord(), aRecord().account("nobody"));
    acme.asReader().get(Api.USAGE).then().statusCode(200);
    scrape = Scrape.take();
  }

  private static List<JsonNode> rules(String kind) throws IOException {
    List<JsonNode> rules = new ArrayList<>();
    for (JsonNode group : YAML.readTree(FILES.resolve("alerts.yaml").toFile()).at("/spec/groups")) {
      group.path("rules").forEach(rule -> rules.add(rule));
    }
    return rules.stream().filter(rule -> rule.has(kind)).toList();
  }

  private static Set<String> names(String kind) throws IOException {
    return rules(kind).stream()
        .map(rule -> rule.path(kind).asText())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static List<String> expressionsOfRules() throws IOException {
    List<JsonNode> rules = new ArrayList<>(rules("alert"));
    rules.addAll(rules("record"));
    return rules.stream().map(rule -> rule.path("expr").asText()).toList();
  }

  private static List<String> expressionsOfTheDashboard() throws IOException {
    return YAML.readTree(FILES.resolve("dashboard.json").toFile()).findValues("expr").stream()
        .map(JsonNode::asText)
        .toList();
  }

  private static List<MatchResult> metrics(String expression) {
    List<MatchResult> metrics =
        METRIC.matcher(NO_METRICS.matcher(expression).replaceAll(" ")).results().toList();
    assertThat(metrics).as(expression).isNotEmpty();
    return metrics;
  }

  private static Set<String> labels(MatchResult metric) {
    return LABEL
        .matcher(metric.group(2) == null ? "" : metric.group(2))
        .results()
        .map(label -> label.group(1))
        .collect(Collectors.toSet());
  }

  @Test
  void they_name_only_metrics_and_labels_that_there_are() throws IOException {
    Set<String> recorded = names("record");
    List<String> expressions = new ArrayList<>(expressionsOfRules());
    expressions.addAll(expressionsOfTheDashboard());
    assertThat(expressions).hasSizeGreaterThan(60).noneMatch(String::isBlank);
    Set<String> asked = new TreeSet<>();

    for (String expression : expressions) {
      Set<String> known = new HashSet<>(OF_PROMETHEUS);
      Set<String> labels = new TreeSet<>();
      for (MatchResult metric : metrics(expression)) {
        String name = metric.group(1);
        asked.add(name);
        labels.addAll(labels(metric));
        if (recorded.contains(name)) {
          known.addAll(OF_RECORDED);
        } else if (OF_THE_CLUSTER.containsKey(name)) {
          known.addAll(OF_THE_CLUSTER.get(name));
        } else if (!name.equals(UP)) {
          List<Scrape.Sample> samples = scrape.of(name, Map.of());
          assertThat(samples).as("%s of %s", name, expression).isNotEmpty();
          samples.forEach(sample -> known.addAll(sample.labels().keySet()));
        }
      }
      Matcher grouped = GROUPED.matcher(expression);
      while (grouped.find()) {
        COMMA.splitAsStream(grouped.group(1)).map(String::trim).forEach(labels::add);
      }
      assertThat(known).as(expression).containsAll(labels);
    }
    assertThat(asked).containsAll(recorded).containsAll(OF_THE_CLUSTER.keySet());
  }

  @Test
  void no_series_of_another_application_is_selected() throws IOException {
    JsonNode monitor = rendered("ServiceMonitor", "usage-api");
    JsonNode service = rendered("Service", "usage-api-management");
    String job =
        service.at("/metadata/labels").path(monitor.at("/spec/jobLabel").asText()).asText();
    assertThat(job).isNotEmpty();
    Set<String> recorded = names("record");

    for (String expression : expressionsOfRules()) {
      for (MatchResult metric : metrics(expression)) {
        if (!recorded.contains(metric.group(1)) && !OF_THE_CLUSTER.containsKey(metric.group(1))) {
          assertThat(metric.group(2)).as(expression).contains("job=\"" + job + "\"");
        }
      }
      if (OF_THE_CLUSTER.keySet().stream().anyMatch(expression::contains)) {
        assertThat(expression).contains("and on (namespace)", "up{job=\"" + job + "\"}");
      }
    }
    for (String expression : expressionsOfTheDashboard()) {
      for (MatchResult metric : metrics(expression)) {
        assertThat(metric.group(2)).as(expression).contains("namespace=~\"$namespace\"");
        assertThat(recorded.contains(metric.group(1)) || metric.group(2).contains(job))
            .as(expression)
            .isTrue();
      }
    }
  }

  private static JsonNode rendered(String kind, String name) throws IOException {
    Path objects = Path.of("k8s", "rendered", "jvm.yaml");
    try (var documents = YAML.readerFor(JsonNode.class).<JsonNode>readValues(objects.toFile())) {
      return documents.readAll().stream()
          .filter(object -> object.path("kind").asText().equals(kind))
          .filter(object -> object.at("/metadata/name").asText().equals(name))
          .findAny()
          .orElseThrow();
    }
  }

  /** It has no {@code jvm_gc_…}, and its {@code jvm_memory_max_bytes} is -1 for each area. */
  @Test
  void only_the_heap_is_asked_of_the_jvm_which_a_native_executable_does_not_tell()
      throws IOException {
    assertThat(rules("alert"))
        .filteredOn(alert -> alert.path("expr").asText().contains("jvm_"))
        .extracting(alert -> alert.path("alert").asText())
        .containsExactly("UsageApiHeapFull");
    List<String> heap =
        expressionsOfTheDashboard().stream().filter(asked -> asked.contains("jvm_")).toList();
    assertThat(heap).hasSize(3).allMatch(asked -> asked.matches(".*jvm_(memory|gc)_.*"));
    assertThat(heap)
        .filteredOn(asked -> asked.contains("jvm_memory_max_bytes"))
        .singleElement(STRING)
        .endsWith(" > 0)");
  }

  @Test
  void every_alert_leads_to_its_section_of_the_runbook() throws IOException {
    Set<String> sections =
        SECTION
            .matcher(Files.readString(RUNBOOK))
            .results()
            .map(section -> section.group(1))
            .collect(Collectors.toCollection(TreeSet::new));

    assertThat(sections).isEqualTo(names("alert"));
    for (JsonNode alert : rules("alert")) {
      assertThat(alert.at("/annotations/runbook_url").asText())
          .endsWith("docs/runbook.md#" + alert.path("alert").asText().toLowerCase(Locale.ROOT));
    }
  }

  @Test
  void every_alert_has_a_case_that_fires_and_one_that_does_not() throws IOException {
    Set<String> firing = new TreeSet<>();
    Set<String> silent = new TreeSet<>();
    for (String file : List.of("alerts_test.yaml", "alerts_days_test.yaml")) {
      for (JsonNode test : YAML.readTree(FILES.resolve(file).toFile()).path("tests")) {
        StreamSupport.stream(test.path("alert_rule_test").spliterator(), false)
            .forEach(
                one ->
                    (one.path("exp_alerts").isEmpty() ? silent : firing)
                        .add(one.path("alertname").asText()));
      }
    }

    assertThat(firing).isEqualTo(names("alert"));
    assertThat(silent).isEqualTo(names("alert"));
  }
}
