package io.usageapi.error;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A request that is answered with an error of the OpenAPI document. */
public final class ApiException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private static final int CONFLICT = 409;

  private final transient ErrorBody body;
  private final int status;
  private final transient Optional<Duration> retryAfter;

  private ApiException(ErrorBody body, Throwable cause, Optional<Duration> retryAfter) {
    this(body, body.code().status(), cause, retryAfter);
  }

  private ApiException(ErrorBody body, int status, Throwable cause, Optional<Duration> retryAfter) {
    // No stack trace: this is an answer to a caller, not a fault of the server.
    super(body.code().wireName(), cause, false, false);
    this.body = body;
    this.status = status;
    this.retryAfter = retryAfter;
  }

  /** An error with this body. */
  public static ApiException of(ErrorBody body) {
    return new ApiException(body, null, Optional.empty());
  }

  /** An error without a description. */
  public static ApiException of(ErrorCode code) {
    return of(ErrorBody.of(code));
  }

  /** An error with a description of what happened to this request. */
  public static ApiException of(ErrorCode code, String description) {
    return of(ErrorBody.of(code, description));
  }

  /** An error with a description, and its cause, which is only logged. */
  public static ApiException of(ErrorCode code, String description, Throwable cause) {
    return new ApiException(ErrorBody.of(code, description), cause, Optional.empty());
  }

  /** An error with the invalid fields. */
  public static ApiException of(ErrorCode code, List<FieldError> fields) {
    return of(new ErrorBody(code, code.message(), null, List.copyOf(fields)));
  }

  /** An error with a description and the invalid fields. */
  public static ApiException of(ErrorCode code, String description, List<FieldError> fields) {
    return of(new ErrorBody(code, code.message(), description, List.copyOf(fields)));
  }

  /** 409 with a code that says what it conflicts with, and the fields that do. */
  public static ApiException conflict(ErrorCode code, String description, List<FieldError> fields) {
    return new ApiException(
        new ErrorBody(code, code.message(), description, List.copyOf(fields)),
        CONFLICT,
        null,
        Optional.empty());
  }

  /** 429 with a description, and how long to wait, in whole seconds. */
  public static ApiException rateLimited(String description, Duration retryAfter) {
    return new ApiException(
        ErrorBody.of(ErrorCode.RATE_LIMITED, description), null, Optional.of(retryAfter));
  }

  /** When to try again, if known. */
  Optional<Duration> retryAfter() {
    return retryAfter;
  }

  /** The status of the response. */
  int status() {
    return status;
  }

  /** The body of the response. */
  public ErrorBody body() {
    return body;
  }
}
