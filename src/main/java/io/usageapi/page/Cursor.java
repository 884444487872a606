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
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * The {@code cursor} of a link: a version, a direction, digests of the filter's text and of the
 * order, and a position, as base64url (RFC 4648 section 5) without padding. A cursor grants
 * nothing: its holder still reads only what the token allows.
 *
 * @param start where the page starts: after a position, before one, or at the end; for {@link
 *     #text} neither a beginning nor a jump
 * @param binding the list it was made for
 */
public record Cursor(PageStart start, Binding binding) {
  /** No cursor this server makes is longer, in characters. */
  public static final int MAX_LENGTH = 2048;

  private static final int VERSION = 1;
  private static final int MAX_VALUES = 16;

  /**
   * What a cursor is bound to. A list makes it once, for all its links.
   *
   * @param filter the first 8 bytes of the filter's digest
   * @param order the first 8 bytes of the order's digest
   */
  public record Binding(long filter, long order) {
    /**
     * The binding of a list.
     *
     * @param filter the filter's text, or null
     * @param order the order's name
     */
    public static Binding of(String filter, String order) {
      return new Binding(digest(filter), digest(order));
    }

    private static long digest(String text) {
      MessageDigest sha256 = DigestUtils.getSha256Digest();
      // No filter differs from an empty one.
      sha256.update((byte) (text == null ? 0 : 1));
      if (text != null) {
        sha256.update(text.getBytes(StandardCharsets.UTF_8));
      }
      return ByteBuffer.wrap(sha256.digest()).getLong();
    }
  }

  /** A text that is not a cursor of this server, or one of another filter or order. */
  public static final class MalformedCursorException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedCursorException(String problem) {
      super(problem, null, false, false);
    }
  }

  /** The cursor as it stands in a link. */
  public String text() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      if (start instanceof PageStart.After after) {
        writeHead('>', out);
        writePosition(after.position(), out);
      } else if (start instanceof PageStart.Before before) {
        writeHead('<', out);
        writePosition(before.position(), out);
      } else if (start instanceof PageStart.Last) {
        writeHead('$', out);
      } else {
        throw new IllegalStateException("no cursor stands for " + start);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.toByteArray());
  }

  /**
   * Reads a cursor.
   *
   * @throws MalformedCursorException when it is not a cursor, or of another version
   */
  public static Cursor parse(String text) throws MalformedCursorException {
    if (text.length() > MAX_LENGTH) {
      throw new MalformedCursorException("is not a cursor of this server");
    }
    byte[] bytes;
    try {
      bytes = Base64.getUrlDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw new MalformedCursorException("is not a cursor of this server");
    }
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      if (in.readByte() != VERSION) {
        throw new MalformedCursorException("is a cursor of another version");
      }
      byte direction = in.readByte();
      Binding binding = new Binding(in.readLong(), in.readLong());
      PageStart start =
          switch (direction) {
            case '>' -> new PageStart.After(readPosition(in));
            case '<' -> new PageStart.Before(readPosition(in));
            case '$' -> new PageStart.Last();
            default -> throw new MalformedCursorException("is not a cursor of this server");
          };
      Cursor cursor = new Cursor(start, binding);
      // One spelling only: nothing after the end, no padding, no stray bits.
      if (!cursor.text().equals(text)) {
        throw new MalformedCursorException("is not a cursor of this server");
      }
      return cursor;
    } catch (IOException e) {
      throw new MalformedCursorException("is not a cursor of this server");
    }
  }

  /**
   * Checks that the cursor belongs to a list.
   *
   * @throws MalformedCursorException when it was made with another filter or order
   */
  public void requireMadeFor(Keyset<?> list) throws MalformedCursorException {
    if (binding.filter() != list.binding().filter()) {
      throw new MalformedCursorException("belongs to another " + list.owner());
    }
    if (binding.order() != list.binding().order()) {
      throw new MalformedCursorException("belongs to another order");
    }
  }

  private void writeHead(char direction, DataOutputStream out) throws IOException {
    out.writeByte(direction);
    out.writeLong(binding.filter());
    out.writeLong(binding.order());
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
}
