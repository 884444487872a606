package io.usageapi.retention;

import io.smallrye.mutiny.Uni;
import io.usageapi.database.Database;
import io.usageapi.sql.SqlQuery;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.LocalDate;
import java.util.List;

/** Which months' records are kept. */
@ApplicationScoped
public class RetentionRepository {
  private static final SqlQuery KEPT_FROM =
      new SqlQuery("SELECT max(kept_from) FROM record_retention", List.of());

  private final Database database;

  RetentionRepository(Database database) {
    this.database = database;
  }

  /**
   * The first month whose records are kept: those of all months before it were dropped.
   *
   * @return its first day; {@link LocalDate#MIN} when none was dropped yet
   */
  public Uni<LocalDate> keptFrom() {
    return database.read(KEPT_FROM, RetentionRepository::keptFrom).map(rows -> rows.get(0));
  }

  private static LocalDate keptFrom(Row row) {
    LocalDate keptFrom = row.getLocalDate(0);
    return keptFrom == null ? LocalDate.MIN : keptFrom;
  }
}
