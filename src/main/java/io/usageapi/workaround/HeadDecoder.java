package io.usageapi.workaround;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.usageapi.http.DateHeader;
import io.usageapi.http.RequestHead;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.VertxHttpRequestDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Reads requests of HTTP/1, and refuses a head with too many lines before its end. A line of 5
 * bytes takes 150 in memory: 250 heads of 60 KB that never end filled the heap, without a token. No
 * issue yet: docs/upstream.md, report 3. {@code UpstreamTest} fails once Netty bounds the number of
 * headers itself.
 */
final class HeadDecoder extends VertxHttpRequestDecoder {
  /** The headers that {@link RequestHead} allows, the request line and the end. */
  private static final int MAX_LINES = RequestHead.MAX_FIELDS + 2;

  private static final String REFUSAL =
      """
      HTTP/1.1 431 Request Header Fields Too Large\r
      date: %s\r
      content-length: 0\r
      connection: close\r
      \r
      """;

  private final DateHeader date;
  private int lines;
  private boolean inHead;
  private boolean answering;
  private boolean refused;

  HeadDecoder(HttpServerOptions options, DateHeader date) {
    super(options);
    this.date = date;
  }

  @Override
  protected HttpMessage createMessage(String[] initialLine) {
    inHead = true;
    lines = 0;
    return super.createMessage(initialLine);
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf buffer, List<Object> out)
      throws Exception {
    if (refused) {
      buffer.skipBytes(buffer.readableBytes());
      return;
    }
    int start = buffer.readerIndex();
    int messages = out.size();
    super.decode(context, buffer, out);
    for (int i = messages; i < out.size(); i++) {
      if (out.get(i) instanceof HttpObject part && part.decoderResult().isFailure()) {
        dateAnswers(context.pipeline());
      }
    }
    if (!inHead) {
      return;
    }
    for (int i = messages; i < out.size(); i++) {
      if (out.get(i) instanceof HttpMessage) {
        // The head is whole, or could not be read.
        inHead = false;
        answering = true;
        return;
      }
    }
    for (int i = start; i < buffer.readerIndex(); i++) {
      if (buffer.getByte(i) == '\n') {
        lines++;
      }
    }
    if (lines > MAX_LINES) {
      refuse(context, buffer);
    }
  }

  private void refuse(ChannelHandlerContext context, ByteBuf buffer) {
    refused = true;
    buffer.skipBytes(buffer.readableBytes());
    if (answering) {
      // A second answer would break one that is being written.
      ChannelFuture unused = context.close();
    } else {
      context
          .writeAndFlush(
              Unpooled.copiedBuffer(REFUSAL.formatted(date.now()), StandardCharsets.US_ASCII))
          .addListener(ChannelFutureListener.CLOSE);
    }
  }

  /** The HTTP server answers what cannot be read before any filter, without a date. */
  private void dateAnswers(ChannelPipeline pipeline) {
    ChannelHandlerContext encoder = pipeline.context(HttpResponseEncoder.class);
    if (encoder != null && pipeline.get(Dated.class) == null) {
      pipeline.addAfter(encoder.name(), null, new Dated(date));
    }
  }

  private static final class Dated extends ChannelOutboundHandlerAdapter {
    private final DateHeader date;

    Dated(DateHeader date) {
      this.date = date;
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise written)
        throws Exception {
      if (message instanceof HttpResponse response) {
        HttpHeaders unused = response.headers().set(HttpHeaderNames.DATE, date.now());
      }
      super.write(context, message, written);
    }
  }
}
