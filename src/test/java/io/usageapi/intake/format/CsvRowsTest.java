package io.usageapi.intake.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How rows of CSV end, and the last of them. */
class CsvRowsTest {
  private static final String HEADER = "a,b\r\n";

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "\r\n", "\r\n\r\n"})
  void the_last_row_needs_no_line_end(String end) {
    assertThat(rows("1,2\r\n3,é" + end)).containsExactly("1 2", "3 é");
  }

  @Test
  void a_last_row_that_ends_within_a_character_fails_the_whole() {
    byte[] body = (HEADER + "1,é").getBytes(UTF_8);

    assertThatThrownBy(() -> rows(Arrays.copyOf(body, body.length - 1)))
        .isInstanceOfSatisfying(ApiException.class, CsvRowsTest::requireInvalid);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1,\"2", "1,\"2\"x", "1,\"2\"\"", "\""})
  void a_quote_that_is_not_closed_or_not_at_the_end_fails_the_whole(String row) {
    assertThatThrownBy(() -> rows("1,2\n" + row))
        .isInstanceOfSatisfying(ApiException.class, CsvRowsTest::requireInvalid);
  }

  @ParameterizedTest
  @ValueSource(strings = {"#", "\uFFFE", "\uFFFF", "\uFEFF", "\\", "\u001A", " ", "'"})
  void no_row_is_passed_over_whatever_it_begins_with(String beginning) {
    assertThat(rows(beginning + "1,2\n3,4")).containsExactly(beginning + "1 2", "3 4");
  }

  @Test
  void only_a_line_with_nothing_in_it_is_no_row() {
    assertThat(rows("\n\r\n1,2\n \n\u001A")).containsExactly("1 2", "line 5", "line 6");
  }

  private static void requireInvalid(ApiException e) {
    assertThat(e.body().code()).isEqualTo(ErrorCode.INVALID_BODY);
    assertThat(e.body().description()).contains("line ", "sending it all again is safe");
  }

  private static List<String> rows(String rows) {
    return rows((HEADER + rows).getBytes(UTF_8));
  }

  /** The cells of each row, or where it is rejected. */
  private static List<String> rows(byte[] body) {
    List<String> read = new ArrayList<>();
    CsvRows rows = new CsvRows(new ByteArrayInputStream(body), 1_000, 2, Set.of("a"), name -> true);
    rows.next(
            10,
            (place, cells) -> {
              read.add(cells.get("a") + " " + cells.get("b"));
              return new Entry.Rejected(place, "read", ErrorCode.INVALID_RECORD, List.of());
            })
        .forEach(
            entry -> {
              if (entry instanceof Entry.Rejected rejected && rejected.id() == null) {
                read.add("line " + rejected.place().line());
              }
            });
    return read;
  }
}
