package io.usageapi.database.connection;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.socket.nio.NioChannelOption;
import io.vertx.core.Future;
import io.vertx.core.impl.CloseFuture;
import io.vertx.core.impl.VertxInternal;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.impl.NetClientImpl;
import io.vertx.pgclient.impl.PgConnectionFactory;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import jdk.net.ExtendedSocketOptions;
import org.jboss.logging.Logger;

/**
 * Connects like the client does, and adds what it has no setting for: a deadline for all of
 * connecting, as the client limits only TCP and would wait forever for a peer that accepts and
 * stays silent; TCP keep-alive that notices a lost peer within half a minute instead of two hours;
 * and cancel requests that wait for the peer, as {@link CancelRequests} says.
 */
final class PgConnector extends PgConnectionFactory {
  private static final Logger LOG = Logger.getLogger(PgConnector.class);

  /** Seconds of silence before the first keep-alive probe. */
  private static final int KEEP_IDLE = 10;

  /** Seconds between probes. */
  private static final int KEEP_INTERVAL = 5;

  /** Unanswered probes before the peer is given up. */
  private static final int KEEP_COUNT = 3;

  private final Duration deadline;
  private final Map<Object, NetClient> clients = new ConcurrentHashMap<>();

  /**
   * @param deadline how long it may take from the TCP connection until statements can be sent
   */
  PgConnector(VertxInternal vertx, Duration deadline) {
    super(vertx, () -> Future.failedFuture("Who connects says where to"));
    this.deadline = deadline;
  }

  /** Also used for cancel requests. */
  @Override
  protected NetClient netClient(NetClientOptions options) {
    NetClientOptions plain = new NetClientOptions(options).setReconnectAttempts(0);
    if (plain.getHostnameVerificationAlgorithm() == null) {
      plain.setHostnameVerificationAlgorithm("");
    }
    return clients.computeIfAbsent(
        plain.toJson(),
        unused -> {
          Sockets sockets = new Sockets(vertx, plain, clientCloseFuture);
          clientCloseFuture.add(sockets);
          return sockets;
        });
  }

  private void connected(Channel channel) {
    ChannelConfig config = channel.config();
    config.setOption(ChannelOption.SO_KEEPALIVE, true);
    // The native transport's options and the JDK's: each ignores those of the other.
    config.setOption(EpollChannelOption.TCP_KEEPIDLE, KEEP_IDLE);
    config.setOption(EpollChannelOption.TCP_KEEPINTVL, KEEP_INTERVAL);
    config.setOption(EpollChannelOption.TCP_KEEPCNT, KEEP_COUNT);
    config.setOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE), KEEP_IDLE);
    config.setOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL), KEEP_INTERVAL);
    config.setOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT), KEEP_COUNT);
    Object unused =
        channel
            .eventLoop()
            .schedule(
                () -> {
                  if (channel.isOpen()
                      && channel.pipeline().get(ConnectionWatchdog.class) == null) {
                    LOG.warnf(
                        "A connection to the database is closed: %s accepted it and said nothing"
                            + " for %s",
                        channel.remoteAddress(), deadline);
                    ConnectionWatchdog.tearDown(channel);
                  }
                },
                deadline.toMillis(),
                TimeUnit.MILLISECONDS);
  }

  private final class Sockets extends NetClientImpl {
    Sockets(VertxInternal vertx, NetClientOptions options, CloseFuture closeFuture) {
      super(vertx, null, options, closeFuture);
    }

    @Override
    protected void initChannel(ChannelPipeline pipeline) {
      super.initChannel(pipeline);
      pipeline.addLast(new CancelRequests());
      connected(pipeline.channel());
    }
  }

  /**
   * Completes a cancel request when the peer has closed its connection, as it does once the request
   * is handled. The client itself would close right after sending. PgBouncer 1.18 then ends with
   * "bad client state" if it was not done yet (<a
   * href="https://github.com/pgbouncer/pgbouncer/issues/801">pgbouncer#801</a>), and a late
   * cancellation could hit the next statement.
   */
  private static final class CancelRequests extends ChannelOutboundHandlerAdapter {
    /** Bytes of a cancel request, which begins with its length and this code. */
    private static final int LENGTH = 16;

    private static final int CODE = 80877102;

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
      if (!isCancelRequest(message)) {
        Object unused = context.write(message, promise);
        return;
      }
      context
          .write(message)
          .addListener(
              written -> {
                if (written.isSuccess()) {
                  context.channel().closeFuture().addListener(closed -> promise.trySuccess());
                } else {
                  promise.tryFailure(written.cause());
                }
              });
    }

    private static boolean isCancelRequest(Object message) {
      return message instanceof ByteBuf bytes
          && bytes.readableBytes() == LENGTH
          && bytes.getInt(bytes.readerIndex()) == LENGTH
          && bytes.getInt(bytes.readerIndex() + Integer.BYTES) == CODE;
    }
  }
}
