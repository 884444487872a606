package io.usageapi.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Rfc3339Test {
  @ParameterizedTest
  @CsvSource({
    "2024-08-31T22:30:00Z, 2024-08-31T22:30:00Z",
    "2024-08-31t22:30:00z, 2024-08-31T22:30:00Z",
    "2024-08-31T22:30:00+00:00, 2024-08-31T22:30:00Z",
    "2024-08-31T22:30:00-00:00, 2024-08-31T22:30:00Z",
    "2024-09-01T00:30:00+02:00, 2024-08-31T22:30:00Z",
    "2024-08-31T20:00:00-05:30, 2024-09-01T01:30:00Z",
    "2024-01-01T00:00:00+14:00, 2023-12-31T10:00:00Z",
    "2024-01-01T00:00:00+23:59, 2023-12-31T00:01:00Z",
    "2024-01-01T00:00:00-23:59, 2024-01-01T23:59:00Z",
    "2024-02-29T23:59:59Z, 2024-02-29T23:59:59Z",
    "1969-12-31T23:59:59Z, 1969-12-31T23:59:59Z"
  })
  void a_time_has_z_or_an_offset(String text, Instant time) {
    assertThat(Rfc3339.parse(text)).contains(time);
  }

  @ParameterizedTest
  @CsvSource({
    "2024-08-31T22:30:00.5Z, 2024-08-31T22:30:00.500Z",
    "2024-08-31T22:30:00.123456Z, 2024-08-31T22:30:00.123456Z",
    "2024-08-31T22:30:00.1234564Z, 2024-08-31T22:30:00.123456Z",
    "2024-08-31T22:30:00.1234569Z, 2024-08-31T22:30:00.123456Z",
    "2024-08-31T23:59:59.9999999999999Z, 2024-08-31T23:59:59.999999Z",
    "2024-09-01T01:59:59.9999999+02:00, 2024-08-31T23:59:59.999999Z",
    "1969-12-31T23:59:59.9999999Z, 1969-12-31T23:59:59.999999Z",
    "2024-08-31T22:30:00.000000Z, 2024-08-31T22:30:00Z"
  })
  void a_time_is_cut_and_not_rounded_to_the_microsecond(String text, Instant time) {
    assertThat(Rfc3339.parse(text)).contains(time);
  }

  @Test
  void a_fraction_can_be_of_any_length() {
    assertThat(Rfc3339.parse("2024-08-31T22:30:00." + "9".repeat(100_000) + "Z"))
        .contains(Instant.parse("2024-08-31T22:30:00.999999Z"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "2024-08-31",
        "2024-08-31T22:30:00",
        "2024-08-31 22:30:00Z",
        "2024-08-31T22:30Z",
        "2024-08-31T22Z",
        "2024-08-31T22:30:00.Z",
        "2024-08-31T22:30:00,5Z",
        "2024-08-31T22:30:00+02",
        "2024-08-31T22:30:00+0200",
        "2024-08-31T22:30:00+2:00",
        "2024-08-31T22:30:00+02:00:00",
        "2024-08-31T22:30:00 Z",
        "2024-08-31T22:30:00Z[UTC]",
        "2024-08-31T22:30:00CET",
        " 2024-08-31T22:30:00Z",
        "2024-08-31T22:30:00Z ",
        "2024-08-31T22:30:00Z\n",
        "20240831T223000Z",
        "24-08-31T22:30:00Z",
        "+2024-08-31T22:30:00Z",
        "-2024-08-31T22:30:00Z",
        "12024-08-31T22:30:00Z",
        "2024-8-31T22:30:00Z",
        "2024-W35-6T22:30:00Z",
        "٢٠٢٤-08-31T22:30:00Z",
        "1725143400"
      })
  void another_spelling_is_no_time(String text) {
    assertThat(Rfc3339.parse(text)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2023-02-29T00:00:00Z",
        "2024-02-30T00:00:00Z",
        "2024-04-31T00:00:00Z",
        "2024-13-01T00:00:00Z",
        "2024-00-01T00:00:00Z",
        "2024-01-00T00:00:00Z",
        "2024-01-32T00:00:00Z",
        "2024-01-01T24:00:00Z",
        "2024-01-01T25:00:00Z",
        "2024-01-01T00:60:00Z",
        "2024-01-01T00:00:61Z",
        "2024-01-01T00:00:00+24:00",
        "2024-01-01T00:00:00-24:00",
        "2024-01-01T00:00:00+99:00",
        "2024-01-01T00:00:00+01:60"
      })
  void what_is_in_no_calendar_and_on_no_clock_is_no_time(String text) {
    assertThat(Rfc3339.parse(text)).isEmpty();
  }

  @Test
  void a_leap_second_is_no_time() {
    assertThat(Rfc3339.parse("2016-12-31T23:59:60Z")).isEmpty();
  }

  @Property
  void the_offset_does_not_change_the_instant(
      @ForAll @LongRange(min = 0, max = 4_102_444_800L) long second,
      @ForAll @IntRange(max = 999_999) int micro,
      @ForAll @IntRange(min = -18 * 60, max = 18 * 60) int offset) {
    Instant time = Instant.ofEpochSecond(second, micro * 1000L);
    String text =
        OffsetDateTime.ofInstant(time, ZoneOffset.ofTotalSeconds(offset * 60))
            .format(DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSxxx"));
    assertThat(Rfc3339.parse(text)).contains(time);
  }
}
