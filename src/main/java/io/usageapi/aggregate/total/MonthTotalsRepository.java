package io.usageapi.aggregate.total;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.usageapi.aggregate.DataVersionRepository;
import io.usageapi.aggregate.change.Touched;
import io.usageapi.aggregate.total.MonthTotalDifference.Sums;
import io.usageapi.database.Database;
import io.usageapi.database.Steps;
import io.usageapi.security.OrganizationId;
import io.usageapi.sql.SqlQuery;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The totals of months by {@link MonthTotal#FIELDS}: what the monthly aggregates add up to.
 *
 * <p>Whoever changes them holds the organization's data version, which {@link
 * DataVersionRepository#bump} locks until the commit. So they need no order of locks of their own,
 * and each commit leaves them equal to the aggregates.
 *
 * <p>They are current, and may be read, only if {@code totals_version} is the data version and no
 * build is unfinished. A server of an earlier release changes the data version alone, and so makes
 * them stale. A build then adds them up, a few months at a time, while others write: those who
 * write keep the months that were built, and the build ends only if nobody made the totals stale
 * meanwhile. Each of its steps notes the time, so that other servers leave the work to it; it stops
 * at the next step when the totals became stale, or another build has taken over.
 */
@ApplicationScoped
public class MonthTotalsRepository {
  /** The most differences that are returned at once. */
  private static final int MAX_DIFFERENCES = 1_000;

  private static final String CURRENT = DataVersionRepository.TOTALS_ARE_CURRENT;

  /**
   * The condition on {@code data_version v} that a build is under way: it may still end, and a step
   * of it began lately. Longer steps hold the row, so whoever begins waits for them.
   */
  private static final String UNDER_WAY =
      """
      (v.totals_build IS NOT NULL AND v.totals_version = v.version
        AND v.totals_build_at > now() - interval '15 minutes')""";

  /** The condition on {@code data_version v} that a build is needed, and none is under way. */
  private static final String DUE =
      "%s IS NOT TRUE AND %s IS NOT TRUE".formatted(CURRENT, UNDER_WAY);

  /** Before every possible month. */
  private static final YearMonth START = YearMonth.of(1, 1);

  /** After every possible month. */
  private static final YearMonth END = YearMonth.of(9999, 12);

  /** About how many aggregates a transaction adds up while others wait; at least a month's. */
  private static final int AT_A_TIME = 10_000;

  /** Months in a row. */
  private record Months(YearMonth first, YearMonth last) {
    /** From a month up to before the one beyond, but at least that month. */
    static Months of(Row row) {
      YearMonth first = YearMonth.from(row.getLocalDate(0));
      LocalDate beyond = row.getLocalDate(1);
      YearMonth last = beyond == null ? END : YearMonth.from(beyond).minusMonths(1);
      return new Months(first, last.isBefore(first) ? first : last);
    }
  }

  private static final String ADD =
      MonthTotalsSql.INSERT
          + """
          SELECT o.organization_id, field, top_up, month, value, currency, unit, unit_word,
            units::numeric, amount::numeric, now()
          FROM (SELECT organization_id FROM data_version WHERE organization_id = $1) AS o,
            unnest($2::text[], $3::boolean[], $4::date[], $5::text[], $6::text[], $7::text[],
              $8::text[], $9::text[], $10::text[])
            AS t (field, top_up, month, value, currency, unit, unit_word, units, amount)
          """
          + MonthTotalsSql.OR_ADD;

  private static final String MONTHS = "organization_id = $1 AND month BETWEEN $2 AND $3";

  private static final String DELETE = "DELETE FROM month_total WHERE " + MONTHS;

  private static final String ADD_UP = MonthTotalsSql.INSERT + ofAggregates(MONTHS);

  /** Compares current totals with their aggregates; version and sums come from one snapshot. */
  private static final String DIFFERENCES =
      """
      SELECT field, top_up, month, value, currency, unit, unit_word, t.number_of_units,
        t.total_amount, t.updated_at, a.number_of_units, a.total_amount, a.updated_at
      FROM (SELECT * FROM month_total WHERE organization_id = $1) AS t
      FULL JOIN (%s) AS a USING (field, top_up, month, value, currency, unit, unit_word)
      WHERE (t.number_of_units, t.total_amount, t.updated_at)
          IS DISTINCT FROM (a.number_of_units, a.total_amount, a.updated_at)
        AND (SELECT %s FROM data_version v WHERE v.organization_id = $1)
      ORDER BY 1, 2, 3, 4, 5, 6, 7 LIMIT %d
      """
          .formatted(ofAggregates("organization_id = $1"), CURRENT, MAX_DIFFERENCES);

  private final Database database;
  private final DataVersionRepository versions;

  MonthTotalsRepository(Database database, DataVersionRepository versions) {
    this.database = database;
    this.versions = versions;
  }

  private static String ofAggregates(String condition) {
    return MonthTotalsSql.totals(
        "number_of_units", "total_amount", "updated_at", "monthly_usage WHERE " + condition);
  }

  /** Adds what aggregates changed by. Call it after {@link DataVersionRepository#bump}. */
  public Uni<Integer> add(
      OrganizationId organization, SqlConnection connection, Collection<AggregateDelta> deltas) {
    return addTotals(organization, connection, MonthTotal.of(deltas));
  }

  /** Adds what totals changed by. Call it after {@link DataVersionRepository#bump}. */
  public Uni<Integer> addTotals(
      OrganizationId organization, SqlConnection connection, Collection<MonthTotal> totals) {
    SqlQuery query =
        new SqlQuery(
            ADD,
            List.of(
                organization.value(),
                MonthTotal.texts(totals, total -> total.key().field()),
                totals.stream().map(total -> total.key().topUp()).toArray(Boolean[]::new),
                totals.stream().map(total -> total.key().month()).toArray(LocalDate[]::new),
                MonthTotal.texts(totals, total -> total.key().value()),
                MonthTotal.texts(totals, total -> total.key().currency()),
                MonthTotal.texts(totals, total -> total.key().unit()),
                MonthTotal.texts(totals, total -> total.key().unitWord()),
                MonthTotal.texts(totals, total -> total.units().toPlainString()),
                MonthTotal.texts(totals, total -> total.amount().toPlainString())));
    return database.run(connection, query);
  }

  /**
   * Adds a month up anew. Call it after {@link DataVersionRepository#bump}. It reads all aggregates
   * of the month.
   */
  public Uni<Integer> addUp(
      OrganizationId organization, SqlConnection connection, YearMonth month) {
    return addUp(organization, connection, new Months(month, month));
  }

  private Uni<Integer> addUp(OrganizationId organization, SqlConnection connection, Months months) {
    List<Object> arguments = List.of(organization.value(), months.first(), months.last());
    return database
        .run(connection, new SqlQuery(DELETE, arguments))
        .chain(() -> database.run(connection, new SqlQuery(ADD_UP, arguments)));
  }

  /** Whether the totals are current. Without a data version there are no aggregates. */
  public Uni<Boolean> areCurrent(OrganizationId organization) {
    SqlQuery query =
        new SqlQuery(
            "SELECT FROM data_version v WHERE v.organization_id = $1 AND %s IS NOT TRUE"
                .formatted(CURRENT),
            List.of(organization.value()));
    return database.readByIndex(query, row -> true).map(List::isEmpty);
  }

  /** Whether the totals are not current and no server is adding them up. */
  public Uni<Boolean> areDue(OrganizationId organization) {
    SqlQuery query =
        new SqlQuery(
            "SELECT FROM data_version v WHERE v.organization_id = $1 AND " + DUE,
            List.of(organization.value()));
    return database.readByIndex(query, row -> true).map(rows -> !rows.isEmpty());
  }

  /**
   * Compares the totals with all aggregates.
   *
   * @return the totals that differ, by key, at most {@value #MAX_DIFFERENCES}; none unless they are
   *     current
   */
  public Uni<List<MonthTotalDifference>> differences(
      OrganizationId organization, Duration deadline) {
    SqlQuery query = new SqlQuery(DIFFERENCES, List.of(organization.value()));
    return database.transaction(
        deadline, connection -> database.run(connection, query, MonthTotalsRepository::difference));
  }

  private static MonthTotalDifference difference(Row row) {
    MonthTotal.Key key =
        new MonthTotal.Key(
            row.getString(0),
            row.getBoolean(1),
            row.getLocalDate(2),
            row.getString(3),
            row.getString(4),
            row.getString(5),
            row.getString(6));
    return new MonthTotalDifference(key, sums(row, 7), sums(row, 10));
  }

  private static Optional<Sums> sums(Row row, int first) {
    return Optional.ofNullable(row.getBigDecimal(first))
        .map(
            units ->
                new Sums(units, row.getBigDecimal(first + 1), row.getOffsetDateTime(first + 2)));
  }

  /**
   * Adds all months up anew if that {@link #areDue is due}, a few in each transaction, which the
   * organization's writers wait for.
   *
   * @param deadline for each statement; one adds up at least a whole month
   * @return whether the totals were added up and are current then; not if another server adds them
   *     up, or somebody made them stale meanwhile
   */
  public Uni<Boolean> buildIfDue(OrganizationId organization, Duration deadline) {
    return build(organization, deadline, DUE);
  }

  /**
   * Adds the months up anew that totals differ in, or all months if the totals are not current or
   * too many differ. A build that is under way is taken over.
   *
   * @param differences of {@link #differences}
   * @param deadline for each statement; one adds up at least a whole month
   * @return whether the totals are current then; not if somebody made them stale meanwhile
   */
  public Uni<Boolean> repair(
      OrganizationId organization, List<MonthTotalDifference> differences, Duration deadline) {
    if (differences.isEmpty() || differences.size() == MAX_DIFFERENCES) {
      return build(organization, deadline, "true");
    }
    return Multi.createFrom()
        .items(
            differences.stream()
                .map(difference -> YearMonth.from(difference.key().month()))
                .distinct()
                .sorted())
        .onItem()
        .transformToUniAndConcatenate(
            month ->
                database.transaction(
                    deadline,
                    connection ->
                        versions
                            .bump(organization, connection, Touched.NONE)
                            .chain(() -> addUp(organization, connection, month))))
        .collect()
        .last()
        .chain(() -> areCurrent(organization));
  }

  private Uni<Boolean> build(OrganizationId organization, Duration deadline, String condition) {
    UUID build = UUID.randomUUID();
    return database
        .transaction(deadline, connection -> begin(organization, connection, build, condition))
        .chain(
            begun ->
                begun ? buildAll(organization, deadline, build) : Uni.createFrom().item(false));
  }

  private Uni<Boolean> buildAll(OrganizationId organization, Duration deadline, UUID build) {
    return Steps.iterate(
            START,
            after -> buildNext(organization, deadline, build, after),
            built -> built.map(Months::last))
        .collect()
        .last()
        .chain(
            () ->
                database.transaction(deadline, connection -> end(organization, connection, build)));
  }

  /** Empties the totals for a build, if a condition on {@code data_version v} holds. */
  private Uni<Boolean> begin(
      OrganizationId organization, SqlConnection connection, UUID build, String condition) {
    SqlQuery begin =
        new SqlQuery(
            """
            UPDATE data_version AS v SET
              totals_version = version, totals_build = $2, totals_build_at = now()
            WHERE v.organization_id = $1 AND %s
            """
                .formatted(condition),
            List.of(organization.value(), build));
    SqlQuery empty =
        new SqlQuery(
            "DELETE FROM month_total WHERE organization_id = $1", List.of(organization.value()));
    return database
        .run(connection, begin)
        .chain(
            rows ->
                rows == 0
                    ? Uni.createFrom().item(false)
                    : versions
                        .bump(organization, connection, Touched.NONE)
                        .chain(() -> database.run(connection, empty))
                        .replaceWith(true));
  }

  /** Builds the next months after one; empty if none follows, or the build cannot end any more. */
  private Uni<Optional<Months>> buildNext(
      OrganizationId organization, Duration deadline, UUID build, YearMonth after) {
    // It also locks the row.
    SqlQuery goOn =
        new SqlQuery(
            """
            UPDATE data_version SET totals_build_at = now()
            WHERE organization_id = $1 AND totals_build = $2 AND totals_version = version
            """,
            List.of(organization.value(), build));
    SqlQuery next =
        new SqlQuery(
            """
            SELECT a.month, (
              SELECT b.month FROM monthly_usage b WHERE b.organization_id = $1 AND b.month > $2
              ORDER BY b.month LIMIT 1 OFFSET $3) AS beyond
            FROM monthly_usage a WHERE a.organization_id = $1 AND a.month > $2
            ORDER BY a.month LIMIT 1
            """,
            List.of(organization.value(), after, AT_A_TIME));
    return database.transaction(
        deadline,
        connection ->
            database
                .run(connection, goOn)
                .chain(
                    rows ->
                        rows == 0
                            ? Uni.createFrom().item(List.<Months>of())
                            : database.run(connection, next, Months::of))
                .map(months -> months.stream().findFirst())
                .call(
                    months ->
                        months.isPresent()
                            ? addUp(organization, connection, months.get())
                            : Uni.createFrom().voidItem()));
  }

  private Uni<Boolean> end(OrganizationId organization, SqlConnection connection, UUID build) {
    SqlQuery query =
        new SqlQuery(
            """
            UPDATE data_version SET totals_build = NULL
            WHERE organization_id = $1 AND totals_build = $2 AND totals_version = version
            """,
            List.of(organization.value(), build));
    return database.run(connection, query).map(rows -> rows == 1);
  }
}
