package io.usageapi.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.security.AuthenticationException;
import io.quarkus.security.ForbiddenException;
import io.quarkus.security.UnauthorizedException;
import io.quarkus.vertx.http.ManagementInterface;
import io.usageapi.config.FilterOrder;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorBody;
import io.usageapi.error.ErrorCode;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import org.jboss.logging.Logger;

/**
 * Answers failures outside the resources with the error body. The HTTP server refuses a request
 * without a host before any filter runs; the framework would answer it in a form of its own, and
 * log the address with its query (docs/upstream.md).
 */
@ApplicationScoped
public class RequestFailures {
  private static final Logger LOG = Logger.getLogger(RequestFailures.class);

  private final ObjectMapper json;
  private final DateHeader date;

  RequestFailures(ObjectMapper json, DateHeader date) {
    this.json = json;
    this.date = date;
  }

  void register(@Observes Router router) {
    router.route().order(-FilterOrder.FAILURES).failureHandler(this::answer);
  }

  void register(@Observes ManagementInterface management) {
    management.router().route().order(-FilterOrder.FAILURES).failureHandler(this::answer);
  }

  private void answer(RoutingContext context) {
    HttpServerResponse response = context.response();
    if (response.ended() || response.headWritten() || isLeftToTheFramework(context.failure())) {
      context.next();
      return;
    }
    // Where it failed before the filters.
    if (!response.headers().contains(RequestIds.HEADER)) {
      date.give(context);
      SecurityHeaders.give(context);
      RequestIds.give(context);
    }
    refuse(context, error(context));
  }

  private void refuse(RoutingContext context, ErrorBody error) {
    try {
      String body = json.writeValueAsString(error);
      // A body that nobody reads must not hold up the next request of the connection.
      context.request().resume();
      context
          .response()
          .setStatusCode(error.code().status())
          .putHeader(HttpHeaders.CONTENT_TYPE, MediaType.APPLICATION_JSON)
          // It is not compressed, so the server does not even read which codings are accepted.
          .putHeader(HttpHeaders.CONTENT_ENCODING, HttpHeaders.IDENTITY)
          .end(body)
          .onFailure(end -> LOG.debug("A client hung up before it had its error", end));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The framework challenges a caller without access; a client that hung up gets no answer. */
  private static boolean isLeftToTheFramework(Throwable failure) {
    return failure instanceof AuthenticationException
        || failure instanceof UnauthorizedException
        || failure instanceof ForbiddenException
        || failure instanceof IOException;
  }

  private static ErrorBody error(RoutingContext context) {
    if (context.failure() instanceof ApiException refused) {
      return refused.body();
    }
    if (context.failure() instanceof RejectedExecutionException) {
      LOG.warn("There is no thread for a request", context.failure());
      return ErrorBody.of(ErrorCode.UNAVAILABLE);
    }
    return switch (context.statusCode()) {
      case 400 -> badRequest(context);
      case 404 -> ErrorBody.of(ErrorCode.NOT_FOUND);
      case 405 -> ErrorBody.of(ErrorCode.METHOD_NOT_ALLOWED);
      case 413 -> ErrorBody.of(ErrorCode.PAYLOAD_TOO_LARGE);
      default -> {
        LOG.error("A request failed", context.failure());
        yield ErrorBody.of(ErrorCode.INTERNAL_ERROR);
      }
    };
  }

  private static ErrorBody badRequest(RoutingContext context) {
    Optional<String> fault = RequestHead.fault(context.request());
    return RequestHead.malformed(fault.orElse("The request is malformed.")).body();
  }
}
