package io.usageapi.security;

import io.smallrye.health.api.AsyncHealthCheck;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.mutiny.core.Vertx;
import io.vertx.mutiny.core.http.HttpClient;
import io.vertx.mutiny.core.http.HttpClientRequest;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/**
 * Ready once the keys that tokens are verified with could be fetched. Keys once known serve on
 * while the identity provider is away, so it is asked no more after that.
 */
@Readiness
@ApplicationScoped
public class KeysReadiness implements AsyncHealthCheck {
  private static final String NAME = "token keys";
  private static final Duration DEADLINE = Duration.ofSeconds(3);

  private final Optional<String> location;
  private final HttpClient http;
  private volatile boolean known;

  KeysReadiness(
      @ConfigProperty(name = "mp.jwt.verify.publickey.location") Optional<String> location,
      Vertx vertx) {
    this.location = location.filter(address -> address.startsWith("http"));
    this.http = vertx.createHttpClient();
  }

  @Override
  public Uni<HealthCheckResponse> call() {
    if (known || location.isEmpty()) {
      return Uni.createFrom().item(HealthCheckResponse.up(NAME));
    }
    return http.request(
            new RequestOptions().setMethod(HttpMethod.GET).setAbsoluteURI(location.get()))
        .chain(HttpClientRequest::send)
        .ifNoItem()
        .after(DEADLINE)
        .failWith(TimeoutException::new)
        .map(
            response -> {
              known = response.statusCode() == 200;
              return HealthCheckResponse.named(NAME).status(known).build();
            })
        .onFailure()
        .recoverWithItem(HealthCheckResponse.down(NAME));
  }
}
