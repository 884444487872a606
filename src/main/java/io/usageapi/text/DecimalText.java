package io.usageapi.text;

import java.math.BigDecimal;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Writes numbers, and parses JSON numbers (RFC 8259 section 6) with at most 30 digits before and 30
 * after the decimal point. The limits are checked on the text before anything is expanded, so
 * {@code 1e999999999} costs nothing.
 */
public final class DecimalText {
  /** The most digits before the decimal point, and after it. */
  public static final int MAX_DIGITS = 30;

  private static final Pattern NUMBER =
      Pattern.compile("(-?)(0|[1-9][0-9]*+)(?:\\.([0-9]++))?(?:[eE]([+-]?)([0-9]++))?");

  /** No sum is longer. */
  private static final Pattern SUM = Pattern.compile("-?[0-9]{1,100}(\\.[0-9]{1,100})?");

  /** An exponent with more digits is out of range, unless the number is 0. */
  private static final int MAX_EXPONENT_DIGITS = 9;

  /** So many digits always fit into a long. */
  private static final int MAX_LONG_DIGITS = 18;

  private DecimalText() {}

  /** The number in plain notation without superfluous zeros. */
  public static String plain(BigDecimal number) {
    return number.stripTrailingZeros().toPlainString();
  }

  /**
   * Parses what {@link #plain} made of a sum.
   *
   * @throws IllegalArgumentException if it did not make the text, or of a longer sum than there is
   */
  public static BigDecimal parsePlain(String text) {
    if (SUM.matcher(text).matches()) {
      BigDecimal number = new BigDecimal(text);
      // One spelling only.
      if (plain(number).equals(text)) {
        return number;
      }
    }
    throw new IllegalArgumentException("not a sum");
  }

  /** Whether a text is a number, in range or not. */
  public static boolean isNumber(String text) {
    return NUMBER.matcher(text).matches();
  }

  /** Parses a number and strips trailing zeros; empty if it is invalid or out of range. */
  public static Optional<BigDecimal> parse(String text) {
    Optional<BigDecimal> common = parseShort(text);
    if (common.isPresent()) {
      return common;
    }
    Matcher matcher = NUMBER.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    String fraction = matcher.group(3) == null ? "" : matcher.group(3);
    String all = matcher.group(2) + fraction;
    int from = 0;
    while (from < all.length() && all.charAt(from) == '0') {
      from++;
    }
    int to = all.length();
    while (to > from && all.charAt(to - 1) == '0') {
      to--;
    }
    if (from == to) {
      return Optional.of(BigDecimal.ZERO);
    }
    String exponentDigits =
        matcher.group(5) == null ? "0" : matcher.group(5).replaceFirst("^0+(?=.)", "");
    if (exponentDigits.length() > MAX_EXPONENT_DIGITS) {
      return Optional.empty();
    }
    long exponent = Long.parseLong(exponentDigits);
    if ("-".equals(matcher.group(4))) {
      exponent = -exponent;
    }
    // The value is 0.DIGITS × 10^before.
    long before = matcher.group(2).length() - from + exponent;
    long after = to - from - before;
    if (before > MAX_DIGITS || after > MAX_DIGITS) {
      return Optional.empty();
    }
    BigDecimal value =
        new BigDecimal(matcher.group(1) + all.substring(from, to)).scaleByPowerOfTen((int) -after);
    return Optional.of(value.stripTrailingZeros());
  }

  /** Parses a number without an exponent whose digits fit into a long, as nearly all do. */
  private static Optional<BigDecimal> parseShort(String text) {
    int start = text.startsWith("-") ? 1 : 0;
    int point = -1;
    long digits = 0;
    if (text.length() - start > MAX_LONG_DIGITS) {
      return Optional.empty();
    }
    for (int i = start; i < text.length(); i++) {
      char character = text.charAt(i);
      if (character >= '0' && character <= '9') {
        digits = 10 * digits + character - '0';
      } else if (character == '.' && point < 0) {
        point = i;
      } else {
        return Optional.empty();
      }
    }
    int end = point < 0 ? text.length() : point;
    boolean leadingZero = end - start > 1 && text.charAt(start) == '0';
    if (end == start || leadingZero || point == text.length() - 1) {
      return Optional.empty();
    }
    BigDecimal value =
        BigDecimal.valueOf(
            start == 1 ? -digits : digits, point < 0 ? 0 : text.length() - 1 - point);
    return Optional.of(value.stripTrailingZeros());
  }
}
