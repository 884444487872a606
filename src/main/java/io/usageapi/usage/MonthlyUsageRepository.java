package io.usageapi.usage;

import io.quarkus.hibernate.reactive.panache.PanacheRepositoryBase;
import io.quarkus.hibernate.reactive.panache.common.WithSession;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.usageapi.database.Database;
import io.usageapi.database.Snapshots;
import io.usageapi.page.Page;
import io.usageapi.page.Start;
import io.usageapi.security.OrganizationId;
import io.usageapi.sql.SqlBuilder;
import io.usageapi.sql.SqlQuery;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.sqlclient.data.Numeric;
import jakarta.enterprise.context.ApplicationScoped;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The monthly aggregates in the database. */
@ApplicationScoped
public class MonthlyUsageRepository
    implements PanacheRepositoryBase<MonthlyUsage, MonthlyUsage.Key> {
  private static final String COLUMNS =
      "id, account_id, product_id, aggr_product_id, month, type, description, currency, direction,"
          + " resolution, unit, price, wallet_name, number_of_units, total_amount";

  /** Where the data version stands, behind those. */
  private static final int VERSION = 15;

  private final Database database;
  private final Snapshots snapshots;
  private final DataVersionRepository versions;

  MonthlyUsageRepository(Database database, Snapshots snapshots, DataVersionRepository versions) {
    this.database = database;
    this.snapshots = snapshots;
    this.versions = versions;
  }

  /**
   * The page a query asks for. Its cost does not grow with its depth, but for a jump by number.
   *
   * @return the page with the data version it was read at; fails with 400 {@code
   *     filter_too_expensive} when its filter makes the statement run into its deadline
   */
  public Uni<Versioned<Page<UsageAggregate>>> page(UsageQuery query) {
    return database
        .read(versionedStatement(query), row -> row)
        .map(rows -> page(query, rows))
        .onFailure()
        .transform(query.selection().filter()::explain);
  }

  /**
   * All aggregates of a selection, batch by batch, in one snapshot. The first batch comes even when
   * there are none.
   *
   * @param closed called once when all the database holds for it is freed, however it ended
   * @return the batches, each with the data version they were all read at; fails like {@link #page}
   */
  public Multi<Versioned<List<UsageAggregate>>> export(UsageSelection selection, Runnable closed) {
    return snapshots
        .read(
            connection -> versions.current(selection.organization(), connection),
            exportStatement(selection),
            MonthlyUsageRepository::batch,
            closed)
        .onFailure()
        .transform(selection.filter()::explain);
  }

  private static Versioned<List<UsageAggregate>> batch(UUID version, RowSet<Row> rows) {
    List<UsageAggregate> aggregates = new ArrayList<>(rows.size());
    rows.forEach(row -> aggregates.add(aggregate(row)));
    return new Versioned<>(version, aggregates);
  }

  /** One aggregate of an organization, if it has one of this id. */
  @WithSession
  public Uni<Optional<UsageAggregate>> one(OrganizationId organization, UUID id) {
    return findById(new MonthlyUsage.Key(organization.value(), id))
        .map(aggregate -> Optional.ofNullable(aggregate).map(MonthlyUsage::toAggregate));
  }

  /** The rows of {@link #versionedStatement}; where the page is empty, one without an id. */
  private static Versioned<Page<UsageAggregate>> page(UsageQuery query, List<Row> rows) {
    UUID version = rows.get(0).getUUID(VERSION);
    List<UsageAggregate> aggregates =
        rows.stream()
            .filter(row -> row.getUUID(0) != null)
            .map(MonthlyUsageRepository::aggregate)
            .toList();
    return new Versioned<>(
        version == null ? DataVersionRepository.NONE : version,
        Page.of(query.start(), aggregates, query.perPage()));
  }

  /**
   * The data version is read by the statement that reads the page, and so from the same snapshot: a
   * version stands for one state of the data and no other. It comes even with no rows.
   */
  private static SqlQuery versionedStatement(UsageQuery query) {
    SqlBuilder sql =
        new SqlBuilder()
            .append("SELECT p.*, v.version FROM (VALUES (1)) AS always (one)")
            .append(" LEFT JOIN data_version v ON v.organization_id = ")
            .bind(query.organization().value())
            .append(" LEFT JOIN (");
    appendPage(query, sql);
    List<String> columns = query.order().columns().stream().map(column -> "p." + column).toList();
    return sql.append(") p ON true ORDER BY ").append(order(columns, isDescending(query))).build();
  }

  /** One row more than a page holds tells whether there is more. */
  private static void appendPage(UsageQuery query, SqlBuilder sql) {
    UsageOrder order = query.order();
    boolean descending = isDescending(query);
    sql.append("SELECT " + COLUMNS + " FROM monthly_usage WHERE organization_id = ")
        .bind(query.organization().value());
    if (query.start() instanceof Start.After after) {
      appendKeyset(order.columns(), descending, order.values(after.position()), sql);
    } else if (query.start() instanceof Start.Before before) {
      appendKeyset(order.columns(), descending, order.values(before.position()), sql);
    }
    query.selection().filter().append(sql);
    sql.append(" ORDER BY ")
        .append(order(order.columns(), descending))
        .append(" LIMIT ")
        .bind(query.perPage() + 1L);
    if (query.start() instanceof Start.Jump jump) {
      sql.append(" OFFSET ").bind((long) jump.rows());
    }
  }

  private static SqlQuery exportStatement(UsageSelection selection) {
    SqlBuilder sql =
        new SqlBuilder()
            .append("SELECT " + COLUMNS + " FROM monthly_usage WHERE organization_id = ")
            .bind(selection.organization().value());
    selection.filter().append(sql);
    UsageOrder order = selection.order();
    return sql.append(" ORDER BY ").append(order(order.columns(), order.descending())).build();
  }

  /** The direction of travel, which for a page read backward is against its order. */
  private static boolean isDescending(UsageQuery query) {
    return query.order().descending() != query.start().backward();
  }

  private static String order(List<String> columns, boolean descending) {
    String direction = descending ? " DESC" : " ASC";
    return String.join(direction + ", ", columns) + direction;
  }

  private static void appendKeyset(
      List<String> columns, boolean descending, List<Object> values, SqlBuilder sql) {
    sql.append(" AND (").append(String.join(", ", columns)).append(descending ? ") < (" : ") > (");
    String separator = "";
    for (Object value : values) {
      sql.append(separator).bind(value);
      separator = ", ";
    }
    sql.append(")");
  }

  private static UsageAggregate aggregate(Row row) {
    String direction = row.getString(8);
    String resolution = row.getString(9);
    return new UsageAggregate(
        AggregateId.text(row.getUUID(0)),
        row.getString(1),
        row.getString(2),
        row.getString(3),
        row.getLocalDate(4).toString().substring(0, 7),
        UsageType.valueOf(row.getString(5)),
        row.getString(6),
        row.getString(7),
        direction == null ? null : Direction.valueOf(direction),
        resolution == null ? null : Resolution.valueOf(resolution),
        UsageUnit.valueOf(row.getString(10)),
        number(row, 11),
        row.getString(12),
        number(row, 13),
        number(row, 14));
  }

  /** As the client has read it already; its own {@code getBigDecimal} reads it a second time. */
  private static BigDecimal number(Row row, int column) {
    Numeric number = row.getNumeric(column);
    return number == null ? null : number.bigDecimalValue();
  }
}
