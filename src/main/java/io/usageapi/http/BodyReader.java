package io.usageapi.http;

import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.zip.ZipException;

/**
 * The body of a request, as the contract takes it: UTF-8, plain or gzip. It is read by pulling, on
 * a worker thread.
 */
public final class BodyReader {
  /** The largest ratio of what comes out of a compressed body to what went in. */
  private static final long MAX_RATIO = 100;

  private BodyReader() {}

  /**
   * Opens the body of a request.
   *
   * @param headers the headers of the request
   * @param body the body as it arrives
   * @param parameters the parameters its media type may have, beside {@code charset}
   * @param patience how long the client may take over each 32 KiB; past that a read of what is
   *     returned fails with 408
   * @throws ApiException 415 for another charset than UTF-8, another coding than gzip, or an
   *     unknown parameter value
   */
  public static InputStream open(
      HttpHeaders headers, InputStream body, Set<String> parameters, Duration patience) {
    MediaType type = headers.getMediaType();
    if (type == null) {
      throw ApiException.of(
          ErrorCode.UNSUPPORTED_MEDIA_TYPE, "The request has a body but no Content-Type.");
    }
    type.getParameters()
        .forEach(
            (name, value) -> {
              boolean known =
                  name.equalsIgnoreCase("charset")
                      ? value.equalsIgnoreCase("utf-8")
                      : !name.equalsIgnoreCase("profile") || parameters.contains(value);
              if (!known) {
                throw ApiException.of(
                    ErrorCode.UNSUPPORTED_MEDIA_TYPE, "The " + name + " is not supported here.");
              }
            });
    InputStream paced = new Paced(body, patience);
    String coding = headers.getHeaderString(HttpHeaders.CONTENT_ENCODING);
    switch (coding == null ? "identity" : coding.trim().toLowerCase(Locale.ROOT)) {
      case "identity" -> {
        return paced;
      }
      case "gzip", "x-gzip" -> {
        return new Gunzip(paced, MAX_RATIO);
      }
      default ->
          throw ApiException.of(
              ErrorCode.UNSUPPORTED_MEDIA_TYPE, "The content coding is not supported; gzip is.");
    }
  }

  /**
   * Reads a body of JSON whole.
   *
   * @param maxBytes the most it may hold, after decompression
   * @throws ApiException 413 when it holds more, 400 {@code invalid_body} when it breaks off or is
   *     not UTF-8
   */
  public static byte[] readWhole(InputStream body, int maxBytes) {
    try {
      byte[] bytes = body.readNBytes(maxBytes + 1);
      if (bytes.length > maxBytes) {
        throw ApiException.of(
            ErrorCode.PAYLOAD_TOO_LARGE, "The body may have at most " + maxBytes + " bytes.");
      }
      requireUtf8(bytes);
      return bytes;
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** The parser would take malformed UTF-8, and guess UTF-16 and UTF-32, by their zeros, too. */
  private static void requireUtf8(byte[] json) throws IOException {
    try (Reader text =
        new InputStreamReader(
            new ByteArrayInputStream(json), StandardCharsets.UTF_8.newDecoder())) {
      char[] buffer = new char[8192];
      for (int read = text.read(buffer); read >= 0; read = text.read(buffer)) {
        for (int i = 0; i < read; i++) {
          if (buffer[i] == 0) {
            throw new MalformedInputException(1);
          }
        }
      }
    }
  }

  private static ApiException unreadable(IOException e) {
    String problem = "The body broke off.";
    if (e instanceof ZipException) {
      problem = "The body is not gzip to its last byte.";
    } else if (e instanceof CharacterCodingException) {
      problem = "The body is not UTF-8.";
    }
    return ApiException.of(ErrorCode.INVALID_BODY, problem);
  }

  /**
   * Gives up on a client that sends too slowly: it holds a thread, and a place among the bodies
   * that are read. What counts is the time it is waited for, not the time that what it sent takes.
   */
  private static final class Paced extends FilterInputStream {
    private static final int PART = 32 * 1024;

    /** By how much a read that was given up may have ended before its time. */
    private static final Duration LEEWAY = Duration.ofMillis(100);

    private final long patience;
    private long waited;
    private long count;

    Paced(InputStream in, Duration patience) {
      super(in);
      this.patience = patience.toNanos();
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      long start = System.nanoTime();
      int read;
      try {
        read = in.read(buffer, offset, length);
      } catch (IOException e) {
        waited += System.nanoTime() - start + LEEWAY.toNanos();
        requirePace();
        throw e;
      }
      waited += System.nanoTime() - start;
      count += Math.max(read, 0);
      if (count >= PART) {
        count = 0;
        waited = 0;
      } else if (read >= 0) {
        requirePace();
      }
      return read;
    }

    private void requirePace() {
      if (waited > patience) {
        throw ApiException.of(
            ErrorCode.REQUEST_TIMEOUT,
            "Each 32 KiB of a body must arrive within "
                + Duration.ofNanos(patience).toSeconds()
                + " seconds. What of a stream was durable before stays; sending it all again is"
                + " safe.");
      }
    }
  }
}
