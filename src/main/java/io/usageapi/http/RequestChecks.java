package io.usageapi.http;

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

/**
 * What is checked of every request before it is matched, as the framework takes more than it is.
 */
public class RequestChecks {
  /**
   * A path that is not UTF-8 is the address of nothing. Neither is one with matrix parameters,
   * which the framework would cut off: {@code a;b} would be the account {@code a}.
   */
  @ServerRequestFilter(preMatching = true)
  public void checkPath(HttpServerRequest request) {
    String path = request.path();
    if (path == null || path.indexOf(';') >= 0 || QueryParameters.decode(path).isEmpty()) {
      throw ApiException.of(ErrorCode.NOT_FOUND);
    }
  }

  /**
   * The framework knows neither weights of 0 nor which types must be asked for by name: of several
   * methods for a path it takes any where there is no {@code Accept}, or nothing in it.
   */
  @ServerRequestFilter(preMatching = true)
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

  /** Said by weights, as the framework's own order decides between equals. */
  private static String inOrder(List<String> types) {
    StringBuilder accept = new StringBuilder(types.get(0));
    for (int i = 1; i < types.size(); i++) {
      accept.append(", ").append(types.get(i)).append(";q=0.").append(10 - i);
    }
    return accept.toString();
  }

  /** The framework would repeat the weight that won as a parameter of the answer's type. */
  @ServerResponseFilter
  public void dropWeight(ContainerResponseContext response) {
    MediaType type = response.getMediaType();
    if (type != null && type.getParameters().containsKey("q")) {
      response.setEntity(
          response.getEntity(),
          response.getEntityAnnotations(),
          new MediaType(type.getType(), type.getSubtype(), type.getParameters().get("charset")));
    }
  }

  /** The framework fails at a malformed type, and takes {@code *}{@code /*} for any. */
  @ServerRequestFilter(preMatching = true)
  public void checkContentType(ContainerRequestContext request) {
    String type = request.getHeaderString(HttpHeaders.CONTENT_TYPE);
    if (type != null && !MediaTypes.isConcrete(type)) {
      throw ApiException.of(ErrorCode.UNSUPPORTED_MEDIA_TYPE);
    }
  }
}
