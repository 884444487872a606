package io.usageapi.workaround;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.AttributeKey;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.usageapi.config.FilterOrder;
import io.usageapi.http.HttpConfig;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jboss.logging.Logger;

/**
 * Bounds the answers that clients of HTTP/2 do not read. A client may ask for a hundred at once on
 * one connection and read none; each stays in memory as long as the connection. All together have a
 * bound; beyond it the connection with the most unread bytes is closed. By HTTP/1.1 a connection
 * has one answer at a time. No issue yet: docs/upstream.md, report 4.
 */
@ApplicationScoped
public class UnreadAnswers {
  private static final Logger LOG = Logger.getLogger(UnreadAnswers.class);

  private static final AttributeKey<Unread> UNREAD =
      AttributeKey.valueOf(UnreadAnswers.class, "unread");

  private final long maxBytes;

  /** The connections with unread answers. */
  private final Set<Unread> connections = new HashSet<>();

  private long bytes;

  UnreadAnswers(HttpConfig config) {
    this.maxBytes = config.maxUnreadBytes();
  }

  private static final class Unread {
    private final ChannelHandlerContext connection;
    private final Map<Integer, Long> streams = new HashMap<>();
    private long bytes;

    Unread(ChannelHandlerContext connection) {
      this.connection = connection;
    }
  }

  void register(@Observes Filters filters) {
    filters.register(this::watch, FilterOrder.UNREAD_ANSWERS);
  }

  private void watch(RoutingContext context) {
    if (context.request().version() == HttpVersion.HTTP_2
        && context.request().connection() instanceof ConnectionBase connection) {
      ChannelHandlerContext channel = connection.channelHandlerContext();
      int stream = context.request().streamId();
      int unused =
          context.addEndHandler(
              end -> {
                long size = context.response().bytesWritten();
                // By then another thread may have handed it to the stream.
                channel.executor().execute(() -> count(channel, stream, size));
              });
    }
    context.next();
  }

  /** On the connection's event loop. */
  private void count(ChannelHandlerContext channel, int number, long size) {
    if (!(channel.handler() instanceof Http2ConnectionHandler http2)) {
      return;
    }
    Http2Stream stream = http2.connection().stream(number);
    if (stream == null || !http2.encoder().flowController().hasFlowControlled(stream)) {
      // All of it has gone out.
      return;
    }
    Unread full = add(of(channel, http2), number, size);
    if (full != null) {
      LOG.warnf(
          "A client does not read its answers (%d bytes); its connection is closed", full.bytes);
      // Past the handler of HTTP/2, which would first wait for the client.
      full.connection.close().addListener(closed -> LOG.debug("The connection is closed"));
    }
  }

  /** Returns the connection to close, or null. */
  private synchronized Unread add(Unread unread, int stream, long size) {
    unread.streams.put(stream, size);
    unread.bytes += size;
    bytes += size;
    connections.add(unread);
    if (bytes <= maxBytes) {
      return null;
    }
    Unread most =
        connections.stream().max(Comparator.comparingLong(each -> each.bytes)).orElseThrow();
    // Closing the connection, which follows, frees them.
    bytes -= most.bytes;
    connections.remove(most);
    return most;
  }

  private synchronized void remove(Unread unread, int stream) {
    Long size = unread.streams.remove(stream);
    if (size != null && connections.contains(unread)) {
      unread.bytes -= size;
      bytes -= size;
      if (unread.streams.isEmpty()) {
        connections.remove(unread);
      }
    }
  }

  private Unread of(ChannelHandlerContext channel, Http2ConnectionHandler http2) {
    Unread known = channel.channel().attr(UNREAD).get();
    if (known != null) {
      return known;
    }
    Unread unread = new Unread(channel);
    channel.channel().attr(UNREAD).set(unread);
    http2
        .connection()
        .addListener(
            new Http2ConnectionAdapter() {
              @Override
              public void onStreamClosed(Http2Stream stream) {
                remove(unread, stream.id());
              }
            });
    return unread;
  }
}
