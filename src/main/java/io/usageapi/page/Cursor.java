package io.usageapi.page;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * The {@code cursor} of a link: a version, a direction, digests of the filter's text and of the
 * order, and a position, as base64url (RFC 4648 section 5) without padding. It is not a permission:
 * whoever holds it still reads only what the token allows.
 */
public final class Cursor {
  /** No cursor this server makes is longer, in characters. */
  public static final int MAX_LENGTH = 2048;

  private static final int VERSION = 1;
  private static final int DIGEST_BYTES = 8;
  private static final int MAX_VALUES = 4;

  private Cursor() {}

  /** A text that is not a cursor of this server, or one of another filter or order. */
  public static final class MalformedCursorException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedCursorException(String problem) {
      super(problem, null, false, false);
    }
  }

  /**
   * Writes a cursor.
   *
   * @param start the position and direction it stands for; neither a beginning nor a jump
   * @param filter the filter's text, or null
   * @param order the order's name
   */
  public static String write(Start start, String filter, String order) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      if (start instanceof Start.After after) {
        out.writeByte('>');
        out.write(digest(filter));
        out.write(digest(order));
        writePosition(after.position(), out);
      } else if (start instanceof Start.Before before) {
        out.writeByte('<');
        out.write(digest(filter));
        out.write(digest(order));
        writePosition(before.position(), out);
      } else if (start instanceof Start.End) {
        out.writeByte('$');
        out.write(digest(filter));
        out.write(digest(order));
      } else {
        throw new IllegalArgumentException("no cursor stands for " + start);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.toByteArray());
  }

  /**
   * Reads a cursor.
   *
   * @param filter the filter's text in this request, or null
   * @param order the order's name in this request
   * @throws MalformedCursorException when it is not a cursor, of another version, or was made with
   *     another filter or order
   */
  public static Start read(String cursor, String filter, String order)
      throws MalformedCursorException {
    if (cursor.length() > MAX_LENGTH) {
      throw new MalformedCursorException("is not a cursor of this server");
    }
    byte[] bytes;
    try {
      bytes = Base64.getUrlDecoder().decode(cursor);
    } catch (IllegalArgumentException e) {
      throw new MalformedCursorException("is not a cursor of this server");
    }
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      if (in.readByte() != VERSION) {
        throw new MalformedCursorException("is a cursor of another version");
      }
      byte direction = in.readByte();
      if (!Arrays.equals(in.readNBytes(DIGEST_BYTES), digest(filter))) {
        throw new MalformedCursorException("belongs to another filter");
      }
      if (!Arrays.equals(in.readNBytes(DIGEST_BYTES), digest(order))) {
        throw new MalformedCursorException("belongs to another order");
      }
      Start start =
          switch (direction) {
            case '>' -> new Start.After(readPosition(in));
            case '<' -> new Start.Before(readPosition(in));
            case '$' -> new Start.End();
            default -> throw new MalformedCursorException("is not a cursor of this server");
          };
      // One spelling only: nothing behind the end, no padding, no stray bits.
      if (!write(start, filter, order).equals(cursor)) {
        throw new MalformedCursorException("is not a cursor of this server");
      }
      return start;
    } catch (IOException e) {
      throw new MalformedCursorException("is not a cursor of this server");
    }
  }

  private static void writePosition(Position position, DataOutputStream out) throws IOException {
    out.writeByte(position.values().size());
    for (String value : position.values()) {
      byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
      out.writeShort(utf8.length);
      out.write(utf8);
    }
  }

  private static Position readPosition(DataInputStream in)
      throws IOException, MalformedCursorException {
    int size = in.readUnsignedByte();
    if (size > MAX_VALUES) {
      throw new MalformedCursorException("is not a cursor of this server");
    }
    List<String> values = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      byte[] utf8 = in.readNBytes(in.readUnsignedShort());
      values.add(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString());
    }
    return new Position(values);
  }

  private static byte[] digest(String text) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      // No filter is another than an empty one.
      sha256.update((byte) (text == null ? 0 : 1));
      if (text != null) {
        sha256.update(text.getBytes(StandardCharsets.UTF_8));
      }
      return Arrays.copyOf(sha256.digest(), DIGEST_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
