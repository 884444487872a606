package io.usageapi.error;

import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.RestResponse.ResponseBuilder;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/**
 * Maps errors of the server and refusals of the framework to the error body. The packages {@code
 * security} and {@code database} map their own failures.
 */
public class ErrorMappers {
  /** When to try again after an outage, or after too many requests at once. */
  static final Duration RETRY_AFTER = Duration.ofSeconds(5);

  private static final Logger LOG = Logger.getLogger(ErrorMappers.class);

  /** An error the server answers on purpose. */
  @ServerExceptionMapper
  public RestResponse<ErrorBody> map(ApiException e) {
    if (e.getCause() != null) {
      LOG.warn(e.getMessage(), e.getCause());
    }
    return respond(e).build();
  }

  /** A response with an error that the server answers on purpose. */
  public static ResponseBuilder<ErrorBody> respond(ApiException e) {
    return respond(e.body(), e.status(), e.retryAfter());
  }

  /** Refusals of the framework: unknown paths, methods, media types, bodies. A 304 is no error. */
  @ServerExceptionMapper
  public Response map(WebApplicationException e) {
    if (e.getResponse().getStatus() == Response.Status.NOT_MODIFIED.getStatusCode()) {
      return e.getResponse();
    }
    ErrorCode code =
        switch (e.getResponse().getStatus()) {
          case 400 -> ErrorCode.INVALID_BODY;
          case 401 -> ErrorCode.UNAUTHORIZED;
          case 404 -> ErrorCode.NOT_FOUND;
          case 405 -> ErrorCode.METHOD_NOT_ALLOWED;
          case 406 -> ErrorCode.NOT_ACCEPTABLE;
          case 413 -> ErrorCode.PAYLOAD_TOO_LARGE;
          case 415 -> ErrorCode.UNSUPPORTED_MEDIA_TYPE;
          case 503 -> ErrorCode.UNAVAILABLE;
          default -> ErrorCode.INTERNAL_ERROR;
        };
    if (code == ErrorCode.INTERNAL_ERROR) {
      LOG.error("A request failed", e);
    }
    ResponseBuilder<ErrorBody> response = respond(code);
    Object allow = e.getResponse().getHeaderString(HttpHeaders.ALLOW);
    if (allow != null) {
      response.header(HttpHeaders.ALLOW, allow);
    }
    return response.build().toResponse();
  }

  /** A response with an error; 503 and 429 say when to try again. */
  public static ResponseBuilder<ErrorBody> respond(ErrorCode code) {
    return respond(ErrorBody.of(code), code.status(), Optional.empty());
  }

  private static ResponseBuilder<ErrorBody> respond(
      ErrorBody body, int status, Optional<Duration> wait) {
    ResponseBuilder<ErrorBody> response =
        ResponseBuilder.<ErrorBody>create(status)
            .entity(body)
            .type(MediaType.APPLICATION_JSON_TYPE);
    if (body.code() == ErrorCode.UNAVAILABLE || body.code() == ErrorCode.RATE_LIMITED) {
      response.header(HttpHeaders.RETRY_AFTER, wait.orElse(RETRY_AFTER).toSeconds());
    }
    return response;
  }
}
