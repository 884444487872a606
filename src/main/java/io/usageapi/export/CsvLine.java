package io.usageapi.export;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.usageapi.text.DecimalText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import org.apache.commons.csv.CSVFormat;

/**
 * Writes the cells of a row; null is an empty cell. The format itself writes text: a printer would
 * take a lock for each.
 */
public final class CsvLine {
  private static final CSVFormat FORMAT = CSVFormat.RFC4180;
  private static final String GUARDED = "=+-@\t\r'";

  private final StringBuilder text;
  private boolean empty = true;

  CsvLine(StringBuilder text) {
    this.text = text;
  }

  /** A cell of a text, a number, or a constant. */
  @CanIgnoreReturnValue
  public CsvLine cell(Object value) {
    if (value instanceof String string) {
      return text(string);
    }
    return value instanceof BigDecimal number ? number(number) : word(value);
  }

  /**
   * A cell of text. A text that a spreadsheet would take for a formula, or that begins with {@code
   * '}, gets a {@code '} in front. A sign and digits are no formula: they may be a telephone
   * number. Removing a leading {@code '} restores every text.
   */
  @CanIgnoreReturnValue
  public CsvLine text(String value) {
    return plain(guarded(value));
  }

  /** A cell of text as it is, for programs: a spreadsheet may take it for a formula. */
  @CanIgnoreReturnValue
  public CsvLine plain(String value) {
    if (value != null && isWord(value)) {
      return word(value);
    }
    try {
      FORMAT.print(value, text, empty);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    empty = false;
    return this;
  }

  /** A cell of a value that needs no quotes. */
  @CanIgnoreReturnValue
  public CsvLine word(Object value) {
    if (!empty) {
      text.append(FORMAT.getDelimiterString());
    }
    if (value != null) {
      text.append(value);
    }
    empty = false;
    return this;
  }

  /** A cell of a number. */
  @CanIgnoreReturnValue
  public CsvLine number(BigDecimal value) {
    return word(value == null ? null : DecimalText.plain(value));
  }

  void end() {
    try {
      FORMAT.println(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Whether a text is so plain that the format prints it as it is, as nearly all are. The format
   * itself takes three times as long to find out.
   */
  private static boolean isWord(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      boolean between = i > 0 && i < value.length() - 1 && (c == ' ' || c == '-' || c == '.');
      if (!letter && !between) {
        return false;
      }
    }
    return !value.isEmpty();
  }

  private static String guarded(String value) {
    return value == null
            || value.isEmpty()
            || GUARDED.indexOf(value.charAt(0)) < 0
            || isSignedDigits(value)
        ? value
        : "'" + value;
  }

  private static boolean isSignedDigits(String value) {
    char sign = value.charAt(0);
    for (int i = 1; i < value.length(); i++) {
      if (value.charAt(i) < '0' || value.charAt(i) > '9') {
        return false;
      }
    }
    return value.length() > 1 && (sign == '+' || sign == '-');
  }
}
