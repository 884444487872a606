package io.usageapi.intake;

import static java.util.Comparator.comparing;

import io.smallrye.mutiny.Uni;
import io.usageapi.aggregate.AggregateKey;
import io.usageapi.aggregate.DataVersionRepository;
import io.usageapi.aggregate.Dimension;
import io.usageapi.aggregate.change.Touched;
import io.usageapi.aggregate.total.AggregateDelta;
import io.usageapi.aggregate.total.MonthTotalsRepository;
import io.usageapi.database.Database;
import io.usageapi.security.OrganizationId;
import io.usageapi.sql.SqlQuery;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/** Adds records to the sums of their months and days, and to the totals of their months. */
@ApplicationScoped
public class RollUpRepository {
  private static final String ADD_TO_MONTHS =
      """
      INSERT INTO monthly_usage (organization_id, id, number_of_units, total_amount, updated_at, %s)
      SELECT o.organization_id, id, units::numeric, amount::numeric, now(), %s
      FROM %s, unnest($2::uuid[], $3::text[], $4::text[], %s) AS m (id, units, amount, %s)
      ON CONFLICT (organization_id, id) DO UPDATE SET
        number_of_units = monthly_usage.number_of_units + excluded.number_of_units,
        total_amount = monthly_usage.total_amount + excluded.total_amount,
        updated_at = greatest(monthly_usage.updated_at, excluded.updated_at)
      """
          .formatted(
              Dimension.columns(),
              Dimension.list(Dimension::fromArray),
              RecordRepository.ORGANIZATION,
              Dimension.list(dimension -> dimension.arrayParameter(5 + dimension.index())),
              Dimension.columns());

  private static final String ADD_TO_DAYS =
      """
      INSERT INTO daily_usage
        (organization_id, aggregate_id, day, number_of_units, total_amount, updated_at)
      SELECT o.organization_id, aggregate_id, day, units::numeric, amount::numeric, now()
      FROM %s, unnest($2::uuid[], $3::date[], $4::text[], $5::text[])
        AS d (aggregate_id, day, units, amount)
      ON CONFLICT (organization_id, aggregate_id, day) DO UPDATE SET
        number_of_units = daily_usage.number_of_units + excluded.number_of_units,
        total_amount = daily_usage.total_amount + excluded.total_amount,
        updated_at = greatest(daily_usage.updated_at, excluded.updated_at)
      """
          .formatted(RecordRepository.ORGANIZATION);

  private final Database database;
  private final DataVersionRepository versions;
  private final MonthTotalsRepository totals;

  RollUpRepository(
      Database database, DataVersionRepository versions, MonthTotalsRepository totals) {
    this.database = database;
    this.versions = versions;
    this.totals = totals;
  }

  /** A day of an aggregate. */
  private record Day(UUID aggregateId, LocalDate day) {}

  /**
   * Adds records of one organization, months first: a transaction that holds the row of a month's
   * aggregate has its days to itself. The order of the rows is fixed, as others wait for them.
   */
  Uni<Integer> add(
      OrganizationId organization, SqlConnection connection, List<CountedRecord> records) {
    return database
        .run(connection, months(organization, byAggregate(records)))
        .chain(() -> database.run(connection, days(organization, records)));
  }

  /**
   * Publishes what was added: changes the data version, and adds the records to the totals of their
   * months. Call it last in the transaction. One round trip carries all statements.
   */
  Uni<Void> publish(
      OrganizationId organization, SqlConnection connection, List<CountedRecord> records) {
    Map<UUID, AggregateDelta> deltas = byAggregate(records);
    return Uni.combine()
        .all()
        .unis(
            versions.bump(organization, connection, Touched.of(deltas.keySet())),
            totals.add(organization, connection, deltas.values()))
        .discardItems();
  }

  private static Map<UUID, AggregateDelta> byAggregate(List<CountedRecord> records) {
    Map<UUID, AggregateDelta> deltas = new TreeMap<>();
    records.forEach(
        counted -> deltas.merge(counted.aggregateId(), delta(counted), AggregateDelta::plus));
    return deltas;
  }

  private static AggregateDelta delta(CountedRecord counted) {
    UsageRecord record = counted.record();
    return new AggregateDelta(counted.key(), record.numberOfUnits(), record.totalAmount());
  }

  private static SqlQuery months(OrganizationId organization, Map<UUID, AggregateDelta> deltas) {
    List<Object> arguments = new ArrayList<>();
    arguments.add(organization.value());
    arguments.add(deltas.keySet().toArray(UUID[]::new));
    arguments.add(AggregateDelta.texts(deltas.values(), AggregateDelta::units));
    arguments.add(AggregateDelta.texts(deltas.values(), AggregateDelta::amount));
    List<AggregateKey> keys = deltas.values().stream().map(AggregateDelta::key).toList();
    for (Dimension dimension : Dimension.values()) {
      arguments.add(dimension.toArray(keys));
    }
    return new SqlQuery(ADD_TO_MONTHS, arguments);
  }

  private static SqlQuery days(OrganizationId organization, List<CountedRecord> records) {
    Map<Day, AggregateDelta> deltas =
        new TreeMap<>(comparing(Day::aggregateId).thenComparing(Day::day));
    records.forEach(
        counted ->
            deltas.merge(
                new Day(counted.aggregateId(), counted.day()),
                delta(counted),
                AggregateDelta::plus));
    return new SqlQuery(
        ADD_TO_DAYS,
        List.of(
            organization.value(),
            deltas.keySet().stream().map(Day::aggregateId).toArray(UUID[]::new),
            deltas.keySet().stream().map(Day::day).toArray(LocalDate[]::new),
            AggregateDelta.texts(deltas.values(), AggregateDelta::units),
            AggregateDelta.texts(deltas.values(), AggregateDelta::amount)));
  }
}
