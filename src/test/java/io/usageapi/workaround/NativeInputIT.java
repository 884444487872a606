package io.usageapi.workaround;

import static org.assertj.core.api.Assertions.assertThat;

import io.usageapi.error.ErrorBody;
import io.usageapi.error.FieldError;
import io.usageapi.fixture.ClassLog;
import io.usageapi.fixture.PackagedServer;
import io.usageapi.fixture.RawRequest;
import io.usageapi.fixture.TestPostgres;
import io.usageapi.fixture.Tokens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What the server finds by name is declared in the input of the native compiler ({@code -Pnative
 * -Dquarkus.native.sources-only=true}), without that compiler. The classes are those that packaged
 * servers loaded: one under a short load here, and those that logged to {@code target/loaded} (see
 * {@link ClassLog}), as those of all drills and attacks do in .ci/run.
 */
@Tag("native")
class NativeInputIT {
  private static final Path LOGS = Path.of("target", "loaded");

  /** A static initializer looks them up, and the executable has run it while it was compiled. */
  private static final List<Pattern> INITIALIZED_BEFORE =
      List.of(
          Pattern.compile(".*_\\$(logger|bundle)"),
          Pattern.compile("org[.]jboss[.]resteasy[.]reactive[.]server[.].*Builder(Factory|Impl)"),
          Pattern.compile("io[.]quarkus[.]opentelemetry.*[.]OpenTelemetryContextStorageProvider"));

  /** The build reads them, and generates code for what they say. */
  private static final List<String> READ_BY_THE_BUILD =
      List.of(
          "META-INF/microprofile-config.properties",
          "META-INF/openapi.yaml",
          "META-INF/services/io.smallrye.config.SmallRyeConfigBuilderCustomizer",
          "application.properties");

  /** Static initializers find the same in the servers as in the compiler. */
  @Test
  void the_compiler_is_given_the_properties_of_the_servers_that_logged() throws IOException {
    assertThat(new NativeDeclarations().arguments())
        .containsAll(ClassLog.PROPERTIES.stream().map("-J"::concat).toList());
  }

  @Test
  void each_class_that_is_loaded_by_name_is_declared() throws Exception {
    loadSome();
    NativeDeclarations declared = new NativeDeclarations();
    Map<String, Path> undeclared = new TreeMap<>();
    Set<Pattern> unused = new HashSet<>(INITIALIZED_BEFORE);
    try (LoadedClasses classes = new LoadedClasses(Path.of("target", "quarkus-app"));
        Stream<Path> logs = Files.list(LOGS)) {
      for (Path log : logs.toList()) {
        for (String name : classes.undeclared(log, declared)) {
          List<Pattern> reasons =
              INITIALIZED_BEFORE.stream().filter(one -> one.matcher(name).matches()).toList();
          unused.removeAll(reasons);
          if (reasons.isEmpty()) {
            undeclared.put(name, log);
          }
        }
      }
    }

    assertThat(undeclared).isEmpty();
    assertThat(unused).isEmpty();
  }

  /** Those that are found by {@code ServiceLoader} and by no generated code. */
  @Test
  void each_class_that_a_file_of_services_names_is_declared() throws IOException {
    Set<String> declared = new NativeDeclarations().classes();
    try (Stream<Path> files = Files.list(Path.of("target", "classes", "META-INF", "services"))) {
      for (Path file : files.toList()) {
        if (!READ_BY_THE_BUILD.contains("META-INF/services/" + file.getFileName())) {
          assertThat(Files.readAllLines(file))
              .as(file.toString())
              .filteredOn(name -> !declared.contains(name))
              .isEmpty();
        }
      }
    }
  }

  /**
   * Its class is loaded without its name; what Jackson reads of it has to be declared all the same.
   */
  @Test
  void the_body_of_errors_which_no_resource_returns_is_declared() throws IOException {
    assertThat(new NativeDeclarations().classes())
        .contains(ErrorBody.class.getName(), FieldError.class.getName());
  }

  private static void loadSome() throws Exception {
    try (PackagedServer server =
        PackagedServer.start(
            TestPostgres.port(),
            Stream.concat(
                    ClassLog.options(LOGS).stream(),
                    Stream.of("-Dusage-api.rate-limit.requests=100"))
                .toArray(String[]::new))) {
      String organization = "native-input";
      server.accepts(
          "PUT",
          "/express/accounts/native-input",
          "{\"organization_id\":\"" + organization + "\"}");
      server.accepts(
          "POST",
          "/express/usage/records",
          """
          {"records":[{"id":"native-1","account_id":"native-input","product_id":"p",
            "occurred_at":"2026-01-01T00:00:00Z","type":"CALL","currency":"EUR","unit":"MINUTES",
            "number_of_units":2,"total_amount":0.025}]}""");
      for (String target :
          List.of(
              "/express",
              "/express/accounts",
              "/express/usage/month?filter=product_id%20eq%20%27p%27",
              "/express/usage/month/totals?group_by=product_id",
              "/express/usage/month/changes?month=2026-01",
              "/express/usage/day",
              "/express/usage/month?page=0",
              "/explorer/",
              "/q/openapi",
              "/q/swagger-ui/")) {
        for (String type : List.of("application/json", "text/csv", "application/x-ndjson", "*/*")) {
          RawRequest.Response answer =
              RawRequest.get(target)
                  .token(Tokens.reader(organization))
                  .accept(type)
                  .header("Accept-Encoding", "gzip")
                  .send(server.uri("/"));
          assertThat(answer.status()).as("%s %s", target, type).isLessThan(500);
        }
      }
      assertThat(RawRequest.get("/q/metrics").send(server.managementUri("/")).status())
          .isEqualTo(200);
    }
  }

  @Test
  void each_file_that_is_read_is_declared() throws IOException {
    List<Pattern> declared = new NativeDeclarations().resources();
    Path classes = Path.of("target", "classes");
    Set<String> undeclared = new TreeSet<>();
    try (Stream<Path> files = Files.walk(classes)) {
      files
          .filter(Files::isRegularFile)
          .map(file -> classes.relativize(file).toString().replace('\\', '/'))
          .filter(name -> !name.endsWith(".class"))
          .filter(name -> declared.stream().noneMatch(one -> one.matcher(name).matches()))
          .forEach(undeclared::add);
    }

    assertThat(undeclared).containsExactlyInAnyOrderElementsOf(READ_BY_THE_BUILD);
  }
}
