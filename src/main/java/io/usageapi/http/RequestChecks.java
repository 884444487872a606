package io.usageapi.http;

import io.usageapi.config.FilterOrder;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;

/** Checks path, {@code Accept} and {@code Content-Type}, which the framework takes too lightly. */
public class RequestChecks {
  /**
   * 404 for a path that is not UTF-8, and for one with matrix parameters: the framework would cut
   * them off, and {@code a;b} would be the account {@code a}.
   */
  @ServerRequestFilter(preMatching = true, priority = FilterOrder.REQUEST_CHECKS)
  public void checkPath(HttpServerRequest request) {
    String path = request.path();
    if (path == null || path.indexOf(';') >= 0 || QueryParameters.decode(path).isEmpty()) {
      throw ApiException.of(ErrorCode.NOT_FOUND);
    }
  }

  /**
   * Replaces {@code Accept} by the types that count, best first. The framework knows neither
   * weights of 0 nor types that must be asked for by name, and without {@code Accept} it takes any
   * method of a path.
   */
  @ServerRequestFilter(preMatching = true, priority = FilterOrder.REQUEST_CHECKS)
  public void checkAccept(ContainerRequestContext request) {
    List<String> accept = request.getHeaders().get(HttpHeaders.ACCEPT);
    if (accept == null || accept.stream().allMatch(String::isBlank)) {
      request.getHeaders().putSingle(HttpHeaders.ACCEPT, MediaType.APPLICATION_JSON);
    } else {
      List<String> accepted = MediaTypes.accepted(accept);
      if (accepted.isEmpty()) {
        throw ApiException.of(ErrorCode.NOT_ACCEPTABLE);
      }
      request.getHeaders().putSingle(HttpHeaders.ACCEPT, inOrder(accepted));
    }
  }

  /** With falling weights: among equals the framework would decide. */
  private static String inOrder(List<String> types) {
    StringBuilder accept = new StringBuilder(types.get(0));
    for (int i = 1; i < types.size(); i++) {
      accept.append(", ").append(types.get(i)).append(";q=0.").append(10 - i);
    }
    return accept.toString();
  }

  /** Drops the weight that won, which the framework repeats in the type of the answer. */
  @ServerResponseFilter(priority = FilterOrder.ANSWERS)
  public void dropWeight(ContainerResponseContext response) {
    MediaType type = response.getMediaType();
    if (type != null && type.getParameters().containsKey("q")) {
      response.setEntity(
          response.getEntity(),
          response.getEntityAnnotations(),
          new MediaType(type.getType(), type.getSubtype(), type.getParameters().get("charset")));
    }
  }

  /** 415 for a malformed type, at which the framework fails, and for a range of types. */
  @ServerRequestFilter(preMatching = true, priority = FilterOrder.REQUEST_CHECKS)
  public void checkContentType(ContainerRequestContext request) {
    String type = request.getHeaderString(HttpHeaders.CONTENT_TYPE);
    if (type != null && !MediaTypes.isConcrete(type)) {
      throw ApiException.of(ErrorCode.UNSUPPORTED_MEDIA_TYPE);
    }
  }
}
