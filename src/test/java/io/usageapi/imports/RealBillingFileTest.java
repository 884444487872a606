package io.usageapi.imports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.junit.QuarkusTest;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Page;
import io.usageapi.fixture.Tokens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/** Real billing data, where there is some: a FOCUS file and, beside it, its sums. */
@QuarkusTest
@EnabledIfEnvironmentVariable(named = "FOCUS_SAMPLE", matches = ".+")
class RealBillingFileTest {
  @Test
  void it_imports_twice_and_its_sums_read_back_are_equal_to_the_last_digit() throws IOException {
    Path file = Path.of(System.getenv("FOCUS_SAMPLE"));
    List<String[]> sums =
        Files.readAllLines(Path.of(file.toString().replace(".csv", ".sums.csv"))).stream()
            .skip(1)
            .map(line -> line.split(",", -1))
            .toList();
    int records = sums.stream().mapToInt(sum -> Integer.parseInt(sum[2])).sum();

    send(file, records, 0);
    send(file, 0, records);

    assertThat(sums).hasSizeGreaterThan(1);
    for (String[] sum : sums) {
      String reader = Tokens.reader(sum[0]);
      Page first = new Page(reader, Api.page(Api.USAGE, reader, Map.of("per_page", 250)));
      List<Map<String, Object>> rows = first.walk("next");
      assertThat(rows.stream().map(row -> row.get("account_id")).distinct().count())
          .isEqualTo(Long.parseLong(sum[1]));
      assertThat(Api.sum(rows, "total_amount")).isEqualByComparingTo(sum[3]);
      assertThat(Api.sum(rows, "number_of_units")).isEqualByComparingTo(sum[4]);
    }
  }

  private static void send(Path file, int accepted, int duplicates) throws IOException {
    Api.as(Tokens.operator())
        .contentType("text/csv; profile=focus; charset=utf-8")
        .body(Files.readAllBytes(file))
        .post(Api.RECORDS)
        .then()
        .statusCode(200)
        .body("accepted", equalTo(accepted))
        .body("duplicates", equalTo(duplicates))
        .body("rejected", equalTo(0));
  }
}
