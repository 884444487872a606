package io.usageapi.export;

import io.smallrye.mutiny.Multi;
import io.usageapi.config.UsageApiConfig;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import org.jboss.logging.Logger;

/**
 * Cuts off a client that does not read, and an export that takes too long. The connection is reset,
 * without a last chunk, so that nobody takes what arrived for the whole; that cancels the stream.
 */
@ApplicationScoped
public class ClientDeadlines {
  private static final Logger LOG = Logger.getLogger(ClientDeadlines.class);

  private final Vertx vertx;
  private final UsageApiConfig.Export config;

  ClientDeadlines(Vertx vertx, UsageApiConfig config) {
    this.vertx = vertx;
    this.config = config.export();
  }

  /**
   * Puts the parts of a response under the deadlines.
   *
   * @param parts the parts, of which the next is asked for when the one before has gone out
   * @param request what they answer
   */
  <T> Multi<T> watch(Multi<T> parts, HttpServerRequest request) {
    Deadline whole = new Deadline(config.timeout(), "An export takes too long", request);
    Deadline part = new Deadline(config.clientTimeout(), "A client does not read", request);
    return parts
        .onSubscription()
        .invoke(whole::start)
        .onRequest()
        .invoke(part::stop)
        .onItem()
        .invoke(part::start)
        .onTermination()
        .invoke(
            () -> {
              whole.stop();
              part.stop();
            });
  }

  private final class Deadline {
    private static final long NONE = -1;

    private final Duration time;
    private final String reason;
    private final HttpServerRequest request;
    private long timer = NONE;

    Deadline(Duration time, String reason, HttpServerRequest request) {
      this.time = time;
      this.reason = reason;
      this.request = request;
    }

    synchronized void start() {
      stop();
      timer = vertx.setTimer(time.toMillis(), fired -> pass());
    }

    synchronized void stop() {
      if (timer != NONE) {
        vertx.cancelTimer(timer);
        timer = NONE;
      }
    }

    private void pass() {
      if (!request.response().headWritten()) {
        // The statement's own deadline is about to pass too, and has an error to answer with.
        start();
        return;
      }
      LOG.warnf("%s; it is cut off after %s", reason, time);
      if (request.version() == HttpVersion.HTTP_2) {
        request.response().reset();
      } else {
        // To reset the response, or to close the connection by what it offers, would wait until the
        // client has read what was written: for ever.
        ((ConnectionBase) request.connection())
            .channelHandlerContext()
            .close()
            .addListener(closed -> LOG.debug("The connection is closed"));
      }
    }
  }
}
