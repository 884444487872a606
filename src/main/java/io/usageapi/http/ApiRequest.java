package io.usageapi.http;

import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Request;

/**
 * A request, as the resources get it.
 *
 * @param headers its headers, with the media types that count
 * @param conditions the conditions of its answer
 * @param http the request itself
 */
public record ApiRequest(
    @Context HttpHeaders headers, @Context Request conditions, @Context HttpServerRequest http) {
  /** The query as sent, still encoded, or null. */
  public String rawQuery() {
    return http.query();
  }
}
