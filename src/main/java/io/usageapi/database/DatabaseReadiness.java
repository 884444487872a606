package io.usageapi.database;

import io.smallrye.health.api.AsyncHealthCheck;
import io.smallrye.mutiny.Uni;
import io.usageapi.sql.SqlQuery;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready when the database answers and has the schema, and this server has none to bring it. */
@Readiness
@ApplicationScoped
public class DatabaseReadiness implements AsyncHealthCheck {
  /** Asks the catalogue: where the tables are spread, no node of theirs has to be there for it. */
  private static final SqlQuery PROBE =
      new SqlQuery(
          "SELECT current_setting('transaction_read_only') WHERE 'monthly_usage'::regclass IS NOT"
              + " NULL AND 'record_identity'::regclass IS NOT NULL AND 'data_version'::regclass IS"
              + " NOT NULL",
          List.of());

  private final Database database;
  private final Migrations migrations;
  private final Connections connections;

  DatabaseReadiness(Database database, Migrations migrations, Connections connections) {
    this.database = database;
    this.migrations = migrations;
    this.connections = connections;
  }

  @Override
  public Uni<HealthCheckResponse> call() {
    return database
        .readByOnePlan(PROBE, row -> "on".equals(row.getString(0)))
        .map(readOnly -> ready(readOnly.contains(true)))
        .onFailure()
        .recoverWithItem(HealthCheckResponse.down("database"));
  }

  /** What only reads still serves pages: out of service, it would serve nothing. */
  private HealthCheckResponse ready(boolean readOnly) {
    if (migrations.arePending()) {
      return HealthCheckResponse.down("database");
    }
    if (readOnly) {
      connections.turnedReadOnly();
    }
    return HealthCheckResponse.named("database").up().withData("read_only", readOnly).build();
  }
}
