package io.usageapi.usage;

import java.util.HexFormat;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The spelling of an aggregate's id: 32 lower-case hexadecimal digits. It is stored as 16 bytes,
 * which order as the text does.
 */
public final class AggregateId {
  private static final HexFormat HEX_DIGITS = HexFormat.of();
  private static final Pattern HEX = Pattern.compile("[0-9a-f]{32}");

  private AggregateId() {}

  /** The id as text. */
  public static String text(UUID id) {
    return HEX_DIGITS.toHexDigits(id.getMostSignificantBits())
        + HEX_DIGITS.toHexDigits(id.getLeastSignificantBits());
  }

  /**
   * The id a text spells.
   *
   * @throws IllegalArgumentException when it is not 32 lower-case hexadecimal digits
   */
  public static UUID parse(String text) {
    if (!HEX.matcher(text).matches()) {
      throw new IllegalArgumentException("not an id of an aggregate");
    }
    return new UUID(
        Long.parseUnsignedLong(text.substring(0, 16), 16),
        Long.parseUnsignedLong(text.substring(16), 16));
  }
}
