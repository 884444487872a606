package io.usageapi.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpMessage;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.VertxHttpRequestDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Reads requests of HTTP/1 as the server does, and gives up on a head that has more lines than any
 * request may before it has ended. A line of 5 bytes takes 150 in memory: of heads of 60 KB that
 * never end 250 were enough to use up the heap, without a token.
 */
final class HeadDecoder extends VertxHttpRequestDecoder {
  /** What {@link RequestLimits} takes, with the request line and the end. */
  private static final int MAX_LINES = RequestLimits.MAX_FIELDS + 2;

  private static final byte[] REFUSAL =
      "HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
          .getBytes(StandardCharsets.US_ASCII);

  private int lines;
  private boolean inHead;
  private boolean answering;
  private boolean refused;

  HeadDecoder(HttpServerOptions options) {
    super(options);
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
    if (!inHead) {
      return;
    }
    for (int i = messages; i < out.size(); i++) {
      if (out.get(i) instanceof HttpMessage) {
        // It is a whole head, or one that could not be read.
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
      // An answer may be on its way, which another would break.
      ChannelFuture unused = context.close();
    } else {
      context
          .writeAndFlush(Unpooled.wrappedBuffer(REFUSAL))
          .addListener(ChannelFutureListener.CLOSE);
    }
  }
}
