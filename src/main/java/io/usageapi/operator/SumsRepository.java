package io.usageapi.operator;

import io.smallrye.mutiny.Uni;
import io.usageapi.aggregate.AggregateId;
import io.usageapi.aggregate.DataVersionRepository;
import io.usageapi.aggregate.change.Touched;
import io.usageapi.aggregate.total.MonthTotalDifference;
import io.usageapi.aggregate.total.MonthTotalsRepository;
import io.usageapi.database.Database;
import io.usageapi.operator.SumDifference.Stored;
import io.usageapi.security.OrganizationId;
import io.usageapi.sql.SqlBuilder;
import io.usageapi.sql.SqlQuery;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;

/** Compares aggregates with their records in the database, and repairs them. */
@ApplicationScoped
public class SumsRepository {
  /** The most aggregates in a range, and the most differences returned at once. */
  static final int AT_A_TIME = 1_000;

  private final Database database;
  private final DaysRepository days;
  private final DataVersionRepository versions;
  private final MonthTotalsRepository totals;
  private final Duration deadline;

  SumsRepository(
      Database database,
      DaysRepository days,
      DataVersionRepository versions,
      MonthTotalsRepository totals,
      OperatorConfig config) {
    this.database = database;
    this.days = days;
    this.versions = versions;
    this.totals = totals;
    this.deadline = config.statementTimeout();
  }

  /**
   * A range of an organization's aggregates by id.
   *
   * @param after the id before the range; empty to start at the first id
   * @param upTo the last id; empty to end at the last id of the month
   * @param aggregates how many aggregates the range has
   */
  record AggregateRange(
      YearMonth month, Optional<UUID> after, Optional<UUID> upTo, int aggregates) {
    AggregateRange withEnd(UUID last, int aggregatesUpToIt) {
      return new AggregateRange(month, after, Optional.of(last), aggregatesUpToIt);
    }

    /** The range from an id on, of unknown length. */
    static AggregateRange after(YearMonth month, Optional<UUID> id) {
      return new AggregateRange(month, id, Optional.empty(), 0);
    }

    /** The range that follows; empty at the end of the month. */
    Optional<AggregateRange> following() {
      return upTo.map(last -> after(month, Optional.of(last)));
    }
  }

  /**
   * A range that was compared.
   *
   * @param differences those of aggregates by id, then those of days
   */
  public record Compared(AggregateRange range, List<SumDifference> differences) {
    Compared with(List<SumDifference> more) {
      return new Compared(range, Stream.concat(differences.stream(), more.stream()).toList());
    }
  }

  /** The first month from {@code from} on that has aggregates or records and is kept. */
  public Uni<Optional<YearMonth>> nextMonth(OrganizationId organization, YearMonth from) {
    SqlQuery query =
        new SqlQuery(
            """
            SELECT least(
              (SELECT month FROM monthly_usage
               WHERE organization_id = $1 AND month >= kept.first ORDER BY month LIMIT 1),
              (SELECT month FROM usage_record
               WHERE organization_id = $1 AND month >= kept.first ORDER BY month LIMIT 1))
            FROM (SELECT greatest($2::date, max(kept_from)) AS first FROM record_retention) AS kept
            """,
            List.of(organization.value(), from));
    return read(query, row -> Optional.ofNullable(row.getLocalDate(0)).map(YearMonth::from))
        .map(rows -> rows.get(0));
  }

  /** The first month that is kept, if the organization has aggregates of earlier months. */
  public Uni<Optional<YearMonth>> droppedBefore(OrganizationId organization) {
    SqlQuery query =
        new SqlQuery(
            """
            SELECT kept.first
            FROM (SELECT max(kept_from) AS first FROM record_retention) AS kept
            WHERE EXISTS (
              SELECT FROM monthly_usage WHERE organization_id = $1 AND month < kept.first)
            """,
            List.of(organization.value()));
    return read(query, row -> YearMonth.from(row.getLocalDate(0)))
        .map(rows -> rows.stream().findFirst());
  }

  /**
   * The totals of months of an organization.
   *
   * @param current whether they may be read
   * @param differences those that are not the sums of their aggregates
   * @param repaired whether they were added up anew and are current
   */
  public record ComparedTotals(
      boolean current, List<MonthTotalDifference> differences, boolean repaired) {}

  /** Compares the totals of months with their aggregates, and repairs them if asked to. */
  public Uni<ComparedTotals> compareTotals(OrganizationId organization, boolean repair) {
    return totals
        .areCurrent(organization)
        .chain(
            current ->
                totals
                    .differences(organization, deadline)
                    .chain(
                        differences ->
                            (repair && !(current && differences.isEmpty())
                                    ? totals.repair(organization, differences, deadline)
                                    : Uni.createFrom().item(false))
                                .map(built -> new ComparedTotals(current, differences, built))));
  }

  /** Compares the first part of a range and its days, each in one snapshot. */
  public Uni<Compared> compareNext(OrganizationId organization, AggregateRange rest) {
    return database.transaction(
        deadline,
        connection ->
            idsOf(connection, organization, rest)
                .chain(ids -> compare(connection, organization, first(rest, ids), ids)));
  }

  /**
   * Compares a range again and adds what its aggregates lack. A lost aggregate stays lost: its
   * records do not tell what it was for.
   *
   * <p>Intake changes an aggregate and its records by the same amount in one transaction. So the
   * difference is the same in every snapshot and is safe to add after further batches; writing the
   * sum would not be. A second repair at the same time would add the difference twice, hence the
   * lock.
   */
  public Uni<Compared> repair(OrganizationId organization, AggregateRange range) {
    return database.transaction(
        deadline,
        connection ->
            lockRepairs(connection, organization)
                .chain(() -> idsOf(connection, organization, range))
                .chain(ids -> compare(connection, organization, range, ids))
                .chain(compared -> addDifferences(connection, organization, compared)));
  }

  private Uni<Integer> lockRepairs(SqlConnection connection, OrganizationId organization) {
    return database.run(
        connection,
        new SqlQuery(
            "SELECT pg_advisory_xact_lock(hashtextextended('usage-api sums ' || $1, 0))",
            List.of(organization.value())));
  }

  /** The ids of the aggregates in a range, at most {@link #AT_A_TIME}. */
  private Uni<List<UUID>> idsOf(
      SqlConnection connection, OrganizationId organization, AggregateRange range) {
    SqlBuilder sql = new SqlBuilder().append("SELECT id FROM monthly_usage ");
    appendRange(sql, "id", organization, range);
    sql.append(" ORDER BY id LIMIT ").bind(AT_A_TIME);
    return database.run(connection, sql.build(), row -> row.getUUID(0));
  }

  private static AggregateRange first(AggregateRange rest, List<UUID> ids) {
    Optional<UUID> last =
        ids.size() < AT_A_TIME ? Optional.empty() : Optional.of(ids.get(AT_A_TIME - 1));
    return new AggregateRange(rest.month(), rest.after(), last, ids.size());
  }

  /**
   * Compares in one statement, and so in one snapshot, which also shows whether the records are
   * kept. If there are {@link #AT_A_TIME} differences, the range ends at the last of them.
   */
  private Uni<Compared> compare(
      SqlConnection connection, OrganizationId organization, AggregateRange range, List<UUID> ids) {
    SqlBuilder sql =
        new SqlBuilder()
            .append(
                """
                SELECT coalesce(a.id, r.id), a.account_id, a.number_of_units, a.total_amount,
                  coalesce(r.units, 0), coalesce(r.amount, 0)
                FROM (
                  SELECT id, account_id, number_of_units, total_amount
                  FROM monthly_usage
                """);
    appendRange(sql, "id", organization, range);
    sql.append(
        """
        ) AS a FULL JOIN (
          SELECT aggregate_id AS id, sum(number_of_units) AS units, sum(total_amount) AS amount
          FROM usage_record
        """);
    appendRange(sql, "aggregate_id", organization, range);
    sql.append(
            """
              GROUP BY aggregate_id) AS r ON r.id = a.id
            WHERE (a.id IS NULL
                OR a.number_of_units <> coalesce(r.units, 0)
                OR a.total_amount <> coalesce(r.amount, 0))
              AND NOT EXISTS (SELECT FROM record_retention WHERE kept_from >
            """)
        .bind(range.month())
        .append(") ORDER BY coalesce(a.id, r.id) LIMIT ")
        .bind(AT_A_TIME);
    return database
        .run(
            connection,
            sql.build(),
            row -> difference(organization, range.month(), row, Optional.empty()))
        .map(
            found -> {
              if (found.size() < AT_A_TIME) {
                return new Compared(range, found);
              }
              UUID last = found.get(AT_A_TIME - 1).aggregate();
              return new Compared(range.withEnd(last, upTo(last, ids).size()), found);
            })
        .chain(
            compared ->
                days.differences(
                        organization,
                        connection,
                        range.month(),
                        compared.range().upTo().map(last -> upTo(last, ids)).orElse(ids))
                    .map(compared::with));
  }

  private static List<UUID> upTo(UUID last, List<UUID> ids) {
    String end = AggregateId.text(last);
    return ids.stream().filter(id -> AggregateId.text(id).compareTo(end) <= 0).toList();
  }

  private static void appendRange(
      SqlBuilder sql, String column, OrganizationId organization, AggregateRange range) {
    sql.append("WHERE organization_id = ").bind(organization.value());
    sql.append(" AND month = ").bind(range.month());
    range.after().ifPresent(id -> sql.append(" AND ").append(column).append(" > ").bind(id));
    range.upTo().ifPresent(id -> sql.append(" AND ").append(column).append(" <= ").bind(id));
    sql.append("\n");
  }

  static SumDifference difference(
      OrganizationId organization, YearMonth month, Row row, Optional<LocalDate> day) {
    Optional<Stored> stored =
        Optional.ofNullable(row.getBigDecimal(2))
            .map(units -> new Stored(row.getString(1), units, row.getBigDecimal(3)));
    return new SumDifference(
        organization,
        month,
        row.getUUID(0),
        day,
        stored,
        row.getBigDecimal(4),
        row.getBigDecimal(5),
        false);
  }

  private Uni<Compared> addDifferences(
      SqlConnection connection, OrganizationId organization, Compared compared) {
    // Intake locks aggregates in the same order, which is that of Java's UUID.
    List<SumDifference> ofMonths =
        compared.differences().stream()
            .filter(difference -> difference.isRepairable() && difference.day().isEmpty())
            .sorted(Comparator.comparing(SumDifference::aggregate))
            .toList();
    List<SumDifference> ofDays =
        compared.differences().stream().filter(d -> d.day().isPresent()).toList();
    if (ofMonths.isEmpty() && ofDays.isEmpty()) {
      return Uni.createFrom().item(compared);
    }
    return lock(connection, organization, ofMonths)
        .chain(() -> add(connection, organization, ofMonths))
        .call(() -> days.add(organization, connection, ofDays))
        .call(() -> versions.bump(organization, connection, Touched.of(List.of(ids(ofMonths)))))
        .call(
            () ->
                ofMonths.isEmpty()
                    ? Uni.createFrom().voidItem()
                    : totals.addUp(organization, connection, compared.range().month()))
        .map(
            added ->
                new Compared(
                    compared.range(),
                    compared.differences().stream()
                        .map(
                            d ->
                                d.day().isPresent() || added.contains(d.aggregate())
                                    ? d.asRepaired()
                                    : d)
                        .toList()));
  }

  private Uni<Integer> lock(
      SqlConnection connection, OrganizationId organization, List<SumDifference> inOrder) {
    return database.run(
        connection,
        new SqlQuery(
            """
            SELECT FROM monthly_usage
            WHERE organization_id = $1 AND id = ANY ($2::uuid[])
            ORDER BY array_position($2::uuid[], id) FOR UPDATE
            """,
            List.of(organization.value(), ids(inOrder))));
  }

  private Uni<Set<UUID>> add(
      SqlConnection connection, OrganizationId organization, List<SumDifference> differences) {
    SqlQuery query =
        new SqlQuery(
            """
            UPDATE monthly_usage AS m SET
              number_of_units = m.number_of_units + d.units::numeric,
              total_amount = m.total_amount + d.amount::numeric,
              updated_at = now()
            FROM unnest($2::uuid[], $3::text[], $4::text[]) AS d (id, units, amount)
            WHERE m.organization_id = $1 AND m.id = d.id
            RETURNING m.id
            """,
            List.of(
                organization.value(),
                ids(differences),
                SumDifference.texts(differences, SumDifference::missingUnits),
                SumDifference.texts(differences, SumDifference::missingAmount)));
    return database.run(connection, query, row -> row.getUUID(0)).map(HashSet::new);
  }

  private static UUID[] ids(List<SumDifference> differences) {
    return differences.stream().map(SumDifference::aggregate).toArray(UUID[]::new);
  }

  private <T> Uni<List<T>> read(SqlQuery query, Function<Row, T> row) {
    return database.transaction(deadline, connection -> database.run(connection, query, row));
  }
}
