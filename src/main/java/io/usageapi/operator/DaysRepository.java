package io.usageapi.operator;

import io.smallrye.mutiny.Uni;
import io.usageapi.database.Database;
import io.usageapi.security.OrganizationId;
import io.usageapi.sql.SqlQuery;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Compares the days of aggregates with their records in the database, and repairs them. */
@ApplicationScoped
public class DaysRepository {
  /** A late record counts on the first day of its month. */
  private static final String DAY_OF_RECORD =
      """
      CASE WHEN date_trunc('month', occurred_at AT TIME ZONE 'UTC')::date = month
        THEN (occurred_at AT TIME ZONE 'UTC')::date ELSE month END""";

  private static final String DIFFERENCES =
      """
      SELECT m.id, m.account_id, d.number_of_units, d.total_amount,
        coalesce(r.units, 0), coalesce(r.amount, 0), coalesce(d.day, r.day)
      FROM (
        SELECT aggregate_id, day, number_of_units, total_amount
        FROM daily_usage
        WHERE organization_id = $1 AND aggregate_id = ANY ($3::uuid[])) AS d
      FULL JOIN (
        SELECT aggregate_id, %s AS day, sum(number_of_units) AS units, sum(total_amount) AS amount
        FROM usage_record
        WHERE organization_id = $1 AND month = $2 AND aggregate_id = ANY ($3::uuid[])
        GROUP BY 1, 2) AS r ON r.aggregate_id = d.aggregate_id AND r.day = d.day
      JOIN monthly_usage m
        ON m.organization_id = $1 AND m.id = coalesce(d.aggregate_id, r.aggregate_id)
      WHERE (d.day IS NULL OR d.number_of_units <> coalesce(r.units, 0)
          OR d.total_amount <> coalesce(r.amount, 0))
        AND NOT EXISTS (SELECT FROM record_retention WHERE kept_from > $2)
      ORDER BY 1, 7
      """
          .formatted(DAY_OF_RECORD);

  private final Database database;

  DaysRepository(Database database) {
    this.database = database;
  }

  /**
   * Compares the days of aggregates with their records, in one statement and so in one snapshot.
   *
   * @return the days that differ, by aggregate and day; none if the records are no longer kept
   */
  public Uni<List<SumDifference>> differences(
      OrganizationId organization,
      SqlConnection connection,
      YearMonth month,
      List<UUID> aggregates) {
    return database.run(
        connection,
        new SqlQuery(
            DIFFERENCES, List.of(organization.value(), month, aggregates.toArray(UUID[]::new))),
        row ->
            SumsRepository.difference(organization, month, row, Optional.of(row.getLocalDate(6))));
  }

  /** Adds missing amounts to days, and creates missing days. */
  public Uni<Integer> add(
      OrganizationId organization, SqlConnection connection, List<SumDifference> differences) {
    if (differences.isEmpty()) {
      return Uni.createFrom().item(0);
    }
    // Intake locks them in the same order.
    List<SumDifference> inOrder =
        differences.stream()
            .sorted(
                Comparator.comparing(SumDifference::aggregate)
                    .thenComparing(difference -> difference.day().orElseThrow()))
            .toList();
    SqlQuery query =
        new SqlQuery(
            """
            INSERT INTO daily_usage
              (organization_id, aggregate_id, day, number_of_units, total_amount, updated_at)
            SELECT $1, aggregate_id, day, units::numeric, amount::numeric, now()
            FROM unnest($2::uuid[], $3::date[], $4::text[], $5::text[])
              AS d (aggregate_id, day, units, amount)
            ON CONFLICT (organization_id, aggregate_id, day) DO UPDATE SET
              number_of_units = daily_usage.number_of_units + excluded.number_of_units,
              total_amount = daily_usage.total_amount + excluded.total_amount,
              updated_at = greatest(daily_usage.updated_at, excluded.updated_at)
            """,
            List.of(
                organization.value(),
                inOrder.stream().map(SumDifference::aggregate).toArray(UUID[]::new),
                inOrder.stream().map(d -> d.day().orElseThrow()).toArray(LocalDate[]::new),
                SumDifference.texts(inOrder, SumDifference::missingUnits),
                SumDifference.texts(inOrder, SumDifference::missingAmount)));
    return database.run(connection, query);
  }
}
