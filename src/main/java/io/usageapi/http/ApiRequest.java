package io.usageapi.http;

import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
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
  private static final String HAL = "hal+json";

  /**
   * Checks that the caller accepts a type. If no method of a path produces an accepted type, the
   * framework takes one of several all the same.
   *
   * @throws ApiException 406
   */
  public void requireAccepted(MediaType type) {
    if (headers.getAcceptableMediaTypes().stream()
        .noneMatch(
            accepted ->
                accepted.getType().equals(type.getType())
                    && accepted.getSubtype().equals(type.getSubtype()))) {
      throw ApiException.of(ErrorCode.NOT_ACCEPTABLE);
    }
  }

  /** Whether the best of the JSON types that the caller accepts is HAL. */
  public boolean prefersHal() {
    return headers.getAcceptableMediaTypes().stream()
        .map(MediaType::getSubtype)
        .filter(subtype -> subtype.equals("json") || subtype.equals(HAL))
        .findFirst()
        .filter(HAL::equals)
        .isPresent();
  }

  /** The query as sent, still encoded, or null. */
  public String rawQuery() {
    return http.query();
  }
}
