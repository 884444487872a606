package io.usageapi.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The tests that {@code docs/limits.md} names are there, and its settings are real ones. */
class LimitsTest {
  private static final Path DOCUMENT = Path.of("docs", "limits.md");
  private static final Path SETTINGS = Path.of("docs", "operations.md");
  private static final Path TESTS = Path.of("src", "test", "java");

  private static final int CELLS = 6;
  private static final int SETTING = 2;
  private static final int SHOWN_BY = 5;

  private static final Pattern CODE = Pattern.compile("`([^`]+)`");

  /** The cells of each row of a table. */
  private static List<List<String>> rows() throws IOException {
    return Files.readAllLines(DOCUMENT).stream()
        .filter(line -> line.startsWith("| "))
        .map(line -> List.of(line.substring(2, line.lastIndexOf('|')).trim().split(" ?\\| ?", -1)))
        .filter(cells -> !cells.get(0).equals("bounded"))
        .toList();
  }

  private static Set<String> named(List<List<String>> rows, int cell) {
    return rows.stream()
        .flatMap(cells -> CODE.matcher(cells.get(cell)).results())
        .map((MatchResult code) -> code.group(1))
        .collect(Collectors.toSet());
  }

  @Test
  void every_row_names_a_test_and_it_is_there() throws IOException {
    List<List<String>> rows = rows();
    assertThat(rows)
        .hasSizeGreaterThan(30)
        .allSatisfy(
            cells -> {
              assertThat(cells).hasSize(CELLS);
              assertThat(cells.get(SHOWN_BY)).as(cells.get(0)).matches("(`[A-Za-z0-9]+`(, )?)+");
            });
    try (Stream<Path> files = Files.walk(TESTS)) {
      assertThat(files.map(file -> file.getFileName().toString().replace(".java", "")).toList())
          .containsAll(named(rows, SHOWN_BY));
    }
  }

  /** {@link SettingsTest} holds those of the other document against the code. */
  @Test
  void every_setting_is_one_that_is_documented() throws IOException {
    String settings = Files.readString(SETTINGS);

    assertThat(named(rows(), SETTING))
        .hasSizeGreaterThan(15)
        .allSatisfy(name -> assertThat(settings).contains("| `" + name + "` |"));
  }
}
