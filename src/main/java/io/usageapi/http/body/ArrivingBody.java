package io.usageapi.http.body;

import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The body of a request as it arrives. One thread at a time reads it, and may wait for the client.
 * Only a few parts are taken from the connection ahead of the reader.
 *
 * <p>The framework's own stream opens before there is a place for the body, closes the connection
 * without an answer on a timeout, and takes an empty HTTP/2 frame for the end.
 */
public final class ArrivingBody extends InputStream {
  /** How many parts may wait for the reader: 8 KiB each by HTTP/1.1, 16 KiB by HTTP/2. */
  private static final int PARTS_AHEAD = 8;

  private static final String EXPECT = "Expect";
  private static final String CONTINUE = "100-continue";

  private final HttpServerRequest request;
  private final Patience patience;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** These five are guarded by the lock. */
  private final Deque<Buffer> parts = new ArrayDeque<>();

  private int askedFor;
  private boolean ended;
  private boolean brokenOff;
  private boolean closed;

  /** The part being read, and the position in it. */
  private Buffer part = Buffer.buffer();

  private int position;

  private ArrivingBody(HttpServerRequest request, Patience patience) {
    this.request = request;
    this.patience = patience;
  }

  /**
   * Opens the paused body of a request, and tells a client that waits for {@code 100 Continue} to
   * go on. Called on the request's event loop.
   */
  public static ArrivingBody open(HttpServerRequest request, BodyConfig config) {
    return open(request, Patience.of(config));
  }

  static ArrivingBody open(HttpServerRequest request, Patience patience) {
    ArrivingBody body = new ArrivingBody(request, patience);
    body.open();
    return body;
  }

  private void open() {
    if (!Context.isOnEventLoopThread()) {
      throw new IllegalStateException("a body is opened on its event loop");
    }
    if (request.response().closed()) {
      // A client that hung up before this gets no more events.
      brokenOff = true;
    } else if (request.isEnded()) {
      ended = true;
    } else {
      request.handler(this::arrived);
      request.endHandler(end -> change(() -> ended = true));
      request.exceptionHandler(failure -> change(() -> brokenOff = true));
      goOn(request);
    }
  }

  /** Tells a client that waits for it to send its body. */
  static void goOn(HttpServerRequest request) {
    if (CONTINUE.equalsIgnoreCase(request.getHeader(EXPECT))) {
      request.response().writeContinue();
    }
  }

  private void arrived(Buffer bytes) {
    change(
        () -> {
          askedFor--;
          if (!closed && bytes.length() > 0) {
            parts.add(bytes);
          }
        });
  }

  private void change(Runnable change) {
    lock.lock();
    try {
      change.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  /**
   * Reads what has arrived, and waits if nothing has.
   *
   * @throws ApiException 408 if the client is too slow
   * @throws IOException if the body broke off or was closed
   */
  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, buffer.length);
    if (length == 0) {
      return 0;
    }
    if (position == part.length() && !next()) {
      return -1;
    }
    int count = Math.min(length, part.length() - position);
    part.getBytes(position, position + count, buffer, offset);
    position += count;
    return count;
  }

  private boolean next() throws IOException {
    askForMore();
    lock.lock();
    try {
      while (parts.isEmpty()) {
        if (brokenOff) {
          throw new IOException("The body broke off");
        }
        if (closed) {
          throw new IOException("The body was closed");
        }
        if (ended) {
          return false;
        }
        if (patience.left() <= 0) {
          throw tooSlow();
        }
        long start = System.nanoTime();
        long unused = changed.awaitNanos(patience.left());
        patience.waited(System.nanoTime() - start);
      }
      part = parts.remove();
      position = 0;
      patience.arrived(part.length());
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException();
    } finally {
      lock.unlock();
    }
  }

  /** Fetches without the lock, because the handlers of arriving parts need it. */
  private void askForMore() {
    int more = 0;
    lock.lock();
    try {
      if (!ended && !brokenOff && !closed && askedFor + parts.size() <= PARTS_AHEAD / 2) {
        more = PARTS_AHEAD - askedFor - parts.size();
        askedFor += more;
      }
    } finally {
      lock.unlock();
    }
    if (more > 0) {
      fetch(more);
    }
  }

  private void fetch(int more) {
    try {
      request.fetch(more);
    } catch (IllegalStateException e) {
      // Ended or reset meanwhile; the handlers know.
    }
  }

  /**
   * Requires that the client is still connected, so that one that hung up takes no place.
   *
   * @throws ApiException 400, which nobody reads
   */
  public static void requireClient(HttpServerRequest request) {
    if (request.response().closed()) {
      throw brokenOff();
    }
  }

  /** 400 for a body that broke off. */
  static ApiException brokenOff() {
    return ApiException.of(ErrorCode.INVALID_BODY, "The body broke off.");
  }

  /** 408 for a client that sends too slowly. */
  static ApiException tooSlow() {
    return ApiException.of(
        ErrorCode.REQUEST_TIMEOUT,
        "The body arrives too slowly. What of a stream was durable before stays; sending it all"
            + " again is safe.");
  }

  /** Ends a waiting read and fails later ones. Does not wait for the rest of the body. */
  @Override
  public void close() {
    change(
        () -> {
          closed = true;
          parts.clear();
        });
  }
}
