package io.usageapi.record;

import io.smallrye.mutiny.Uni;
import io.usageapi.aggregate.UsageAggregate;
import io.usageapi.database.Database;
import io.usageapi.page.Page;
import io.usageapi.sql.SqlBuilder;
import io.usageapi.sql.SqlQuery;
import io.vertx.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.ZoneOffset;
import java.util.List;

/** The records behind the aggregates. */
@ApplicationScoped
public class StoredRecordRepository {
  private final Database database;

  StoredRecordRepository(Database database) {
    this.database = database;
  }

  /**
   * A page of an aggregate's records. Its cost does not grow with its depth.
   *
   * @param aggregate the aggregate of the query
   * @return the page; empty if the records of the month were dropped
   */
  public Uni<Page<StoredRecord>> page(StoredRecordQuery query, UsageAggregate aggregate) {
    return database
        .read(statement(query, aggregate), row -> record(aggregate, row))
        .map(rows -> Page.of(query.page().start(), rows, query.page().perPage()));
  }

  /** Reads one row more than a page has, to know whether more follow. */
  private static SqlQuery statement(StoredRecordQuery query, UsageAggregate aggregate) {
    boolean descending = query.page().start().backward();
    SqlBuilder sql =
        new SqlBuilder()
            .append(
                """
                SELECT id, occurred_at, received_at, number_of_units, total_amount
                FROM usage_record WHERE organization_id =\s""")
            .bind(query.organization().value())
            // The month names the one partition to look in.
            .append(" AND month = ")
            .bind(aggregate.key().month())
            .append(" AND aggregate_id = ")
            .bind(aggregate.monthlyId());
    List<String> order = List.of("occurred_at", "id");
    query
        .key()
        .ifPresent(
            key ->
                sql.append(" AND ")
                    .compare(
                        order,
                        descending ? "<" : ">",
                        List.of(key.occurredAt().atOffset(ZoneOffset.UTC), key.id())));
    return sql.orderBy(order, descending)
        .append(" LIMIT ")
        .bind(query.page().perPage() + 1L)
        .build();
  }

  private static StoredRecord record(UsageAggregate aggregate, Row row) {
    return new StoredRecord(
        row.getString(0),
        aggregate.key(),
        row.getOffsetDateTime(1).toInstant(),
        row.getOffsetDateTime(2).toInstant(),
        row.getBigDecimal(3),
        row.getBigDecimal(4));
  }
}
