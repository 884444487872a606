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
          "SELECT 1 WHERE 'monthly_usage'::regclass IS NOT NULL"
              + " AND 'record_identity'::regclass IS NOT NULL"
              + " AND 'data_version'::regclass IS NOT NULL",
          List.of());

  private final Database database;
  private final Migrations migrations;

  DatabaseReadiness(Database database, Migrations migrations) {
    this.database = database;
    this.migrations = migrations;
  }

  @Override
  public Uni<HealthCheckResponse> call() {
    return database
        .readByOnePlan(PROBE, row -> row)
        .map(
            rows ->
                migrations.arePending()
                    ? HealthCheckResponse.down("database")
                    : HealthCheckResponse.up("database"))
        .onFailure()
        .recoverWithItem(HealthCheckResponse.down("database"));
  }
}
