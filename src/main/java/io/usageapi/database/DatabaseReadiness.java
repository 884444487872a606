package io.usageapi.database;

import io.smallrye.health.api.AsyncHealthCheck;
import io.smallrye.mutiny.Uni;
import io.usageapi.database.connection.Connections;
import io.usageapi.database.connection.SessionCheck;
import io.usageapi.database.migration.Migrations;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/**
 * Ready when the database answers, has the schema, and holds to the deadlines of the connections,
 * and this server has no migration to bring it.
 */
@Readiness
@ApplicationScoped
public class DatabaseReadiness implements AsyncHealthCheck {
  private static final String NAME = "database";

  private final SessionCheck session;
  private final Migrations migrations;
  private final Connections connections;

  DatabaseReadiness(SessionCheck session, Migrations migrations, Connections connections) {
    this.session = session;
    this.migrations = migrations;
    this.connections = connections;
  }

  @Override
  public Uni<HealthCheckResponse> call() {
    return session
        .now()
        .map(state -> state.holds() ? ready(state.readOnly()) : HealthCheckResponse.down(NAME))
        .onFailure()
        .recoverWithItem(HealthCheckResponse.down(NAME));
  }

  /** What only reads still serves pages: out of service, it would serve nothing. */
  private HealthCheckResponse ready(boolean readOnly) {
    if (migrations.arePending()) {
      return HealthCheckResponse.down(NAME);
    }
    if (readOnly) {
      connections.turnedReadOnly();
    }
    return HealthCheckResponse.named(NAME).up().withData("read_only", readOnly).build();
  }
}
