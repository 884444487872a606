package io.usageapi.http;

import io.usageapi.config.FilterOrder;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorBody;
import io.usageapi.error.ErrorCode;
import io.usageapi.error.ErrorMappers;
import io.usageapi.http.body.TakenTypes;
import io.usageapi.json.TextDecimals;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.NotSupportedException;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;

/** Checks path, {@code Accept} and {@code Content-Type}, which the framework takes too lightly. */
public class RequestChecks {
  /** The property of a request with the accepted types, if one has its decimals as strings. */
  private static final String TEXT_DECIMALS = TextDecimals.class.getName();

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
      if (accepted.stream().anyMatch(type -> type.endsWith(MediaTypes.TEXT_DECIMALS))) {
        request.setProperty(TEXT_DECIMALS, accepted);
      }
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

  /**
   * Drops the weight that won, which the framework repeats in the type of the answer. Writes
   * decimals as strings if the caller asked for it; errors have none.
   */
  @ServerResponseFilter(priority = FilterOrder.ANSWERS)
  public void finish(ContainerRequestContext request, ContainerResponseContext response) {
    MediaType type = response.getMediaType();
    if (type == null) {
      return;
    }
    boolean text = isText(type, request.getProperty(TEXT_DECIMALS)) && response.getStatus() < 400;
    if (text || type.getParameters().containsKey("q")) {
      Object body = response.getEntity();
      response.setEntity(
          text && body != null ? new TextDecimals(body) : body,
          response.getEntityAnnotations(),
          new MediaType(type.getType(), type.getSubtype(), type.getParameters().get("charset")));
    }
    if (text) {
      // As a text: a MediaType would have its parameters in lower case.
      response
          .getHeaders()
          .putSingle(
              HttpHeaders.CONTENT_TYPE,
              name(type) + MediaTypes.TEXT_DECIMALS + ";charset=" + StandardCharsets.UTF_8);
    }
  }

  private static boolean isText(MediaType type, Object accepted) {
    return accepted instanceof List<?> types
        && types.contains(name(type) + MediaTypes.TEXT_DECIMALS);
  }

  private static String name(MediaType type) {
    return type.getType() + '/' + type.getSubtype();
  }

  /** 415 for a malformed type, at which the framework fails, and for a range of types. */
  @ServerRequestFilter(preMatching = true, priority = FilterOrder.REQUEST_CHECKS)
  public void checkContentType(ContainerRequestContext request, HttpServerRequest http) {
    String type = request.getHeaderString(HttpHeaders.CONTENT_TYPE);
    if (type != null && !MediaTypes.isConcrete(type)) {
      throw TakenTypes.unsupported(http.path(), "The Content-Type is malformed.");
    }
  }

  /** The framework's 415 does not say what is taken. */
  @ServerExceptionMapper
  public RestResponse<ErrorBody> refuse(NotSupportedException e, HttpServerRequest request) {
    return ErrorMappers.respond(TakenTypes.unsupported(request.path(), "")).build();
  }
}
