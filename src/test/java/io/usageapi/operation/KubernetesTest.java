package io.usageapi.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRoute;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the overlays of {@code k8s/} render; {@code .ci/kubernetes} holds the files to them. */
class KubernetesTest {
  private static final YAMLMapper YAML = new YAMLMapper();
  private static final Path RENDERED = Path.of("k8s", "rendered");

  private static final String SERVICE_MONITOR = "ServiceMonitor";

  /** Of the Prometheus Operator and the Gateway API: not among the types of Kubernetes. */
  private static final Map<String, Class<? extends HasMetadata>> OF_OTHERS =
      Map.of(
          SERVICE_MONITOR,
          ServiceMonitor.class,
          "PrometheusRule",
          PrometheusRule.class,
          "HTTPRoute",
          HTTPRoute.class);

  private static final JsonMapper STRICT =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .annotationIntrospector(new NothingElse())
          .build();

  /** These types would keep a field that they do not know for later. */
  private static final class NothingElse extends JacksonAnnotationIntrospector {
    private static final long serialVersionUID = 1L;

    @Override
    public Boolean hasAnySetter(Annotated annotated) {
      return false;
    }
  }

  static Stream<Path> overlays() throws IOException {
    List<Path> files = new ArrayList<>();
    try (Stream<Path> all = Files.list(RENDERED)) {
      all.forEach(files::add);
    }
    assertThat(files).hasSize(4);
    return files.stream();
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void every_object_has_the_fields_of_its_type_and_no_others(Path overlay) throws Exception {
    for (JsonNode object : objects(overlay)) {
      read(object);
    }
  }

  @Test
  void a_misspelt_field_is_found_at_any_depth() {
    JsonNode deployment = one(RENDERED.resolve("jvm.yaml"), "Deployment", "usage-api");
    ObjectNode container = (ObjectNode) containers(deployment).get(0);
    ObjectNode security = (ObjectNode) container.get("securityContext");
    security.set("readOnlyRootFileSystem", security.remove("readOnlyRootFilesystem"));

    assertThatThrownBy(() -> read(deployment))
        .hasRootCauseInstanceOf(IllegalArgumentException.class)
        .rootCause()
        .hasMessageContaining("readOnlyRootFileSystem");
  }

  @Test
  void a_misspelt_field_of_the_service_monitor_is_found_too() {
    JsonNode monitor = one(RENDERED.resolve("jvm.yaml"), SERVICE_MONITOR, "usage-api");
    ObjectNode endpoint = (ObjectNode) monitor.at("/spec/endpoints/0");
    endpoint.set("intervall", endpoint.remove("interval"));

    assertThatThrownBy(() -> read(monitor))
        .isInstanceOf(UnrecognizedPropertyException.class)
        .hasMessageContaining("intervall");
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void every_pod_runs_with_no_more_rights_than_it_needs(Path overlay) {
    List<JsonNode> pods =
        objects(overlay).stream()
            .flatMap(
                object ->
                    Stream.of(
                        object.at("/spec/template/spec"),
                        object.at("/spec/jobTemplate/spec/template/spec")))
            .filter(JsonNode::isObject)
            .toList();

    assertThat(pods).hasSizeGreaterThanOrEqualTo(2);
    for (JsonNode pod : pods) {
      assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
      assertThat(pod.at("/securityContext/seccompProfile/type").asText())
          .isEqualTo("RuntimeDefault");
      assertThat(pod.at("/automountServiceAccountToken").asBoolean(true)).isFalse();
      assertThat(pod.at("/enableServiceLinks").asBoolean(true)).isFalse();
      for (JsonNode container : pod.get("containers")) {
        JsonNode security = container.get("securityContext");
        assertThat(security.at("/readOnlyRootFilesystem").asBoolean()).isTrue();
        assertThat(security.at("/allowPrivilegeEscalation").asBoolean(true)).isFalse();
        assertThat(security.at("/capabilities/drop/0").asText()).isEqualTo("ALL");
        assertThat(container.at("/resources/requests/memory").isTextual()).isTrue();
        assertThat(container.at("/resources/limits/memory").isTextual()).isTrue();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void no_secret_is_in_them(Path overlay) {
    assertThat(objects(overlay)).noneMatch(object -> kind(object).equals("Secret"));
    assertThat(objects(overlay).stream().filter(object -> kind(object).equals("ConfigMap")))
        .allSatisfy(
            settings ->
                assertThat(settings.get("data").fieldNames())
                    .toIterable()
                    .noneMatch(name -> name.contains("PASSWORD")));
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void only_the_job_migrates(Path overlay) {
    assertThat(
            objects(overlay).stream()
                .filter(object -> object.toString().contains("MIGRATE_AT_START"))
                .map(KubernetesTest::kind))
        .containsExactly("Job");
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void only_what_changes_tables_is_their_owner(Path overlay) {
    assertThat(
            objects(overlay).stream()
                .filter(object -> object.toString().contains("usage-api-database-owner"))
                .map(object -> object.at("/metadata/name").asText()))
        .isSubsetOf("usage-api-migration", "usage-api-retention", "postgres")
        .contains("usage-api-migration");
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void health_is_asked_on_the_management_port(Path overlay) {
    JsonNode server = containers(one(overlay, "Deployment", "usage-api")).get(0);

    for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
      assertThat(server.at("/" + probe + "/httpGet/port").asText()).isEqualTo("management");
      assertThat(server.at("/" + probe + "/httpGet/path").asText()).startsWith("/q/health/");
    }
  }

  @Test
  void the_ingress_leads_to_a_service_without_the_management_port() {
    Path overlay = RENDERED.resolve("jvm.yaml");
    JsonNode paths = one(overlay, "Ingress", "usage-api").at("/spec/rules/0/http/paths");

    assertThat(paths).hasSize(1);
    assertThat(paths.at("/0/backend/service/name").asText()).isEqualTo("usage-api");
    assertThat(one(overlay, "Service", "usage-api").at("/spec/ports").findValuesAsText("name"))
        .containsExactly("http");
  }

  @Test
  void prometheus_finds_the_management_port() {
    Path overlay = RENDERED.resolve("jvm.yaml");
    JsonNode monitor = one(overlay, SERVICE_MONITOR, "usage-api").get("spec");
    JsonNode service = one(overlay, "Service", "usage-api-management");

    monitor
        .at("/selector/matchLabels")
        .properties()
        .forEach(
            label ->
                assertThat((Object) service.at("/metadata/labels").path(label.getKey()))
                    .isEqualTo(label.getValue()));
    assertThat(service.at("/spec/ports").findValuesAsText("name"))
        .contains(monitor.at("/endpoints/0/port").asText());
  }

  @Test
  void a_pod_is_given_the_time_that_its_server_takes_to_stop() throws IOException {
    Path overlay = RENDERED.resolve("jvm.yaml");
    Properties server = new Properties();
    try (var settings =
        Files.newBufferedReader(Path.of("src/main/resources/application.properties"))) {
      server.load(settings);
    }
    JsonNode settings =
        objects(overlay).stream()
            .filter(object -> kind(object).equals("ConfigMap"))
            .filter(object -> object.get("data").has("QUARKUS_SHUTDOWN_DELAY"))
            .findAny()
            .orElseThrow()
            .get("data");

    assertThat(
            one(overlay, "Deployment", "usage-api")
                .at("/spec/template/spec/terminationGracePeriodSeconds")
                .asLong())
        .isGreaterThan(
            seconds(server.getProperty("quarkus.shutdown.timeout"))
                + seconds(settings.get("QUARKUS_SHUTDOWN_DELAY").asText()));
  }

  private static long seconds(String setting) {
    return Duration.parse("PT" + setting).toSeconds();
  }

  /** As the types of the Kubernetes API read it: an unknown or a missing field is an error. */
  private static void read(JsonNode object)
      throws ReflectiveOperationException, JsonProcessingException {
    if (OF_OTHERS.containsKey(kind(object))) {
      assertThat(STRICT.treeToValue(object, OF_OTHERS.get(kind(object))).getMetadata()).isNotNull();
      return;
    }
    String version = object.get("apiVersion").asText().replaceFirst(".*/", "");
    Object model =
        Class.forName(
                "io.kubernetes.client.openapi.models."
                    + version.replaceFirst("v", "V")
                    + kind(object))
            .getMethod("fromJson", String.class)
            .invoke(null, object.toString());
    assertThat(model).isNotNull();
  }

  private static List<JsonNode> objects(Path overlay) {
    try (var documents = YAML.readerFor(JsonNode.class).<JsonNode>readValues(overlay.toFile())) {
      return documents.readAll();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode one(Path overlay, String kind, String name) {
    List<JsonNode> found =
        objects(overlay).stream()
            .filter(object -> kind(object).equals(kind))
            .filter(object -> object.at("/metadata/name").asText().equals(name))
            .toList();
    assertThat(found).hasSize(1);
    return found.get(0);
  }

  private static String kind(JsonNode object) {
    return object.get("kind").asText();
  }

  private static JsonNode containers(JsonNode workload) {
    return workload.at("/spec/template/spec/containers");
  }
}
