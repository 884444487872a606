package io.usageapi.record;

import io.smallrye.mutiny.Uni;
import io.usageapi.aggregate.AggregateId;
import io.usageapi.aggregate.UsageAggregate;
import io.usageapi.database.Database;
import io.usageapi.page.Page;
import io.usageapi.sql.SqlBuilder;
import io.usageapi.sql.SqlQuery;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.YearMonth;
import java.time.ZoneOffset;

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
   * @param query which page
   * @param aggregate the aggregate the query names
   * @return the page; without rows when the records of the month were dropped
   */
  public Uni<Page<StoredRecord>> page(StoredRecordQuery query, UsageAggregate aggregate) {
    return database
        .read(statement(query, aggregate), row -> stored(aggregate, row))
        .map(rows -> Page.of(query.page().start(), rows, query.page().perPage()));
  }

  /** One row more than a page holds tells whether there is more. */
  private static SqlQuery statement(StoredRecordQuery query, UsageAggregate aggregate) {
    boolean descending = query.page().start().backward();
    SqlBuilder sql =
        new SqlBuilder()
            .append(
                "SELECT id, occurred_at, received_at, number_of_units, total_amount"
                    + " FROM usage_record WHERE organization_id = ")
            .bind(query.organization().value())
            // The month names the one partition to look in.
            .append(" AND month = ")
            .bind(YearMonth.parse(aggregate.month()).atDay(1))
            .append(" AND aggregate_id = ")
            .bind(AggregateId.parse(aggregate.id()));
    query
        .key()
        .ifPresent(
            key ->
                sql.append(" AND (occurred_at, id) ")
                    .append(descending ? "< (" : "> (")
                    .bind(key.occurredAt().atOffset(ZoneOffset.UTC))
                    .append(", ")
                    .bind(key.id())
                    .append(")"));
    return sql.append(" ORDER BY occurred_at")
        .append(descending ? " DESC, id DESC" : ", id")
        .append(" LIMIT ")
        .bind(query.page().perPage() + 1L)
        .build();
  }

  private static StoredRecord stored(UsageAggregate aggregate, Row row) {
    return StoredRecord.of(
        aggregate,
        row.getString(0),
        row.getOffsetDateTime(1).toInstant(),
        row.getOffsetDateTime(2).toInstant(),
        row.getBigDecimal(3),
        row.getBigDecimal(4));
  }
}
