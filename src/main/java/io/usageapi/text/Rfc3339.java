package io.usageapi.text;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Parses RFC 3339 times, truncated to microseconds. */
public final class Rfc3339 {
  private static final Pattern TIME =
      Pattern.compile(
          "([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\\.([0-9]++))?"
              + "([Zz]|[+-][0-9]{2}:[0-9]{2})");
  private static final int MICRO_DIGITS = 6;

  private Rfc3339() {}

  /** Parses a time with {@code Z} or an offset; empty if it is invalid. */
  public static Optional<Instant> parse(String text) {
    Matcher matcher = TIME.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    try {
      LocalDateTime time = LocalDateTime.parse(matcher.group(1) + "T" + matcher.group(2));
      return Optional.of(
          time.toInstant(ZoneOffset.UTC)
              .minusSeconds(offsetSeconds(matcher.group(4)))
              .plusNanos(nanos(matcher.group(3))));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  /** Up to 23:59 as in the RFC; the JDK only supports 18:00. */
  private static long offsetSeconds(String offset) {
    if (offset.equalsIgnoreCase("Z")) {
      return 0;
    }
    long seconds = LocalTime.parse(offset.substring(1)).toSecondOfDay();
    return offset.charAt(0) == '-' ? -seconds : seconds;
  }

  private static long nanos(String fraction) {
    if (fraction == null) {
      return 0;
    }
    String micros = (fraction + "000000").substring(0, MICRO_DIGITS);
    return Long.parseLong(micros) * 1000;
  }
}
