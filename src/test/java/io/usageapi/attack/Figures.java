package io.usageapi.attack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * What came of the attacks of a class.
 *
 * @param attacks whose they are
 * @param tried how many attacks were tried
 * @param requests how many requests the other tenant made meanwhile
 * @param failed how many of them failed
 * @param lost how many records that were answered as accepted do not count
 * @param peakMib the most memory the server had, in MiB, of which the heap may be 460
 */
record Figures(String attacks, long tried, long requests, long failed, long lost, long peakMib) {
  private static final Path FILE = Path.of("target", "attacks", "figures.md");

  private static final String HEAD =
      """
      | attacks | tried | requests of the other tenant | of these failed | records lost | memory at most (MiB) |
      |---|---:|---:|---:|---:|---:|
      """;

  /** Those of the classes of this run. */
  private static final List<Figures> ALL = new ArrayList<>();

  /** Adds those of a class to the table, and prints it. */
  static synchronized void add(Figures figures) throws IOException {
    ALL.add(figures);
    StringBuilder table = new StringBuilder(HEAD);
    ALL.forEach(each -> table.append(each.row()));
    if (ALL.size() > 1) {
      table.append(
          new Figures(
                  "all",
                  sum(Figures::tried),
                  sum(Figures::requests),
                  sum(Figures::failed),
                  sum(Figures::lost),
                  ALL.stream().mapToLong(Figures::peakMib).max().orElse(0))
              .row());
    }
    Files.writeString(FILE, table);
    System.out.println(table);
  }

  private static long sum(ToLongFunction<Figures> figure) {
    return ALL.stream().mapToLong(figure).sum();
  }

  private String row() {
    return "| %s | %d | %d | %d | %d | %d |\n"
        .formatted(attacks, tried, requests, failed, lost, peakMib);
  }
}
