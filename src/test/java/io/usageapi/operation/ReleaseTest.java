package io.usageapi.operation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The version stands in {@code pom.xml}; everything else that names it is held to that. */
class ReleaseTest {
  private static final String SNAPSHOT = "-SNAPSHOT";
  private static final Path NOTES = Path.of("docs", "releases.md");
  private static final Pattern IN_POM =
      Pattern.compile(
          "<artifactId>usage-api</artifactId>.*?<version>([^<]+)</version>", Pattern.DOTALL);

  /** An image of this project: its version, and what it runs on. */
  private static final Pattern TAG = Pattern.compile("\\b(\\d+\\.\\d+\\.\\d+)-(?:jvm|native)\\b");

  private static String inPom() throws IOException {
    Matcher version = IN_POM.matcher(Files.readString(Path.of("pom.xml")));
    assertThat(version.find()).isTrue();
    return version.group(1);
  }

  /** The version that is released next, or was released from this commit. */
  static String version() throws IOException {
    return inPom().replace(SNAPSHOT, "");
  }

  @Test
  void every_image_that_is_named_is_of_this_version() throws IOException {
    Map<Path, Set<String>> named = new TreeMap<>();
    for (Path root : List.of(Path.of("k8s"), Path.of("src", "main", "docker"), Path.of("docs"))) {
      try (Stream<Path> files = Files.walk(root)) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          TAG.matcher(text(file))
              .results()
              .forEach(
                  tag -> named.computeIfAbsent(file, any -> new TreeSet<>()).add(tag.group(1)));
        }
      }
    }
    // Its examples are of later versions too.
    named.remove(NOTES);

    assertThat(named).hasSizeGreaterThanOrEqualTo(10);
    String version = version();
    assertThat(named).allSatisfy((file, versions) -> assertThat(versions).containsExactly(version));
  }

  @Test
  void the_chart_is_of_this_version() throws IOException {
    JsonNode chart = new YAMLMapper().readTree(Path.of("k8s", "chart", "Chart.yaml").toFile());

    assertThat(chart.get("version").asText()).isEqualTo(version());
    assertThat(chart.get("appVersion").asText()).isEqualTo(version());
  }

  @Test
  void the_change_log_begins_with_this_version_or_with_what_is_not_released_yet()
      throws IOException {
    String first =
        Files.readAllLines(Path.of("CHANGELOG.md")).stream()
            .filter(line -> line.startsWith("## "))
            .findFirst()
            .orElseThrow();

    assertThat(first)
        .matches(
            inPom().endsWith(SNAPSHOT)
                ? "## \\[Unreleased]"
                : "## \\[" + Pattern.quote(version()) + "] - \\d{4}-\\d{2}-\\d{2}");
  }

  @Test
  void the_upgrade_notes_name_every_migration() throws IOException {
    String notes = Files.readString(NOTES);
    try (Stream<Path> files = Files.list(Path.of("src/main/resources/db/migration"))) {
      List<String> names =
          files.map(file -> file.getFileName().toString().replaceFirst("__.*", "")).toList();

      assertThat(names).hasSizeGreaterThanOrEqualTo(4);
      assertThat(names).allSatisfy(name -> assertThat(notes).contains("| `" + name + "` |"));
    }
  }

  private static String text(Path file) throws IOException {
    try {
      return Files.readString(file);
    } catch (MalformedInputException e) {
      return "";
    }
  }
}
