package io.usageapi.workaround;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.caffeine.runtime.graal.CacheConstructorsFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Reads what is declared in the input of the native compiler ({@code
 * -Dquarkus.native.sources-only=true}), by the application, its libraries, and the platform's code.
 */
final class NativeDeclarations {
  private static final Path SOURCES = Path.of("target", "native", "native-sources");
  private static final String FOLDER = "META-INF/native-image/";
  private static final Pattern CLASSES =
      Pattern.compile(Pattern.quote(FOLDER) + ".*(reflect|jni)-config[.]json");
  private static final String EXCLUDE = "--exclude-config";

  private final List<String> arguments;
  private final Set<String> classes = new HashSet<>();
  private final Map<String, Set<String>> conditional = new HashMap<>();
  private final JsonNode resources;

  NativeDeclarations() throws IOException {
    arguments = List.of(Files.readString(SOURCES.resolve("native-image.args")).split("\\s+"));
    classes.addAll(List.of(CacheConstructorsFeature.typesNeedingConstructorsRegistered()));
    try (Stream<Path> files = Files.walk(SOURCES)) {
      for (Path jar : files.filter(file -> file.toString().endsWith(".jar")).toList()) {
        addClasses(jar);
      }
    }
    try (Stream<Path> files = Files.list(SOURCES)) {
      Path runner =
          files.filter(file -> file.toString().endsWith("-runner.jar")).findAny().orElseThrow();
      try (ZipFile jar = new ZipFile(runner.toFile())) {
        resources = json(jar, jar.getEntry(FOLDER + "resource-config.json"));
      }
    }
  }

  /** The classes that can be found by name, whatever else there is. */
  Set<String> classes() {
    return classes;
  }

  /** The classes that can be found by name if the class that is the key is there. */
  Map<String, Set<String>> conditional() {
    return conditional;
  }

  /** The names of the application's files that can be read. */
  List<Pattern> resources() {
    return resources
        .at("/resources/includes")
        .valueStream()
        .map(include -> Pattern.compile(include.get("pattern").asText()))
        .toList();
  }

  /** The arguments of the compiler. */
  List<String> arguments() {
    return arguments;
  }

  private void addClasses(Path file) throws IOException {
    try (ZipFile jar = new ZipFile(file.toFile())) {
      List<ZipEntry> declarations = new ArrayList<>();
      jar.stream()
          .filter(entry -> CLASSES.matcher(entry.getName()).matches())
          .filter(entry -> !isExcluded(file, entry))
          .forEach(declarations::add);
      for (ZipEntry declaration : declarations) {
        for (JsonNode one : json(jar, declaration)) {
          JsonNode condition = one.at("/condition/typeReachable");
          Set<String> names =
              condition.isMissingNode()
                  ? classes
                  : conditional.computeIfAbsent(condition.asText(), any -> new HashSet<>());
          names.add(one.get("name").asText());
        }
      }
    }
  }

  /** The option has two patterns: of the jar, and of the file in it. */
  private boolean isExcluded(Path jar, ZipEntry entry) {
    for (int i = 0; i < arguments.size(); i++) {
      if (arguments.get(i).equals(EXCLUDE)
          && Pattern.compile(arguments.get(i + 1)).matcher(jar.toString()).find()
          && Pattern.compile(arguments.get(i + 2)).matcher("/" + entry.getName()).find()) {
        return true;
      }
    }
    return false;
  }

  private static JsonNode json(ZipFile jar, ZipEntry entry) throws IOException {
    return new ObjectMapper().readTree(jar.getInputStream(entry));
  }
}
