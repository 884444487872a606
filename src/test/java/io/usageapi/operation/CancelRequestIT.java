package io.usageapi.operation;

import static io.usageapi.fixture.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.usageapi.fixture.Api;
import io.usageapi.fixture.OwnDatabase;
import io.usageapi.fixture.PackagedServer;
import io.usageapi.fixture.Tokens;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How the server asks the database to cancel a statement. */
@Tag("drill")
class CancelRequestIT {
  /** A pooler that cannot pass on a cancel request before its sender is gone ends with a fault. */
  @Test
  void a_cancel_request_stays_connected_until_it_is_handled() throws Exception {
    try (OwnDatabase database = OwnDatabase.start();
        SlowCancellation pooler = new SlowCancellation(database.port());
        PackagedServer server = PackagedServer.start(pooler.port())) {
      database.cancelsAnExport(server, Tokens.reader("hangs-up"));
      eventually("the cancel request is handled", () -> !pooler.handled.isEmpty());

      assertThat(pooler.handled).containsOnly("in time");
      server.accepts("PUT", Api.ACCOUNTS + "/a", "{\"organization_id\":\"a\"}");
    }
  }

  /** Passes everything on to the database, and cancel requests after a while. */
  private static final class SlowCancellation implements AutoCloseable {
    private static final int CANCEL_REQUEST = 80877102;
    private static final int MILLIS = 500;

    private final ServerSocket listening =
        new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Queue<String> handled = new ConcurrentLinkedQueue<>();
    private final int database;

    SlowCancellation(int database) throws IOException {
      this.database = database;
      inBackground(
          () -> {
            while (true) {
              Socket server = listening.accept();
              inBackground(() -> serve(server));
            }
          });
    }

    int port() {
      return listening.getLocalPort();
    }

    private void serve(Socket server) throws IOException {
      try (server;
          Socket passed = new Socket(InetAddress.getLoopbackAddress(), database)) {
        DataInputStream in = new DataInputStream(server.getInputStream());
        int length = in.readInt();
        int code = in.readInt();
        byte[] rest = in.readNBytes(length - 2 * Integer.BYTES);
        if (code == CANCEL_REQUEST) {
          handled.add(isGone(server) ? "its sender was gone" : "in time");
        }
        OutputStream out = passed.getOutputStream();
        out.write(ByteBuffer.allocate(length).putInt(length).putInt(code).put(rest).array());
        inBackground(() -> passed.getInputStream().transferTo(server.getOutputStream()));
        if (code == CANCEL_REQUEST) {
          passed.getInputStream().readAllBytes();
        } else {
          in.transferTo(out);
        }
      }
    }

    private static boolean isGone(Socket server) throws IOException {
      server.setSoTimeout(MILLIS);
      try {
        return server.getInputStream().read() < 0;
      } catch (SocketTimeoutException e) {
        return false;
      }
    }

    @Override
    public void close() throws IOException {
      listening.close();
    }

    private interface Task {
      void run() throws IOException;
    }

    private static void inBackground(Task task) {
      Thread thread =
          new Thread(
              () -> {
                try {
                  task.run();
                } catch (IOException e) {
                  // A side hung up.
                }
              });
      thread.setDaemon(true);
      thread.start();
    }
  }
}
