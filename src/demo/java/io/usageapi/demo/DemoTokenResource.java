package io.usageapi.demo;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.arc.profile.IfBuildProfile;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jboss.resteasy.reactive.RestForm;
import org.jboss.resteasy.reactive.RestResponse;

/** The demo's token endpoint, for client credentials (RFC 6749 section 4.4). */
@Path("/oauth/token")
@IfBuildProfile("demo")
public class DemoTokenResource {
  private final DemoTokens tokens;

  DemoTokenResource(DemoTokens tokens) {
    this.tokens = tokens;
  }

  /** The response of RFC 6749 section 5.1, or the error of section 5.2. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record TokenResponse(
      String accessToken, String tokenType, Long expiresIn, String scope, String error) {
    static TokenResponse failed(String error) {
      return new TokenResponse(null, null, null, null, error);
    }
  }

  /** A token for a client with its secret, by Basic authentication or in the form. */
  @POST
  @PermitAll
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  @Produces(MediaType.APPLICATION_JSON)
  public Uni<RestResponse<TokenResponse>> token(
      @RestForm("grant_type") String grantType,
      @RestForm("scope") String scope,
      @RestForm("client_id") String clientId,
      @RestForm("client_secret") String clientSecret,
      @HeaderParam(HttpHeaders.AUTHORIZATION) String authorization) {
    return Uni.createFrom()
        .item(answer(grantType, scope, credentials(authorization, clientId, clientSecret)));
  }

  private record Credentials(String id, String secret) {}

  private RestResponse<TokenResponse> answer(
      String grantType, String scope, Optional<Credentials> credentials) {
    if (!"client_credentials".equals(grantType)) {
      return error(RestResponse.Status.BAD_REQUEST, "unsupported_grant_type");
    }
    Optional<DemoClient> client =
        credentials
            .filter(given -> DemoClient.SECRET.equals(given.secret()))
            .flatMap(given -> DemoClient.withId(given.id()));
    if (client.isEmpty()) {
      return error(RestResponse.Status.UNAUTHORIZED, "invalid_client");
    }
    Set<String> scopes = new HashSet<>(client.get().scopes());
    if (scope != null && !scope.isBlank()) {
      scopes.retainAll(Arrays.asList(scope.trim().split(" +")));
    }
    return RestResponse.ResponseBuilder.ok(
            new TokenResponse(
                tokens.sign(client.get(), scopes),
                "Bearer",
                DemoTokens.LIFESPAN.toSeconds(),
                String.join(" ", scopes),
                null))
        .header(HttpHeaders.CACHE_CONTROL, "no-store")
        .build();
  }

  private static RestResponse<TokenResponse> error(RestResponse.Status status, String error) {
    return RestResponse.ResponseBuilder.create(status, TokenResponse.failed(error)).build();
  }

  private static Optional<Credentials> credentials(
      String authorization, String clientId, String clientSecret) {
    if (authorization == null) {
      return clientId == null
          ? Optional.empty()
          : Optional.of(new Credentials(clientId, clientSecret));
    }
    if (!authorization.startsWith("Basic ")) {
      return Optional.empty();
    }
    try {
      String pair =
          new String(
              Base64.getDecoder().decode(authorization.substring("Basic ".length())),
              StandardCharsets.UTF_8);
      int colon = pair.indexOf(':');
      return colon < 0
          ? Optional.empty()
          : Optional.of(
              new Credentials(
                  URLDecoder.decode(pair.substring(0, colon), StandardCharsets.UTF_8),
                  URLDecoder.decode(pair.substring(colon + 1), StandardCharsets.UTF_8)));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
