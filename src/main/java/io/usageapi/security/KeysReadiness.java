package io.usageapi.security;

import io.smallrye.health.api.AsyncHealthCheck;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready once the token keys were fetched; known keys stay in use without the identity provider. */
@Readiness
@ApplicationScoped
public class KeysReadiness implements AsyncHealthCheck {
  private final KeySet keys;

  KeysReadiness(KeySet keys) {
    this.keys = keys;
  }

  @Override
  public Uni<HealthCheckResponse> call() {
    return keys.isKnown()
        .map(known -> HealthCheckResponse.named("token keys").status(known).build());
  }
}
