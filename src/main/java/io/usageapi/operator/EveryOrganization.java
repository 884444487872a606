package io.usageapi.operator;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.usageapi.database.Database;
import io.usageapi.database.Steps;
import io.usageapi.security.OrganizationId;
import io.usageapi.sql.SqlQuery;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/**
 * All organizations, one after the other: the only way to more than one, and for the operator's
 * commands alone. What they then do is done for one organization at a time.
 */
@ApplicationScoped
public class EveryOrganization {
  private static final int AT_A_TIME = 1_000;

  private final Database database;
  private final OperatorConfig config;

  EveryOrganization(Database database, OperatorConfig config) {
    this.database = database;
    this.config = config;
  }

  /** All organizations in the order of their ids, fetched as they are asked for. */
  public Multi<OrganizationId> all() {
    return Steps.of(
            () -> new AtomicReference<>(""),
            last ->
                after(last.get())
                    .invoke(page -> page.stream().reduce((a, b) -> b).ifPresent(last::set)))
        .until(List::isEmpty)
        .onItem()
        .<String>disjoint()
        .map(OrganizationId::new);
  }

  /** Whether there is such an organization. */
  public Uni<Boolean> has(OrganizationId organization) {
    return read(new SqlQuery(
            "SELECT id FROM organization WHERE id = $1", List.of(organization.value())))
        .map(found -> !found.isEmpty());
  }

  private Uni<List<String>> after(String last) {
    return read(
        new SqlQuery(
            "SELECT id FROM organization WHERE id > $1 ORDER BY id LIMIT $2",
            List.of(last, AT_A_TIME)));
  }

  private Uni<List<String>> read(SqlQuery query) {
    return database.transaction(
        config.statementTimeout(),
        connection -> database.run(connection, query, row -> row.getString(0)));
  }
}
