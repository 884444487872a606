package io.usageapi.usage;

import io.quarkus.hibernate.reactive.panache.PanacheRepositoryBase;
import io.quarkus.hibernate.reactive.panache.common.WithSession;
import io.smallrye.mutiny.Uni;
import io.usageapi.database.Database;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import io.usageapi.error.Outage;
import io.usageapi.page.Page;
import io.usageapi.page.Start;
import io.usageapi.security.OrganizationId;
import io.usageapi.sql.FilterSql;
import io.usageapi.sql.SqlBuilder;
import io.usageapi.sql.SqlQuery;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
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

  private final Database database;

  MonthlyUsageRepository(Database database) {
    this.database = database;
  }

  /**
   * The page a query asks for. Its cost does not grow with its depth, but for a jump by number.
   *
   * @return the page; fails with 400 {@code filter_too_expensive} when its filter makes the
   *     statement run into its deadline
   */
  public Uni<Page<UsageAggregate>> page(UsageQuery query) {
    return database
        .read(pageStatement(query), MonthlyUsageRepository::aggregate)
        .map(rows -> Page.of(query.start(), rows, query.perPage()))
        .onFailure(e -> query.filter().isPresent() && Outage.isDeadline(e))
        .transform(
            e ->
                ApiException.of(
                    ErrorCode.FILTER_TOO_EXPENSIVE, "Narrow it by account or by month."));
  }

  /** One aggregate of an organization, if it has one of this id. */
  @WithSession
  public Uni<Optional<UsageAggregate>> one(OrganizationId organization, UUID id) {
    return findById(new MonthlyUsage.Key(organization.value(), id))
        .map(aggregate -> Optional.ofNullable(aggregate).map(MonthlyUsage::toAggregate));
  }

  /** One row more than a page holds tells whether there is more. */
  static SqlQuery pageStatement(UsageQuery query) {
    UsageOrder order = query.order();
    boolean descending = order.descending() != query.start().backward();
    SqlBuilder sql =
        new SqlBuilder()
            .append("SELECT " + COLUMNS + " FROM monthly_usage WHERE organization_id = ")
            .bind(query.organization().value());
    if (query.start() instanceof Start.After after) {
      appendKeyset(order.columns(), descending, order.values(after.position()), sql);
    } else if (query.start() instanceof Start.Before before) {
      appendKeyset(order.columns(), descending, order.values(before.position()), sql);
    }
    query
        .filter()
        .ifPresent(
            filter -> {
              sql.append(" AND ");
              FilterSql.append(filter, sql);
            });
    String direction = descending ? " DESC" : " ASC";
    sql.append(" ORDER BY ")
        .append(String.join(direction + ", ", order.columns()))
        .append(direction)
        .append(" LIMIT ")
        .bind(query.perPage() + 1L);
    if (query.start() instanceof Start.Jump jump) {
      sql.append(" OFFSET ").bind((long) jump.rows());
    }
    return sql.build();
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
        row.getBigDecimal(11),
        row.getString(12),
        row.getBigDecimal(13),
        row.getBigDecimal(14));
  }
}
