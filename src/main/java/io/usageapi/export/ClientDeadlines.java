package io.usageapi.export;

import io.smallrye.mutiny.Multi;
import io.usageapi.database.ExportConfig;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import org.jboss.logging.Logger;

/**
 * Cuts off a client that does not read, an export that takes too long, and an export that failed
 * half way. It resets the connection without a last chunk, so that no client takes a part for the
 * whole. The reset cancels the stream.
 */
@ApplicationScoped
public class ClientDeadlines {
  private static final Logger LOG = Logger.getLogger(ClientDeadlines.class);

  /** The time between two checks, and so the most that a deadline is late. */
  private static final Duration TICK = Duration.ofMillis(500);

  private final Vertx vertx;
  private final ExportConfig config;

  ClientDeadlines(Vertx vertx, ExportConfig config) {
    this.vertx = vertx;
    this.config = config;
  }

  /**
   * Puts the parts of a response under the deadlines.
   *
   * @param parts the next part is requested when the one before was sent
   */
  <T> Multi<T> watch(Multi<T> parts, HttpServerRequest request) {
    Watch watch = new Watch(request);
    return parts
        .onSubscription()
        .invoke(watch::begin)
        .onRequest()
        .invoke(watch::gone)
        .onItem()
        .invoke(watch::handedOver)
        .onFailure(e -> request.response().headWritten())
        .invoke(
            e -> {
              LOG.warn("An export failed half way; its connection is closed", e);
              cutOff(request);
            })
        .onTermination()
        .invoke(watch::end);
  }

  private static void cutOff(HttpServerRequest request) {
    if (request.version() == HttpVersion.HTTP_2) {
      request.response().reset();
    } else {
      // To reset the response or to close the connection, Vert.x 4 first waits until the client has
      // read what was written: forever.
      ((ConnectionBase) request.connection())
          .channelHandlerContext()
          .close()
          .addListener(closed -> LOG.debug("The connection is closed"));
    }
  }

  private final class Watch {
    private final HttpServerRequest request;
    private long timer;
    private long begun;
    private volatile boolean unread;
    private volatile long handedOver;

    Watch(HttpServerRequest request) {
      this.request = request;
    }

    void begin() {
      begun = System.nanoTime();
      timer = vertx.setPeriodic(TICK.toMillis(), tick -> look());
    }

    void handedOver() {
      handedOver = System.nanoTime();
      unread = true;
    }

    void gone() {
      unread = false;
    }

    void end() {
      vertx.cancelTimer(timer);
    }

    private void look() {
      // Before the head is written the statement's own deadline has an error to answer with.
      if (!request.response().headWritten()) {
        return;
      }
      if (isPast(config.timeout(), begun)) {
        LOG.warnf("An export took longer than %s; its connection is closed", config.timeout());
      } else if (unread && isPast(config.clientTimeout(), handedOver)) {
        LOG.warnf("A client did not read for %s; its connection is closed", config.clientTimeout());
      } else {
        return;
      }
      vertx.cancelTimer(timer);
      cutOff(request);
    }

    private boolean isPast(Duration deadline, long since) {
      return System.nanoTime() - since > deadline.toNanos();
    }
  }
}
