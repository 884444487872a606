package io.usageapi.attack;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A connection of HTTP/2 by prior knowledge, frame by frame, for what HTTP clients do not send. It
 * does not heed the server's windows, and its own are large. Not for several threads.
 */
public final class Http2Connection implements AutoCloseable {
  public static final int DATA = 0;
  public static final int HEADERS = 1;
  public static final int RST_STREAM = 3;
  public static final int SETTINGS = 4;
  public static final int PING = 6;
  public static final int GOAWAY = 7;
  public static final int WINDOW_UPDATE = 8;
  public static final int CONTINUATION = 9;

  public static final int END_STREAM = 1;
  public static final int END_HEADERS = 4;
  private static final int ACK = 1;
  private static final int PADDED = 8;
  private static final int PRIORITY = 0x20;

  private static final int MAX_FRAME = 16_384;
  private static final int WINDOW = 1 << 24;
  private static final int TIMEOUT_MILLIS = 60_000;

  private final URI server;
  private final Socket socket;
  private final DataOutputStream out;
  private final DataInputStream in;
  private final DefaultHttp2HeadersDecoder headers = new DefaultHttp2HeadersDecoder(false);
  private final Map<Integer, Stream> streams = new HashMap<>();
  private int last = -1;

  /** What came back. */
  public record Answer(int status, Map<String, String> headers, String body) {}

  private static final class Stream {
    private final Map<String, String> headers = new LinkedHashMap<>();
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private boolean ended;
    private int error = -1;
  }

  private Http2Connection(URI server, Socket socket) throws IOException {
    this.server = server;
    this.socket = socket;
    this.out = new DataOutputStream(socket.getOutputStream());
    this.in = new DataInputStream(socket.getInputStream());
  }

  /** Connects. */
  public static Http2Connection open(URI server) throws IOException {
    Socket socket = new Socket(server.getHost(), server.getPort());
    socket.setSoTimeout(TIMEOUT_MILLIS);
    socket.setTcpNoDelay(true);
    Http2Connection connection = new Http2Connection(server, socket);
    connection.out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    // SETTINGS_INITIAL_WINDOW_SIZE
    connection.frame(
        SETTINGS, 0, 0, new byte[] {0, 4, (byte) (WINDOW >> 24), (byte) (WINDOW >> 16), 0, 0});
    connection.frame(
        WINDOW_UPDATE, 0, 0, new byte[] {(byte) (WINDOW >> 24), (byte) (WINDOW >> 16), 0, 0});
    return connection;
  }

  /**
   * Opens a stream.
   *
   * @param more headers beside the pseudo-headers
   * @param end whether there is no body
   * @return the stream's number
   */
  public int request(String method, String path, Map<String, String> more, boolean end)
      throws IOException {
    Map<String, String> all = new LinkedHashMap<>();
    all.put(":method", method);
    all.put(":scheme", "http");
    all.put(":authority", server.getAuthority());
    all.put(":path", path);
    all.putAll(more);
    return request(all, end);
  }

  /** Opens a stream with just these headers, the pseudo-headers among them. */
  public int request(Map<String, String> all, boolean end) throws IOException {
    last += 2;
    streams.put(last, new Stream());
    byte[] block = block(all);
    int size = Math.min(block.length, MAX_FRAME);
    int flags = (end ? END_STREAM : 0) | (size == block.length ? END_HEADERS : 0);
    frame(HEADERS, flags, last, Arrays.copyOf(block, size));
    for (int at = size; at < block.length; at += size) {
      size = Math.min(block.length - at, MAX_FRAME);
      frame(
          CONTINUATION,
          at + size == block.length ? END_HEADERS : 0,
          last,
          Arrays.copyOfRange(block, at, at + size));
    }
    return last;
  }

  /** A block of headers, each as it is: no table, no Huffman code. */
  public static byte[] block(Map<String, String> all) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    all.forEach(
        (name, value) -> {
          block.write(0);
          string(block, name);
          string(block, value);
        });
    return block.toByteArray();
  }

  private static void string(ByteArrayOutputStream block, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int rest = bytes.length - 127;
    block.write(Math.min(bytes.length, 127));
    while (rest >= 128) {
      block.write(rest % 128 + 128);
      rest /= 128;
    }
    if (rest >= 0) {
      block.write(rest);
    }
    block.writeBytes(bytes);
  }

  /** Sends a part of a body. */
  public void data(int stream, byte[] bytes, boolean end) throws IOException {
    int at = 0;
    do {
      int size = Math.min(bytes.length - at, MAX_FRAME);
      frame(
          DATA,
          end && at + size == bytes.length ? END_STREAM : 0,
          stream,
          Arrays.copyOfRange(bytes, at, at + size));
      at += size;
    } while (at < bytes.length);
  }

  /** Resets a stream: CANCEL. */
  public void reset(int stream) throws IOException {
    frame(RST_STREAM, 0, stream, new byte[] {0, 0, 0, 8});
  }

  /** Sends any frame. */
  public void frame(int type, int flags, int stream, byte[] payload) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(payload.length + 9);
    bytes.write(payload.length >> 16);
    bytes.write(payload.length >> 8);
    bytes.write(payload.length);
    bytes.write(type);
    bytes.write(flags);
    bytes.write(stream >> 24);
    bytes.write(stream >> 16);
    bytes.write(stream >> 8);
    bytes.write(stream);
    bytes.writeBytes(payload);
    bytes.writeTo(out);
    out.flush();
  }

  /**
   * Waits for the answer on a stream.
   *
   * @throws IOException when the stream or the connection ends without one, or none comes
   */
  public Answer answer(int number) throws IOException {
    Stream stream = streams.get(number);
    while (!stream.ended) {
      read();
    }
    streams.remove(number);
    if (stream.error >= 0) {
      throw new IOException("reset with error " + stream.error);
    }
    return new Answer(
        Integer.parseInt(stream.headers.get(":status")),
        stream.headers,
        stream.body.toString(StandardCharsets.UTF_8));
  }

  private void read() throws IOException {
    int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
    int type = in.readUnsignedByte();
    int flags = in.readUnsignedByte();
    int number = in.readInt() & Integer.MAX_VALUE;
    byte[] payload = in.readNBytes(length);
    switch (type) {
      case SETTINGS, PING -> acknowledge(type, flags, payload);
      case GOAWAY -> goneAway(payload);
      case HEADERS, CONTINUATION -> {
        Stream stream = streams.getOrDefault(number, new Stream());
        block(payload, type, flags, number, stream);
        stream.ended |= (flags & END_STREAM) != 0 && type == HEADERS;
      }
      case DATA -> {
        Stream stream = streams.getOrDefault(number, new Stream());
        stream.body.writeBytes(payload);
        widen(payload.length);
        stream.ended |= (flags & END_STREAM) != 0;
      }
      case RST_STREAM -> {
        Stream stream = streams.getOrDefault(number, new Stream());
        stream.ended = true;
        // After a whole answer it only says that the rest of the request is not wanted.
        stream.error = payload[3];
      }
      default -> {
        // Nothing to be done.
      }
    }
  }

  /** So much more may be sent on the connection. */
  private void widen(int by) throws IOException {
    if (by > 0) {
      frame(
          WINDOW_UPDATE,
          0,
          0,
          new byte[] {(byte) (by >> 24), (byte) (by >> 16), (byte) (by >> 8), (byte) by});
    }
  }

  private void acknowledge(int type, int flags, byte[] payload) throws IOException {
    if ((flags & ACK) == 0) {
      frame(type, ACK, 0, type == PING ? payload : new byte[0]);
    }
  }

  private static void goneAway(byte[] payload) throws IOException {
    throw new IOException(
        "gone away with error %d %s"
            .formatted(
                payload[7],
                new String(payload, 8, payload.length - 8, StandardCharsets.ISO_8859_1)));
  }

  private void block(byte[] payload, int type, int flags, int number, Stream stream)
      throws IOException {
    int skipped = 0;
    if (type == HEADERS && (flags & PADDED) != 0) {
      throw new IOException("padding is not expected");
    }
    if (type == HEADERS && (flags & PRIORITY) != 0) {
      skipped = 5;
    }
    if ((flags & END_HEADERS) == 0) {
      throw new IOException("headers in several frames are not expected");
    }
    try {
      Http2Headers decoded =
          headers.decodeHeaders(
              number, Unpooled.wrappedBuffer(payload, skipped, payload.length - skipped));
      decoded.forEach(
          header -> stream.headers.put(header.getKey().toString(), header.getValue().toString()));
    } catch (Http2Exception e) {
      throw new IOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
