package io.usageapi.http;

import io.netty.bootstrap.ChannelInitializerExtension;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.SslHandler;
import io.quarkus.vertx.http.HttpServerOptionsCustomizer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.Http1xOrH2CHandler;
import io.vertx.core.http.impl.VertxHttpRequestDecoder;
import jakarta.inject.Singleton;

/**
 * Puts {@link HeadDecoder} in the place of the HTTP server's own decoder, which has no setting for
 * how many headers it reads. Netty calls it for each connection, where it is told to look for such
 * extensions before it is loaded: {@link #use}. A connection of HTTP/2 is left alone: there the
 * size of the list of headers bounds their number.
 */
public final class HeadLimits extends ChannelInitializerExtension {
  /** Those of the server, once it starts; what the decoder is made with. */
  private static volatile HttpServerOptions options;

  /** Has Netty use it. To be called before its classes are loaded. */
  public static void use() {
    System.setProperty(EXTENSIONS_SYSTEM_PROPERTY, "serviceload");
  }

  /** Takes the options that the server is started with. */
  @Singleton
  static final class Options implements HttpServerOptionsCustomizer {
    @Override
    public void customizeHttpServer(HttpServerOptions started) {
      options = started;
    }

    @Override
    public void customizeHttpsServer(HttpServerOptions started) {
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
   * Waits for the decoder, which is there once it is known which HTTP is spoken, and is gone then
   * itself. What is read before goes on a byte at a time, so that the decoder has begun with
   * nothing.
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
          pipeline.replace(decoder, pipeline.context(decoder).name(), new HeadDecoder(options));
        }
      }
      pipeline.remove(this);
      context.fireChannelRead(message);
    }
  }
}
