package io.usageapi.imports;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Import;
import io.usageapi.fixture.Page;
import io.usageapi.fixture.Tokens;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/** Real billing data, where there is some: a FOCUS file and, beside it, its sums. */
@QuarkusTest
@EnabledIfEnvironmentVariable(named = "FOCUS_SAMPLE", matches = ".+")
class RealBillingFileTest {
  private static final Path FILE = Path.of(String.valueOf(System.getenv("FOCUS_SAMPLE")));
  private final Import bill = Import.of(Tokens.operator(), "a real bill");

  /**
   * The sums of an organization.
   *
   * @param accounts how many accounts have usage
   */
  private record Sums(
      String organization, long accounts, int rows, BigDecimal amount, BigDecimal units) {
    static Sums of(String line) {
      String[] cells = line.split(",", -1);
      return new Sums(
          cells[0],
          Long.parseLong(cells[1]),
          Integer.parseInt(cells[2]),
          new BigDecimal(cells[3]),
          new BigDecimal(cells[4]));
    }
  }

  @Test
  void it_is_imported_twice_and_restated_and_its_sums_are_equal_to_the_last_digit()
      throws IOException {
    List<Sums> sums =
        Files.readAllLines(Path.of(FILE.toString().replace(".csv", ".sums.csv"))).stream()
            .skip(1)
            .map(Sums::of)
            .toList();
    int rows = sums.stream().mapToInt(Sums::rows).sum();
    String file = Files.readString(FILE);

    bill.put(file).changes(rows, 0, 0);
    requireSums(sums, Map.of());
    bill.put(file).changes(0, 0, rows);
    requireSums(sums, Map.of());

    List<String[]> table = table(file);
    int cost = Arrays.asList(table.get(0)).indexOf("BilledCost");
    int owner = Arrays.asList(table.get(0)).indexOf("BillingAccountId");
    String organization = table.get(1)[owner];
    BigDecimal gone = new BigDecimal(table.get(1)[cost]);
    assertThat(table.get(2)[owner]).isEqualTo(organization);
    BigDecimal added = new BigDecimal("0.0000000000000000000000001");
    table.remove(1);
    table.get(1)[cost] = new BigDecimal(table.get(1)[cost]).add(added).toPlainString();
    String[] copy = table.get(1).clone();
    copy[cost] = "7.25";
    table.add(copy);

    bill.put(text(table)).changes(2, 2, rows - 2);
    requireSums(sums, Map.of(organization, added.subtract(gone).add(new BigDecimal("7.25"))));
    bill.delete().changes(0, rows, 0);
  }

  private static List<String[]> table(String file) throws IOException {
    try (CSVParser parser = CSVParser.parse(file, CSVFormat.RFC4180)) {
      List<String[]> table = new ArrayList<>();
      parser.forEach(row -> table.add(row.values()));
      return table;
    }
  }

  private static String text(List<String[]> table) throws IOException {
    StringWriter text = new StringWriter();
    for (String[] row : table) {
      CSVFormat.RFC4180.printRecord(text, (Object[]) row);
    }
    return text.toString();
  }

  private static void requireSums(List<Sums> sums, Map<String, BigDecimal> restated) {
    assertThat(sums).hasSizeGreaterThan(1);
    for (Sums sum : sums) {
      String reader = Tokens.reader(sum.organization());
      Page first = new Page(reader, Api.page(Api.USAGE, reader, Map.of("per_page", 250)));
      List<Map<String, Object>> rows = first.walk("next");
      assertThat(Api.sum(rows, "total_amount"))
          .isEqualByComparingTo(
              sum.amount().add(restated.getOrDefault(sum.organization(), BigDecimal.ZERO)));
      if (restated.isEmpty()) {
        assertThat(rows.stream().map(row -> row.get("account_id")).distinct().count())
            .isEqualTo(sum.accounts());
        assertThat(Api.sum(rows, "number_of_units")).isEqualByComparingTo(sum.units());
      }
    }
  }
}
