package io.usageapi.record;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.usageapi.aggregate.UsageAggregate;
import io.usageapi.database.Database;
import io.usageapi.database.SnapshotReader;
import io.usageapi.page.Page;
import io.usageapi.security.OrganizationId;
import io.usageapi.sql.SqlBuilder;
import io.usageapi.sql.SqlQuery;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/** The records behind the aggregates. */
@ApplicationScoped
public class StoredRecordRepository {
  private static final List<String> ORDER = List.of("occurred_at", "id");

  private final Database database;
  private final SnapshotReader snapshots;

  StoredRecordRepository(Database database, SnapshotReader snapshots) {
    this.database = database;
    this.snapshots = snapshots;
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

  /**
   * All records of an aggregate, batch by batch, in one snapshot. The first batch comes even when
   * there are none.
   *
   * @param closed called once when all the database holds for it is freed, however it ended
   * @return the batches; without records if those of the month were dropped
   */
  public Multi<List<StoredRecord>> export(
      OrganizationId organization, UsageAggregate aggregate, Runnable closed) {
    return snapshots.read(
        connection -> Uni.createFrom().voidItem(),
        selected(organization, aggregate).orderBy(ORDER, false).buildOnce(),
        (nothing, rows) -> batch(aggregate, rows),
        closed);
  }

  private static List<StoredRecord> batch(UsageAggregate aggregate, RowSet<Row> rows) {
    List<StoredRecord> records = new ArrayList<>(rows.size());
    rows.forEach(row -> records.add(record(aggregate, row)));
    return records;
  }

  private static SqlBuilder selected(OrganizationId organization, UsageAggregate aggregate) {
    return new SqlBuilder()
        .append(
            """
            SELECT id, occurred_at, received_at, number_of_units, total_amount
            FROM usage_record WHERE organization_id =\s""")
        .bind(organization.value())
        // The month names the one partition to look in.
        .append(" AND month = ")
        .bind(aggregate.key().month())
        .append(" AND aggregate_id = ")
        .bind(aggregate.monthlyId());
  }

  /** Reads one row more than a page has, to know whether more follow. */
  private static SqlQuery statement(StoredRecordQuery query, UsageAggregate aggregate) {
    boolean descending = query.page().start().backward();
    SqlBuilder sql = selected(query.organization(), aggregate);
    query
        .key()
        .ifPresent(
            key ->
                sql.append(" AND ")
                    .compare(
                        ORDER,
                        descending ? "<" : ">",
                        List.of(key.occurredAt().atOffset(ZoneOffset.UTC), key.id())));
    return sql.orderBy(ORDER, descending)
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
