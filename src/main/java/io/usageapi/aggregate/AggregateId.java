package io.usageapi.aggregate;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.time.format.ResolverStyle;
import java.util.HexFormat;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The spelling of an aggregate's id: 32 lower-case hexadecimal digits. It is stored as 16 bytes,
 * which order as the text does.
 */
public final class AggregateId {
  private static final HexFormat HEX_DIGITS = HexFormat.of();
  private static final Pattern HEX = Pattern.compile("[0-9a-f]{32}");

  /** How much of the aggregate's digest the id of a day has: 96 bits. */
  private static final int DIGEST_LENGTH = 24;

  private static final DateTimeFormatter DAY =
      DateTimeFormatter.ofPattern("uuuuMMdd", Locale.ROOT).withResolverStyle(ResolverStyle.STRICT);

  private AggregateId() {}

  /** The id as text. */
  public static String text(UUID id) {
    return HEX_DIGITS.toHexDigits(id.getMostSignificantBits())
        + HEX_DIGITS.toHexDigits(id.getLeastSignificantBits());
  }

  /**
   * The id of a day of an aggregate: the first 24 digits of the aggregate's id, which is a digest,
   * and the day as eight. So the days of an aggregate lie together, in their order.
   *
   * @param id the id of the month's aggregate
   */
  public static String ofDay(String id, LocalDate day) {
    return id.substring(0, DIGEST_LENGTH) + DAY.format(day);
  }

  /**
   * The day that an id of a day ends with.
   *
   * @param id an id, of which it is not known yet that it is one of a day
   * @throws IllegalArgumentException when it does not end with one
   */
  public static LocalDate day(String id) {
    try {
      return LocalDate.parse(id.substring(DIGEST_LENGTH), DAY);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("not an id of a day", e);
    }
  }

  /** The first id of a month's aggregate that an id of a day may belong to. */
  public static UUID firstOf(String id) {
    return parse(id.substring(0, DIGEST_LENGTH) + "00000000");
  }

  /** The last of them. */
  public static UUID lastOf(String id) {
    return parse(id.substring(0, DIGEST_LENGTH) + "ffffffff");
  }

  /**
   * The id a text spells.
   *
   * @throws IllegalArgumentException when it is not 32 lower-case hexadecimal digits
   */
  public static UUID parse(String text) {
    String id = checked(text);
    return new UUID(
        Long.parseUnsignedLong(id.substring(0, 16), 16),
        Long.parseUnsignedLong(id.substring(16), 16));
  }

  /**
   * The text itself.
   *
   * @throws IllegalArgumentException when it is not 32 lower-case hexadecimal digits
   */
  public static String checked(String text) {
    if (!HEX.matcher(text).matches()) {
      throw new IllegalArgumentException("not an id of an aggregate");
    }
    return text;
  }
}
