package io.usageapi.imports.focus;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.chrono.IsoChronology;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
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

  private static final DateTimeFormatter FORMAT =
      new DateTimeFormatterBuilder()
          .parseCaseInsensitive()
          .appendPattern("uuuu-MM-dd[['T'][' ']HH:mm")
          .optionalStart()
          .appendPattern(":ss")
          .appendFraction(ChronoField.NANO_OF_SECOND, 0, NANO_DIGITS, true)
          .optionalEnd()
          .appendPattern("[' UTC'][[' ']XXX][[' ']XX][[' ']X]]")
          .parseDefaulting(ChronoField.HOUR_OF_DAY, 0)
          .parseDefaulting(ChronoField.OFFSET_SECONDS, 0)
          .toFormatter(Locale.ROOT)
          .withChronology(IsoChronology.INSTANCE)
          .withResolverStyle(ResolverStyle.STRICT);

  private FocusTime() {}

  /** Parses a time, truncated to microseconds; empty if it has none of the forms. */
  static Optional<Instant> parse(String text) {
    try {
      return Optional.of(FORMAT.parse(text, Instant::from))
          .map(time -> time.truncatedTo(ChronoUnit.MICROS));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
