package io.usageapi.aggregate.change;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.UUID;

/**
 * A position in the changes of an organization: the value of {@code changed_since}. It is base64url
 * (RFC 4648 section 5) without padding, and grants nothing. The version is random, so a token of
 * another history, before a restore or of another organization, is found out.
 *
 * @param sequence the last commit that the holder knows, at least in part
 * @param version the data version that this commit made
 * @param part the part of the commit up to which the holder knows it; {@value #WHOLE} for all
 * @param known how many aggregates of that part the holder knows
 */
public record ChangeToken(long sequence, UUID version, int part, int known) {
  private static final int WHOLE = -1;
  private static final int FORMAT = 1;

  /** The position before the first change. */
  public static final ChangeToken START = behind(0, new UUID(0, 0));

  /** The position behind a commit. */
  public static ChangeToken behind(long sequence, UUID version) {
    return new ChangeToken(sequence, version, WHOLE, 0);
  }

  /** Whether it is the position behind a commit, not inside one. */
  boolean isWhole() {
    return part == WHOLE;
  }

  /** The token of a link. */
  public String text() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(FORMAT);
      out.writeLong(sequence);
      out.writeLong(version.getMostSignificantBits());
      out.writeLong(version.getLeastSignificantBits());
      if (!isWhole()) {
        out.writeInt(part);
        out.writeShort(known);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.toByteArray());
  }

  /**
   * Reads a token.
   *
   * @throws IllegalArgumentException if it is not one
   */
  public static ChangeToken parse(String text) {
    byte[] bytes = Base64.getUrlDecoder().decode(text);
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      int format = in.readByte();
      long sequence = in.readLong();
      UUID version = new UUID(in.readLong(), in.readLong());
      ChangeToken token =
          in.available() == 0
              ? behind(sequence, version)
              : new ChangeToken(sequence, version, in.readInt(), in.readUnsignedShort());
      // One spelling only: nothing after the end, no padding, no stray bits.
      if (format == FORMAT && sequence >= 0 && token.text().equals(text)) {
        return token;
      }
    } catch (IOException e) {
      throw new IllegalArgumentException("not a token", e);
    }
    throw new IllegalArgumentException("not a token");
  }
}
