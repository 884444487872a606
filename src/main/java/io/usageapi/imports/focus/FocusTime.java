package io.usageapi.imports.focus;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Optional;

/**
 * Parses the times of billing files: a day, {@code T} or a space, and a time of day, in UTC unless
 * an offset follows. Providers leave out the seconds ({@code 2026-08-01T00:00Z}), the offset or the
 * time of day, and write {@code UTC} or {@code +00} for {@code Z}.
 */
final class FocusTime {
  /** The form for error messages. */
  static final String FORM = "must be a time like 2026-08-01T00:00:00Z";

  private static final int NANO_DIGITS = 9;
  private static final int NANOS_IN_MICRO = 1_000;
  private static final int MAX_OFFSET_HOURS = 23;
  private static final int MAX_OFFSET_MINUTES = 59;
  private static final int MINUTE_SECONDS = 60;
  private static final int HOUR_SECONDS = 3_600;

  private final String text;
  private int at;

  private FocusTime(String text) {
    this.text = text;
  }

  /** Parses a time, truncated to microseconds; empty if it has none of the forms. */
  static Optional<Instant> parse(String text) {
    try {
      return Optional.of(new FocusTime(text).instant());
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private Instant instant() {
    int year = digits(4);
    require('-');
    int month = digits(2);
    require('-');
    int day = digits(2);
    if (at == text.length()) {
      return LocalDateTime.of(year, month, day, 0, 0).toInstant(ZoneOffset.UTC);
    }
    if (!take('T') && !take('t')) {
      require(' ');
    }
    int hour = digits(2);
    require(':');
    int minute = digits(2);
    boolean hasSecond = take(':');
    int second = hasSecond ? digits(2) : 0;
    int nano = hasSecond && take('.') ? micros() : 0;
    LocalDateTime time = LocalDateTime.of(year, month, day, hour, minute, second, nano);
    return time.toInstant(ZoneOffset.UTC).minusSeconds(offsetSeconds());
  }

  private int micros() {
    int from = at;
    int nano = 0;
    while (at < text.length() && isDigit(text.charAt(at))) {
      if (at - from < NANO_DIGITS) {
        nano = nano * 10 + text.charAt(at) - '0';
      }
      at++;
    }
    if (at == from) {
      throw malformed();
    }
    for (int digits = at - from; digits < NANO_DIGITS; digits++) {
      nano *= 10;
    }
    return nano - nano % NANOS_IN_MICRO;
  }

  private int offsetSeconds() {
    if (at == text.length()) {
      return 0;
    }
    if (take('Z') || take('z') || takeUtc()) {
      requireEnd();
      return 0;
    }
    int sign = take('-') ? -1 : 1;
    if (sign == 1) {
      require('+');
    }
    int hours = digits(2);
    int minutes = take(':') || at < text.length() ? digits(2) : 0;
    requireEnd();
    if (hours > MAX_OFFSET_HOURS || minutes > MAX_OFFSET_MINUTES) {
      throw malformed();
    }
    return sign * (hours * HOUR_SECONDS + minutes * MINUTE_SECONDS);
  }

  private boolean takeUtc() {
    int start = take(' ') ? at : -1;
    if (start >= 0 && text.startsWith("UTC", at)) {
      at += "UTC".length();
      return true;
    }
    return false;
  }

  private int digits(int count) {
    int value = 0;
    for (int i = 0; i < count; i++) {
      if (at == text.length() || !isDigit(text.charAt(at))) {
        throw malformed();
      }
      value = value * 10 + text.charAt(at) - '0';
      at++;
    }
    return value;
  }

  private static boolean isDigit(char character) {
    return character >= '0' && character <= '9';
  }

  private boolean take(char expected) {
    if (at < text.length() && text.charAt(at) == expected) {
      at++;
      return true;
    }
    return false;
  }

  private void require(char expected) {
    if (!take(expected)) {
      throw malformed();
    }
  }

  private void requireEnd() {
    if (at < text.length()) {
      throw malformed();
    }
  }

  private static DateTimeException malformed() {
    return new DateTimeException("malformed");
  }
}
