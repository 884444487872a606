package io.usageapi.text;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.UUID;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * A SHA-256 digest of values in an unambiguous encoding: the length of each value precedes it, so
 * different lists of values never look alike. Numbers count by value: 1 and 1.00 are equal.
 */
public final class CanonicalDigest {
  private static final int NULL_LENGTH = -1;

  private final MessageDigest sha256 = DigestUtils.getSha256Digest();
  private final ByteBuffer length = ByteBuffer.allocate(Integer.BYTES);

  /** Adds a text or a null. */
  @CanIgnoreReturnValue
  public CanonicalDigest add(String text) {
    byte[] utf8 = text == null ? new byte[0] : text.getBytes(StandardCharsets.UTF_8);
    length.putInt(0, text == null ? NULL_LENGTH : utf8.length);
    sha256.update(length.array());
    sha256.update(utf8);
    return this;
  }

  /** Adds the name of an enum constant, or a null. */
  @CanIgnoreReturnValue
  public CanonicalDigest add(Enum<?> value) {
    return add(value == null ? null : value.name());
  }

  /** Adds a number by its value, or a null. */
  @CanIgnoreReturnValue
  public CanonicalDigest add(BigDecimal number) {
    return add(number == null ? null : number.stripTrailingZeros().toPlainString());
  }

  /** The first 16 bytes of the digest. */
  public UUID toUuid() {
    ByteBuffer bytes = ByteBuffer.wrap(sha256.digest());
    return new UUID(bytes.getLong(), bytes.getLong());
  }

  /** The digest as 64 lower-case hexadecimal digits. */
  public String toHex() {
    return HexFormat.of().formatHex(sha256.digest());
  }
}
