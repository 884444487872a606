package io.usageapi.error;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A request that is answered with an error of the contract. */
public final class ApiException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient ErrorBody body;
  private final transient Optional<Duration> retryAfter;

  private ApiException(ErrorBody body, Throwable cause) {
    this(body, cause, Optional.empty());
  }

  private ApiException(ErrorBody body, Throwable cause, Optional<Duration> retryAfter) {
    // No stack trace: this is an answer to a caller, not a fault of the server.
    super(body.code().wireName(), cause, false, false);
    this.body = body;
    this.retryAfter = retryAfter;
  }

  /** An error with this body. */
  public static ApiException of(ErrorBody body) {
    return new ApiException(body, null);
  }

  /** An error that its code says all about. */
  public static ApiException of(ErrorCode code) {
    return new ApiException(ErrorBody.of(code), null);
  }

  /** An error with a description of what happened to this very request. */
  public static ApiException of(ErrorCode code, String description) {
    return new ApiException(new ErrorBody(code, code.message(), description, List.of()), null);
  }

  /** An error with a description, and the failure behind it, for the log only. */
  public static ApiException of(ErrorCode code, String description, Throwable cause) {
    return new ApiException(new ErrorBody(code, code.message(), description, List.of()), cause);
  }

  /** An error with the fields at fault. */
  public static ApiException of(ErrorCode code, List<FieldError> fields) {
    return new ApiException(new ErrorBody(code, code.message(), null, List.copyOf(fields)), null);
  }

  /** 429, with a description and how long to wait, in whole seconds. */
  public static ApiException rateLimited(String description, Duration retryAfter) {
    ErrorCode code = ErrorCode.RATE_LIMITED;
    return new ApiException(
        new ErrorBody(code, code.message(), description, List.of()), null, Optional.of(retryAfter));
  }

  /** After what time to try again, where that is known. */
  Optional<Duration> retryAfter() {
    return retryAfter;
  }

  /** What the caller is told. */
  public ErrorBody body() {
    return body;
  }
}
