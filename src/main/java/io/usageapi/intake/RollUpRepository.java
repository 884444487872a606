package io.usageapi.intake;

import static java.util.Comparator.comparing;

import io.smallrye.mutiny.Uni;
import io.usageapi.aggregate.AggregateKey;
import io.usageapi.aggregate.Dimension;
import io.usageapi.database.Database;
import io.usageapi.security.OrganizationId;
import io.usageapi.sql.SqlQuery;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;

/** Adds records to the sums of their months and days. */
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

  RollUpRepository(Database database) {
    this.database = database;
  }

  /**
   * The sums of the records of an aggregate.
   *
   * @param key the key of the month's aggregate
   */
  private record Delta(AggregateKey key, BigDecimal units, BigDecimal amount) {
    static Delta of(CountedRecord counted) {
      UsageRecord record = counted.record();
      return new Delta(counted.key(), record.numberOfUnits(), record.totalAmount());
    }

    Delta plus(Delta other) {
      return new Delta(key, units.add(other.units), amount.add(other.amount));
    }

    static String[] texts(Collection<Delta> deltas, Function<Delta, BigDecimal> number) {
      return deltas.stream().map(number).map(BigDecimal::toPlainString).toArray(String[]::new);
    }
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
        .run(connection, months(organization, records))
        .chain(() -> database.run(connection, days(organization, records)));
  }

  private static SqlQuery months(OrganizationId organization, List<CountedRecord> records) {
    Map<UUID, Delta> deltas = new TreeMap<>();
    records.forEach(counted -> deltas.merge(counted.aggregateId(), Delta.of(counted), Delta::plus));
    List<Object> arguments = new ArrayList<>();
    arguments.add(organization.value());
    arguments.add(deltas.keySet().toArray(UUID[]::new));
    arguments.add(Delta.texts(deltas.values(), Delta::units));
    arguments.add(Delta.texts(deltas.values(), Delta::amount));
    List<AggregateKey> keys = deltas.values().stream().map(Delta::key).toList();
    for (Dimension dimension : Dimension.values()) {
      arguments.add(dimension.toArray(keys));
    }
    return new SqlQuery(ADD_TO_MONTHS, arguments);
  }

  private static SqlQuery days(OrganizationId organization, List<CountedRecord> records) {
    Map<Day, Delta> deltas = new TreeMap<>(comparing(Day::aggregateId).thenComparing(Day::day));
    records.forEach(
        counted ->
            deltas.merge(
                new Day(counted.aggregateId(), counted.day()), Delta.of(counted), Delta::plus));
    return new SqlQuery(
        ADD_TO_DAYS,
        List.of(
            organization.value(),
            deltas.keySet().stream().map(Day::aggregateId).toArray(UUID[]::new),
            deltas.keySet().stream().map(Day::day).toArray(LocalDate[]::new),
            Delta.texts(deltas.values(), Delta::units),
            Delta.texts(deltas.values(), Delta::amount)));
  }
}
