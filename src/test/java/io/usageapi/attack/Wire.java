package io.usageapi.attack;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A connection on which any bytes may be sent: what is no HTTP at all as well. */
final class Wire implements AutoCloseable {
  private static final int WAITING_MILLIS = 700;
  private static final int PATIENCE_MILLIS = 15_000;
  private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] ([0-9]{3})");

  private final Socket socket;
  private final ByteArrayOutputStream read = new ByteArrayOutputStream();

  /** Connects. */
  Wire(URI server) throws IOException {
    socket = new Socket(server.getHost(), server.getPort());
    socket.setSoTimeout(PATIENCE_MILLIS);
  }

  /**
   * Sends bytes and reads what comes back. Where the server waits for more it is told, after a
   * while, that no more will come.
   *
   * @return what was read until the server closed the connection, with a reset or not
   * @throws SocketTimeoutException when it did not
   */
  static String exchange(URI server, String request) throws IOException {
    try (Wire wire = new Wire(server)) {
      wire.send(request);
      wire.socket.setSoTimeout(WAITING_MILLIS);
      try {
        wire.read();
      } catch (SocketTimeoutException e) {
        wire.socket.shutdownOutput();
        wire.socket.setSoTimeout(PATIENCE_MILLIS);
        wire.read();
      }
      return wire.read.toString(StandardCharsets.ISO_8859_1);
    }
  }

  /** The statuses in what was read, one for each answer. */
  static List<Integer> statuses(String answers) {
    List<Integer> statuses = new ArrayList<>();
    Matcher status = STATUS.matcher(answers);
    while (status.find()) {
      statuses.add(Integer.valueOf(status.group(1)));
    }
    return statuses;
  }

  /** Sends a text, a byte for each character. */
  void send(String text) {
    send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Sends bytes; that the server has closed the connection is no error. */
  void send(byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
    } catch (IOException e) {
      // What it said before is still to be read.
    }
  }

  private void read() throws IOException {
    InputStream in = socket.getInputStream();
    byte[] buffer = new byte[8192];
    try {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        read.write(buffer, 0, count);
      }
    } catch (SocketTimeoutException e) {
      throw e;
    } catch (IOException e) {
      // Reset: what came until then is what there is.
    }
  }

  /** Hangs up with a reset. */
  void vanish() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
