package io.usageapi.http.body;

import io.netty.handler.codec.compression.StandardCompressionOptions;
import io.netty.handler.codec.http.HttpContentCompressor;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import jakarta.ws.rs.core.HttpHeaders;
import java.util.List;

/**
 * The content coding the HTTP server will give an answer. It is asked itself, so that an entity tag
 * says of the coding what is true: this is the class by which the server decides, with the codings
 * it has. Every media type of the contract is compressed, and no size is too small.
 */
public final class ContentCoding extends HttpContentCompressor {
  /** The coding of what is not compressed. */
  public static final String IDENTITY = "identity";

  private static final ContentCoding SERVER = new ContentCoding();

  private ContentCoding() {
    super(StandardCompressionOptions.gzip(), StandardCompressionOptions.deflate());
  }

  /** The coding of the answer with a body to a request. */
  public static String of(HttpServerRequest request) {
    List<String> accepted = request.headers().getAll(HttpHeaders.ACCEPT_ENCODING);
    if (accepted.isEmpty() || request.version() == HttpVersion.HTTP_1_0) {
      return IDENTITY;
    }
    String coding =
        SERVER.determineEncoding(
            // In HTTP/2 the server looks at the first line only.
            request.version() == HttpVersion.HTTP_2 ? accepted.get(0) : String.join(",", accepted));
    return coding == null ? IDENTITY : coding;
  }
}
