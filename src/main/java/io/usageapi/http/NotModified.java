package io.usageapi.http;

import java.util.Map;

/** The caller holds the answer already: a 304. */
public final class NotModified extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Map<String, String> headers;

  /**
   * Makes one.
   *
   * @param headers the headers the answer would have had that the 304 has too
   */
  NotModified(Map<String, String> headers) {
    // No stack trace: this is an answer to a caller, not a fault of the server.
    super("the caller holds the answer already", null, false, false);
    this.headers = headers;
  }

  Map<String, String> headers() {
    return headers;
  }
}
