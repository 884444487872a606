package io.usageapi.http.body;

import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.SequenceInputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.zip.ZipException;

/** Reads bodies: UTF-8, plain or gzip. */
public final class BodyReader {
  /** The largest ratio of decompressed to compressed bytes. */
  private static final long MAX_RATIO = 100;

  private BodyReader() {}

  /**
   * The coding of a body, of which nothing is read.
   *
   * @param path the path of the request
   * @param profiles the profiles that a media type may have here
   * @throws ApiException 415 for another charset than UTF-8, another coding than gzip, or an
   *     unknown profile
   */
  public static Coding coding(HttpHeaders headers, String path, Set<String> profiles) {
    MediaType type = headers.getMediaType();
    if (type == null) {
      throw TakenTypes.unsupported(path, "The request has no Content-Type.");
    }
    type.getParameters()
        .forEach(
            (name, value) -> {
              boolean known =
                  name.equalsIgnoreCase("charset")
                      ? value.equalsIgnoreCase("utf-8")
                      : !name.equalsIgnoreCase("profile") || profiles.contains(value);
              if (!known) {
                throw TakenTypes.unsupported(
                    path,
                    name.equalsIgnoreCase("charset")
                        ? "The charset is not supported; UTF-8 is."
                        : "The profile is not supported here.");
              }
            });
    String coding = headers.getHeaderString(HttpHeaders.CONTENT_ENCODING);
    return switch (coding == null ? "identity" : coding.trim().toLowerCase(Locale.ROOT)) {
      case "identity" -> Coding.IDENTITY;
      case "gzip", "x-gzip" -> Coding.GZIP;
      default ->
          throw TakenTypes.unsupported(path, "The content coding is not supported; gzip is.");
    };
  }

  public enum Coding {
    IDENTITY,
    GZIP
  }

  /** The decompressed body; nothing of it is read yet. */
  public static InputStream plain(InputStream body, Coding coding) {
    return coding == Coding.IDENTITY ? body : new Gunzip(body, MAX_RATIO);
  }

  /**
   * The same body, of which the first two bytes were looked at.
   *
   * @throws ApiException 400 {@code invalid_body} if it is gzip
   */
  public static InputStream requireNoGzip(InputStream body) {
    try {
      byte[] head = body.readNBytes(2);
      if (head.length == 2 && head[0] == 0x1F && head[1] == (byte) 0x8B) {
        throw ApiException.of(
            ErrorCode.INVALID_BODY, "The body is gzip: add the header Content-Encoding: gzip.");
      }
      return new SequenceInputStream(new ByteArrayInputStream(head), body);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /**
   * Reads a JSON body whole.
   *
   * @param maxBytes the most it may have, decompressed
   * @throws ApiException 413 if it has more, 400 {@code invalid_body} if it breaks off or is not
   *     UTF-8
   */
  public static byte[] readWhole(InputStream body, int maxBytes) {
    try {
      byte[] bytes = body.readNBytes(maxBytes + 1);
      if (bytes.length > maxBytes) {
        throw tooLarge(maxBytes);
      }
      requireUtf8(bytes);
      return bytes;
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** 413 for a body of more than {@code maxBytes}. */
  static ApiException tooLarge(int maxBytes) {
    return ApiException.of(
        ErrorCode.PAYLOAD_TOO_LARGE, "The body may have at most " + maxBytes + " bytes.");
  }

  /** The parser would accept malformed UTF-8, and guess UTF-16 and UTF-32 by their zeros. */
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
      problem = "The body is not gzip.";
    } else if (e instanceof CharacterCodingException) {
      problem = "The body is not UTF-8.";
    }
    return ApiException.of(ErrorCode.INVALID_BODY, problem);
  }
}
