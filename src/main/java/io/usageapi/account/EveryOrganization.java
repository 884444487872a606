package io.usageapi.account;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.usageapi.database.Database;
import io.usageapi.database.Steps;
import io.usageapi.security.OrganizationId;
import io.usageapi.sql.SqlQuery;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/**
 * Goes through all organizations, one after the other. No other code may list organizations, and
 * only the operator's commands and retention may use this.
 */
@ApplicationScoped
public class EveryOrganization {
  private static final int AT_A_TIME = 1_000;

  private final Database database;

  EveryOrganization(Database database) {
    this.database = database;
  }

  /** All organizations ordered by id, fetched in batches on demand. */
  public Multi<OrganizationId> all() {
    return Steps.iterate("", this::after, page -> page.stream().reduce((a, b) -> b))
        .onItem()
        .<String>disjoint()
        .map(OrganizationId::new);
  }

  /** Whether an organization exists. */
  public Uni<Boolean> has(OrganizationId organization) {
    return read("SELECT id FROM organization WHERE id = $1", List.of(organization.value()))
        .map(found -> !found.isEmpty());
  }

  private Uni<List<String>> after(String last) {
    return read(
        "SELECT id FROM organization WHERE id > $1 ORDER BY id LIMIT $2", List.of(last, AT_A_TIME));
  }

  private Uni<List<String>> read(String sql, List<Object> arguments) {
    return database.read(new SqlQuery(sql, arguments), row -> row.getString(0));
  }
}
