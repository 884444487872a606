package io.usageapi.database;

import io.smallrye.health.api.AsyncHealthCheck;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/**
 * Ready when the database answers, has the schema, and holds to the deadlines of the connections.
 */
@Readiness
@ApplicationScoped
public class DatabaseReadiness implements AsyncHealthCheck {
  private static final String NAME = "database";

  private final SessionCheck session;
  private final Connections connections;

  DatabaseReadiness(SessionCheck session, Connections connections) {
    this.session = session;
    this.connections = connections;
  }

  @Override
  public Uni<HealthCheckResponse> call() {
    return session
        .now()
        .map(state -> state.holds() ? up(state.readOnly()) : HealthCheckResponse.down(NAME))
        .onFailure()
        .recoverWithItem(HealthCheckResponse.down(NAME));
  }

  /** What only reads still serves pages: out of service, it would serve nothing. */
  private HealthCheckResponse up(boolean readOnly) {
    if (readOnly) {
      connections.turnedReadOnly();
    }
    return HealthCheckResponse.named(NAME).up().withData("read_only", readOnly).build();
  }
}
