package io.usageapi.database.connection;

import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
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
 * Connects to the database as the client does, with what it has no setting for: a deadline on all
 * of connecting, where the client has one on TCP alone and would wait for ever for a peer that
 * accepts and says nothing; and a keep-alive that notices within half a minute, and not within two
 * hours, that a peer is gone.
 */
final class Connector extends PgConnectionFactory {
  private static final Logger LOG = Logger.getLogger(Connector.class);

  /** After so many seconds without a word the system asks whether the peer is there. */
  private static final int KEEP_IDLE = 10;

  /** How many seconds it waits for an answer to each of its questions. */
  private static final int KEEP_INTERVAL = 5;

  /** How many of its questions in a row stay unanswered before it gives the peer up. */
  private static final int KEEP_COUNT = 3;

  private final Duration deadline;
  private final Map<Object, NetClient> clients = new ConcurrentHashMap<>();

  /**
   * @param deadline how long it may take from when TCP is connected until statements can be sent
   */
  Connector(VertxInternal vertx, Duration deadline) {
    super(vertx, () -> Future.failedFuture("Who connects says where to"));
    this.deadline = deadline;
  }

  /** What the client connects by, also when it asks the database to cancel a statement. */
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
    // Where the system does not have them they are left out.
    config.setOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE), KEEP_IDLE);
    config.setOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL), KEEP_INTERVAL);
    config.setOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT), KEEP_COUNT);
    Object unused =
        channel
            .eventLoop()
            .schedule(
                () -> {
                  if (channel.isOpen() && channel.pipeline().get(Watched.class) == null) {
                    LOG.warnf(
                        "A connection to the database is closed: %s accepted it and said nothing"
                            + " for %s",
                        channel.remoteAddress(), deadline);
                    Watched.tearDown(channel);
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
      connected(pipeline.channel());
    }
  }
}
