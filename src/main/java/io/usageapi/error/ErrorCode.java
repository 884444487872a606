package io.usageapi.error;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** The stable error codes, each with its HTTP status. */
public enum ErrorCode {
  INVALID_PARAMETER(400, "A parameter is not valid."),
  INVALID_FILTER(400, "The filter is not valid."),
  INVALID_CURSOR(400, "The cursor is not valid."),
  INVALID_BODY(400, "The body is not valid."),
  FILTER_TOO_EXPENSIVE(400, "The filter takes too long to evaluate."),
  UNAUTHORIZED(401, "A valid bearer token is required."),
  INSUFFICIENT_SCOPE(403, "The token lacks a required scope."),
  ORGANIZATION_REQUIRED(403, "The token names no usable organization."),
  ACCOUNT_NOT_IN_ORGANIZATION(403, "An account is not one of the organization."),
  NOT_FOUND(404, "There is nothing at this address."),
  METHOD_NOT_ALLOWED(405, "The method is not allowed here."),
  NOT_ACCEPTABLE(406, "None of the accepted media types can be produced."),
  REQUEST_TIMEOUT(408, "The request took too long to arrive."),
  CONFLICT(409, "The request conflicts with what is stored."),
  GONE(410, "What was here has been removed."),
  PAYLOAD_TOO_LARGE(413, "The body is too large."),
  URI_TOO_LONG(414, "The request line is too long."),
  UNSUPPORTED_MEDIA_TYPE(415, "The media type of the body is not supported."),
  RATE_LIMITED(429, "Too many requests."),
  HEADERS_TOO_LARGE(431, "The headers are too large."),
  INTERNAL_ERROR(500, "The server failed to answer the request."),
  UNAVAILABLE(503, "The server cannot answer right now; try again later."),
  // Records have these codes in the answer to a batch. An import that fails has the last one too.
  INVALID_RECORD(400, "The record is not valid."),
  RECORD_TOO_OLD(400, "The record lies in a month that is no longer kept."),
  MONTH_CLOSED(400, "The month is closed.");

  private final int status;
  private final String message;

  ErrorCode(int status, String message) {
    this.status = status;
    this.message = message;
  }

  /** The HTTP status of the response. */
  public int status() {
    return status;
  }

  /** A sentence for people, the same for every error with this code. */
  public String message() {
    return message;
  }

  /** The spelling on the wire, for instance {@code invalid_filter}. */
  @JsonValue
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
