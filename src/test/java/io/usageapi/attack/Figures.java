package io.usageapi.attack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

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
  private static final Path FOLDER = Path.of("target", "attacks");
  private static final String ROW = "row.md";

  private static final String HEAD =
      """
      | attacks | tried | requests of the other tenant | of these failed | records lost | memory at most (MiB) |
      |---|---:|---:|---:|---:|---:|
      """;

  /** Adds those of a class to the table of all that are there, of other forks too; prints it. */
  static synchronized void add(Figures figures) throws IOException {
    Files.writeString(FOLDER.resolve(figures.attacks).resolve(ROW), figures.row());
    List<Figures> all = new ArrayList<>();
    try (Stream<Path> folders = Files.list(FOLDER)) {
      for (Path row : folders.map(folder -> folder.resolve(ROW)).filter(Files::exists).toList()) {
        all.add(read(Files.readString(row)));
      }
    }
    all.sort(Comparator.comparing(Figures::attacks));
    StringBuilder table = new StringBuilder(HEAD);
    all.forEach(each -> table.append(each.row()));
    if (all.size() > 1) {
      table.append(
          new Figures(
                  "all",
                  sum(all, Figures::tried),
                  sum(all, Figures::requests),
                  sum(all, Figures::failed),
                  sum(all, Figures::lost),
                  all.stream().mapToLong(Figures::peakMib).max().orElse(0))
              .row());
    }
    Files.writeString(FOLDER.resolve("figures.md"), table);
    System.out.println(table);
  }

  private static long sum(List<Figures> all, ToLongFunction<Figures> figure) {
    return all.stream().mapToLong(figure).sum();
  }

  private static Figures read(String row) {
    String[] cells = row.strip().split("[| ]+");
    long[] numbers = Stream.of(cells).skip(2).mapToLong(Long::parseLong).toArray();
    return new Figures(cells[1], numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]);
  }

  private String row() {
    return "| %s | %d | %d | %d | %d | %d |\n"
        .formatted(attacks, tried, requests, failed, lost, peakMib);
  }
}
