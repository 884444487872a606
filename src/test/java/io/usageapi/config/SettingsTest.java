package io.usageapi.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The settings in {@code docs/operations.md} are those of the code, with the defaults they have.
 */
class SettingsTest {
  private static final Path DOCUMENT = Path.of("docs", "operations.md");
  private static final Path SETTINGS = Path.of("src/main/resources/application.properties");
  private static final String OURS = "usage-api.";
  private static final String NONE = "none";

  /** Taken over from a setting of the framework, which is the one to set. */
  private static final String HIDDEN = "usage-api.database.migrate-at-start";

  /** A row of a table of settings: its name, its default, its unit, and what it means. */
  private static final Pattern ROW =
      Pattern.compile("\\| `([a-z-]+(?:\\.[a-z-]+)+)` \\| ([^|]+) \\| ([^|]+) \\| ([^|]+) \\|");

  private static final Pattern VARIABLE =
      Pattern.compile("\\b(QUARKUS|MP_JWT|USAGE_API)_[A-Z0-9_]*[A-Z0-9]");

  /** What a row says, but for its name. */
  private record Documented(String value, String unit, String meaning) {}

  private static Map<String, Documented> documented() throws IOException {
    Map<String, Documented> rows = new LinkedHashMap<>();
    for (String line : Files.readAllLines(DOCUMENT)) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        Documented before =
            rows.put(
                row.group(1),
                new Documented(
                    row.group(2).trim().replace("`", ""), row.group(3).trim(), row.group(4)));
        assertThat(before).as("%s is in one row", row.group(1)).isNull();
      }
    }
    return rows;
  }

  /** Every setting of ours with its default. */
  private static Map<String, String> ofTheCode(Class<?> group, String prefix) {
    Map<String, String> settings = new LinkedHashMap<>();
    for (Method method : group.getDeclaredMethods()) {
      String name =
          prefix + method.getName().replaceAll("([a-z])([A-Z])", "$1-$2").toLowerCase(Locale.ROOT);
      Class<?> type = method.getReturnType();
      if (type.isInterface() && type.getEnclosingClass() == group) {
        settings.putAll(ofTheCode(type, name + "."));
      } else {
        WithDefault value = method.getAnnotation(WithDefault.class);
        assertThat(value != null || method.getReturnType() == Optional.class).as(name).isTrue();
        settings.put(name, value == null ? NONE : value.value());
      }
    }
    return settings;
  }

  @Test
  void every_setting_of_ours_is_documented_with_its_default_and_no_other_is() throws IOException {
    Map<String, String> code = new LinkedHashMap<>();
    for (JavaClass each : new ClassFileImporter().importPackages("io.usageapi")) {
      if (each.isAnnotatedWith(ConfigMapping.class)) {
        String prefix = each.getAnnotationOfType(ConfigMapping.class).prefix();
        code.putAll(ofTheCode(each.reflect(), prefix + "."));
      }
    }
    code.remove(HIDDEN);
    Map<String, String> document = new LinkedHashMap<>();
    documented()
        .forEach(
            (name, row) -> {
              if (name.startsWith(OURS)) {
                document.put(name, row.value());
              }
            });

    assertThat(document).containsExactlyInAnyOrderEntriesOf(code);
  }

  @Test
  void every_setting_of_the_framework_that_is_named_exists_and_has_that_default()
      throws IOException {
    Properties ours = new Properties();
    try (var reader = Files.newBufferedReader(SETTINGS)) {
      ours.load(reader);
    }
    Map<String, String> framework = ofTheFramework();
    documented()
        .forEach(
            (name, row) -> {
              if (name.startsWith("quarkus.")) {
                assertThat(framework).containsKey(name);
                String value =
                    ours.getProperty("%prod." + name, ours.getProperty(name, framework.get(name)));
                assertThat(row.value()).as(name).isEqualTo(value);
              } else if (!name.startsWith(OURS)) {
                assertThat(name).startsWith("mp.jwt.verify.");
                assertThat(row.value()).as(name).isEqualTo(ours.getProperty(name, NONE));
              }
            });
  }

  /** The framework ignores a variable that it does not know, and does not tell. */
  @Test
  void every_variable_in_the_manifests_is_a_setting() throws IOException {
    Set<String> known = new TreeSet<>();
    Stream.of(documented(), ofTheFramework())
        .flatMap(settings -> settings.keySet().stream())
        .map(name -> name.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT))
        .forEach(known::add);
    Set<String> named = new TreeSet<>();
    try (Stream<Path> files = Files.walk(Path.of("k8s"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        VARIABLE.matcher(Files.readString(file)).results().forEach(one -> named.add(one.group()));
      }
    }

    assertThat(named).hasSizeGreaterThan(10);
    assertThat(known).containsAll(named);
  }

  @Test
  void every_setting_has_a_unit_and_a_meaning() throws IOException {
    assertThat(documented())
        .hasSizeGreaterThan(40)
        .allSatisfy(
            (name, row) -> {
              assertThat(row.unit()).as(name).isNotBlank();
              assertThat(row.meaning()).as(name).isNotBlank();
            });
  }

  /** What the framework itself documents. */
  private static Map<String, String> ofTheFramework() throws IOException {
    Map<String, String> settings = new LinkedHashMap<>();
    for (URL model :
        Collections.list(
            SettingsTest.class
                .getClassLoader()
                .getResources("META-INF/quarkus-config-doc/quarkus-config-model.json"))) {
      read(model).path("configRoots").forEach(root -> collect(root, settings));
    }
    assertThat(settings).isNotEmpty();
    return settings;
  }

  private static JsonNode read(URL model) {
    try (InputStream text = model.openStream()) {
      return new ObjectMapper().readTree(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void collect(JsonNode group, Map<String, String> settings) {
    for (JsonNode item : group.path("items")) {
      if (item.has("items")) {
        collect(item, settings);
      } else {
        settings.put(item.at("/path/property").asText(), item.path("defaultValue").asText(NONE));
      }
    }
  }
}
