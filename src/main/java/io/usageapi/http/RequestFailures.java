package io.usageapi.http;

import io.quarkus.security.AuthenticationException;
import io.quarkus.security.ForbiddenException;
import io.quarkus.security.UnauthorizedException;
import io.quarkus.vertx.http.ManagementInterface;
import io.usageapi.error.ErrorBody;
import io.usageapi.error.ErrorCode;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import org.jboss.logging.Logger;

/**
 * Answers what fails before or beside the resources with the contract's error. The HTTP server
 * refuses a request without a host before any of the filters; the framework would answer that in a
 * form of its own, and log the address with its query.
 */
@ApplicationScoped
public class RequestFailures {
  private static final Logger LOG = Logger.getLogger(RequestFailures.class);

  /** Before the framework's own. */
  private static final int ORDER = -10_000;

  private final EarlyAnswer answer;

  RequestFailures(EarlyAnswer answer) {
    this.answer = answer;
  }

  void register(@Observes Router router) {
    router.route().order(ORDER).failureHandler(this::answer);
  }

  void register(@Observes ManagementInterface management) {
    management.router().route().order(ORDER).failureHandler(this::answer);
  }

  private void answer(RoutingContext context) {
    HttpServerResponse response = context.response();
    if (response.ended() || response.headWritten() || isLeftToTheFramework(context.failure())) {
      context.next();
      return;
    }
    // Where it failed before the filters.
    if (!response.headers().contains(RequestIds.HEADER)) {
      SecurityHeaders.give(context);
      RequestIds.give(context);
    }
    answer.refuse(context, error(context));
  }

  /** Who is not let in gets a challenge; to whom hung up nothing is said. */
  private static boolean isLeftToTheFramework(Throwable failure) {
    return failure instanceof AuthenticationException
        || failure instanceof UnauthorizedException
        || failure instanceof ForbiddenException
        || failure instanceof IOException;
  }

  private static ErrorBody error(RoutingContext context) {
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
    Optional<String> fault = RequestTarget.fault(context.request());
    return RequestLimits.malformed(fault.orElse("The request is malformed."));
  }
}
