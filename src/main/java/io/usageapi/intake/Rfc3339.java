package io.usageapi.intake;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads times of RFC 3339, cut (not rounded) to the microsecond. */
final class Rfc3339 {
  private static final Pattern TIME =
      Pattern.compile(
          "([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\\.([0-9]++))?"
              + "([Zz]|[+-][0-9]{2}:[0-9]{2})");
  private static final int MICRO_DIGITS = 6;

  private Rfc3339() {}

  /** The time a text spells, if it spells one with {@code Z} or an offset. */
  static Optional<Instant> parse(String text) {
    Matcher matcher = TIME.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    try {
      String offset = matcher.group(4);
      LocalDateTime time = LocalDateTime.parse(matcher.group(1) + "T" + matcher.group(2));
      return Optional.of(
          time.toInstant(offset.equalsIgnoreCase("Z") ? ZoneOffset.UTC : ZoneOffset.of(offset))
              .plusNanos(nanos(matcher.group(3))));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private static long nanos(String fraction) {
    if (fraction == null) {
      return 0;
    }
    String micros = (fraction + "000000").substring(0, MICRO_DIGITS);
    return Long.parseLong(micros) * 1000;
  }
}
