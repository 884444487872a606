package io.usageapi.workaround;

import io.netty.bootstrap.ChannelInitializerExtension;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.SslHandler;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.quarkus.vertx.http.HttpServerOptionsCustomizer;
import io.usageapi.http.DateHeader;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.Http1xOrH2CHandler;
import io.vertx.core.http.impl.VertxHttpRequestDecoder;
import jakarta.inject.Singleton;

/**
 * Replaces the HTTP server's decoder by {@link HeadDecoder}. Netty calls it for each connection if
 * {@link #use} was called before Netty was loaded. HTTP/2 needs no such bound: it counts 32 bytes
 * more for each header.
 */
@RegisterForReflection // Netty looks it up by ServiceLoader.
public final class HeadLimits extends ChannelInitializerExtension {
  /** The options of the started server, for the decoder. */
  private static volatile HttpServerOptions options;

  /** The date, for answers of the decoder. */
  private static volatile DateHeader date;

  /** Makes Netty use this class. Call it before the classes of Netty are loaded. */
  public static void use() {
    System.setProperty(EXTENSIONS_SYSTEM_PROPERTY, "serviceload");
  }

  @Singleton
  static final class Options implements HttpServerOptionsCustomizer {
    private final DateHeader answers;

    Options(DateHeader answers) {
      this.answers = answers;
    }

    @Override
    public void customizeHttpServer(HttpServerOptions started) {
      start(started);
    }

    @Override
    public void customizeHttpsServer(HttpServerOptions started) {
      start(started);
    }

    private void start(HttpServerOptions started) {
      date = answers;
      options = started;
    }
  }

  @Override
  public void postInitializeServerChildChannel(Channel channel) {
    if (options != null) {
      channel.pipeline().addLast(new Exchange());
    }
  }

  /**
   * Waits for the decoder, which is there once the version of HTTP is known, replaces it and
   * removes itself. Until then it passes bytes on one by one, so that the decoder has read nothing
   * yet.
   */
  private static final class Exchange extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ChannelPipeline pipeline = context.pipeline();
      ChannelHandlerContext tls = pipeline.context(SslHandler.class);
      ByteBuf bytes = (ByteBuf) message;
      if (tls != null
          && pipeline.names().indexOf(tls.name()) > pipeline.names().indexOf(context.name())) {
        pipeline.addAfter(tls.name(), null, new Exchange());
      } else {
        while (bytes.isReadable() && pipeline.get(Http1xOrH2CHandler.class) != null) {
          context.fireChannelRead(bytes.readRetainedSlice(1));
        }
        if (pipeline.get(Http1xOrH2CHandler.class) != null) {
          bytes.release();
          return;
        }
        VertxHttpRequestDecoder decoder = pipeline.get(VertxHttpRequestDecoder.class);
        if (decoder != null) {
          pipeline.replace(
              decoder, pipeline.context(decoder).name(), new HeadDecoder(options, date));
        }
      }
      pipeline.remove(this);
      context.fireChannelRead(message);
    }
  }
}
