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
 * Ready if the database answers, has the schema and applies the required session settings, and this
 * server has no pending migration.
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

  /** A read-only database still serves pages, so the server stays ready. */
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
