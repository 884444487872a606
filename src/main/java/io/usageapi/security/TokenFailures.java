package io.usageapi.security;

import static io.usageapi.error.ErrorMappers.respond;

import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.ForbiddenException;
import io.quarkus.security.UnauthorizedException;
import io.usageapi.error.ErrorBody;
import io.usageapi.error.ErrorCode;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.core.HttpHeaders;
import java.io.IOException;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.jboss.resteasy.reactive.server.SimpleResourceInfo;
import org.jose4j.lang.UnresolvableKeyException;

/** Answers a request whose token is missing, invalid or lacks a scope. */
public class TokenFailures {
  private static final Logger LOG = Logger.getLogger(TokenFailures.class);

  /** No token (RFC 6750 section 3). */
  @ServerExceptionMapper
  public RestResponse<ErrorBody> map(UnauthorizedException e) {
    return respond(ErrorCode.UNAUTHORIZED).header(HttpHeaders.WWW_AUTHENTICATE, "Bearer").build();
  }

  /** An invalid token (RFC 6750 section 3.1), or one that cannot be verified without keys. */
  @ServerExceptionMapper
  public RestResponse<ErrorBody> map(AuthenticationFailedException e) {
    if (areKeysMissing(e)) {
      LOG.warn("The token keys cannot be fetched", e.getCause());
      return respond(ErrorCode.UNAVAILABLE).build();
    }
    return respond(ErrorCode.UNAUTHORIZED)
        .header(HttpHeaders.WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"")
        .build();
  }

  /** A token without the resource's scope (RFC 6750 section 3.1). */
  @ServerExceptionMapper
  public RestResponse<ErrorBody> map(ForbiddenException e, SimpleResourceInfo resource)
      throws NoSuchMethodException {
    RolesAllowed scopes =
        resource
            .getResourceClass()
            .getMethod(resource.getMethodName(), resource.parameterTypes())
            .getAnnotation(RolesAllowed.class);
    String scope = scopes == null ? "" : String.join(" ", scopes.value());
    return respond(ErrorCode.INSUFFICIENT_SCOPE)
        .header(
            HttpHeaders.WWW_AUTHENTICATE,
            "Bearer error=\"insufficient_scope\", scope=\"" + scope + "\"")
        .build();
  }

  private static boolean areKeysMissing(Throwable failure) {
    boolean unresolvable = false;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      unresolvable |= cause instanceof UnresolvableKeyException;
      if (unresolvable && cause instanceof IOException) {
        return true;
      }
    }
    return false;
  }
}
