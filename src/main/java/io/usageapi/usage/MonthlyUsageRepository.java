package io.usageapi.usage;

import io.quarkus.hibernate.reactive.panache.PanacheRepositoryBase;
import io.quarkus.hibernate.reactive.panache.common.WithSession;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.usageapi.database.Database;
import io.usageapi.database.Snapshots;
import io.usageapi.page.Page;
import io.usageapi.page.Position;
import io.usageapi.page.Start;
import io.usageapi.security.OrganizationId;
import io.usageapi.sql.SqlBuilder;
import io.usageapi.sql.SqlQuery;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.sqlclient.data.Numeric;
import jakarta.enterprise.context.ApplicationScoped;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** The aggregates in the database: those of months, and their days. */
@ApplicationScoped
public class MonthlyUsageRepository
    implements PanacheRepositoryBase<MonthlyUsage, MonthlyUsage.Key> {
  private static final String GROUPING =
      "m.id, m.account_id, m.product_id, m.aggr_product_id, m.month, m.type, m.description,"
          + " m.currency, m.direction, m.resolution, m.unit, m.price, m.wallet_name";

  /** While it is being closed it is open to readers. */
  private static final String MONTH_STATUS =
      "coalesce((SELECT CASE s.status WHEN 'CLOSED' THEN s.status END FROM month_status s"
          + " WHERE s.organization_id = m.organization_id AND s.month = m.month), 'OPEN')";

  /** Where the data version stands, behind all that is of an aggregate. */
  private static final int VERSION = 18;

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

  /** One aggregate of a month of an organization, if it has one of this id. */
  @WithSession
  public Uni<Optional<UsageAggregate>> one(OrganizationId organization, UUID id) {
    return findById(new MonthlyUsage.Key(organization.value(), id))
        .map(aggregate -> Optional.ofNullable(aggregate).map(MonthlyUsage::toAggregate));
  }

  /**
   * One aggregate of an organization, if it has one of this id.
   *
   * @param id the id as it was sent; what is malformed is the id of none
   * @param include what is asked for beside the fields that are always there
   */
  public Uni<Optional<UsageAggregate>> one(
      OrganizationId organization, Granularity granularity, String id, Set<Include> include) {
    SqlBuilder sql = new SqlBuilder();
    appendSelect(organization, granularity, include, sql);
    try {
      UUID uuid = AggregateId.parse(id);
      switch (granularity) {
        case MONTH -> sql.append(" AND m.id = ").bind(uuid);
        case DAY ->
            sql.append(" AND m.id BETWEEN ")
                .bind(AggregateId.firstOf(id))
                .append(" AND ")
                .bind(AggregateId.lastOf(id))
                .append(" AND d.day = ")
                .bind(AggregateId.day(id));
      }
    } catch (IllegalArgumentException e) {
      return Uni.createFrom().item(Optional.empty());
    }
    return database
        .read(sql.build(), MonthlyUsageRepository::aggregate)
        .map(found -> found.stream().findFirst());
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
    List<String> columns =
        columns(query.selection()).stream()
            .map(column -> "p." + column.replace("aggregate_id", "id"))
            .toList();
    return sql.append(") p ON true").orderBy(columns, isDescending(query)).build();
  }

  /** One row more than a page holds tells whether there is more. */
  private static void appendPage(UsageQuery query, SqlBuilder sql) {
    UsageSelection selection = query.selection();
    boolean descending = isDescending(query);
    appendSelect(selection, sql);
    if (query.start() instanceof Start.After after) {
      appendKeyset(selection, descending, after.position(), sql);
    } else if (query.start() instanceof Start.Before before) {
      appendKeyset(selection, descending, before.position(), sql);
    }
    selection.filter().append(sql);
    sql.orderBy(columns(selection), descending).append(" LIMIT ").bind(query.perPage() + 1L);
    if (query.start() instanceof Start.Jump jump) {
      sql.append(" OFFSET ").bind((long) jump.rows());
    }
  }

  private static SqlQuery exportStatement(UsageSelection selection) {
    SqlBuilder sql = new SqlBuilder();
    appendSelect(selection, sql);
    selection.filter().append(sql);
    return sql.orderBy(columns(selection), selection.order().descending()).build();
  }

  private static void appendSelect(UsageSelection selection, SqlBuilder sql) {
    appendSelect(selection.organization(), selection.granularity(), selection.include(), sql);
  }

  /**
   * The columns of an aggregate in the order in which it is read, of all of an organization. The
   * grouping columns of a day are its month's; days whose records were dropped are as if gone.
   */
  private static void appendSelect(
      OrganizationId organization, Granularity granularity, Set<Include> include, SqlBuilder sql) {
    String sums = granularity == Granularity.DAY ? "d." : "m.";
    sql.append("SELECT ")
        .append(GROUPING)
        .append(", " + sums + "number_of_units, " + sums + "total_amount")
        .append(granularity == Granularity.DAY ? ", d.day" : ", NULL::date")
        .append(
            include.contains(Include.UPDATED_AT)
                ? ", " + sums + "updated_at"
                : ", NULL::timestamptz")
        .append(", ")
        .append(include.contains(Include.MONTH_STATUS) ? MONTH_STATUS : "NULL::text")
        .append(" FROM ")
        .append(
            granularity == Granularity.DAY
                ? "daily_usage d JOIN monthly_usage m"
                    + " ON m.organization_id = d.organization_id AND m.id = d.aggregate_id"
                : "monthly_usage m")
        .append(" WHERE m.organization_id = ")
        .bind(organization.value());
    if (granularity == Granularity.DAY) {
      sql.append(" AND d.day >= coalesce((SELECT days_from FROM data_version")
          .append(" WHERE organization_id = ")
          .bind(organization.value())
          .append("), '-infinity')");
    }
  }

  /** The direction of travel, which for a page read backward is against its order. */
  private static boolean isDescending(UsageQuery query) {
    return query.order().descending() != query.start().backward();
  }

  private static List<String> columns(UsageSelection selection) {
    return selection.order().columns(selection.granularity());
  }

  private static void appendKeyset(
      UsageSelection selection, boolean descending, Position position, SqlBuilder sql) {
    List<String> columns = columns(selection);
    List<Object> values = selection.order().values(selection.granularity(), position);
    sql.append(" AND ").compare(columns, descending ? "<" : ">", values);
    List<String> ofMonth = selection.order().columnsOfMonth(selection.granularity());
    if (!ofMonth.isEmpty()) {
      // No index serves columns of two tables; this one's brings it near.
      sql.append(" AND ")
          .compare(ofMonth, descending ? "<=" : ">=", values.subList(0, ofMonth.size()));
    }
  }

  private static UsageAggregate aggregate(Row row) {
    String monthlyId = AggregateId.text(row.getUUID(0));
    String direction = row.getString(8);
    String resolution = row.getString(9);
    LocalDate day = row.getLocalDate(15);
    OffsetDateTime updatedAt = row.getOffsetDateTime(16);
    String monthStatus = row.getString(17);
    return new UsageAggregate(
        day == null ? monthlyId : AggregateId.ofDay(monthlyId, day),
        row.getString(1),
        row.getString(2),
        row.getString(3),
        row.getLocalDate(4).toString().substring(0, 7),
        day == null ? null : day.toString(),
        UsageType.valueOf(row.getString(5)),
        row.getString(6),
        row.getString(7),
        direction == null ? null : Direction.valueOf(direction),
        resolution == null ? null : Resolution.valueOf(resolution),
        UsageUnit.valueOf(row.getString(10)),
        number(row, 11),
        row.getString(12),
        number(row, 13),
        number(row, 14),
        updatedAt == null ? null : updatedAt.toInstant(),
        monthStatus == null ? null : MonthStatus.valueOf(monthStatus),
        monthlyId);
  }

  /** As the client has read it already; its own {@code getBigDecimal} reads it a second time. */
  private static BigDecimal number(Row row, int column) {
    Numeric number = row.getNumeric(column);
    return number == null ? null : number.bigDecimalValue();
  }
}
