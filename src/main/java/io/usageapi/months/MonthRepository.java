package io.usageapi.months;

import io.smallrye.mutiny.Uni;
import io.usageapi.aggregate.DataVersionRepository;
import io.usageapi.aggregate.MonthStatus;
import io.usageapi.aggregate.change.Touched;
import io.usageapi.database.Database;
import io.usageapi.security.OrganizationId;
import io.usageapi.sql.SqlQuery;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Which months of an organization are open.
 *
 * <p>A transaction that counts records in a month holds a share lock on the month's row until it
 * commits, and counts only if the row says OPEN. Closing first sets the row to CLOSING, which a
 * share lock does not block, and then waits for the share locks. So it waits only for earlier
 * transactions, and nothing is counted in the month afterwards.
 */
@ApplicationScoped
public class MonthRepository {
  /** Readers still see the month as open, but no record counts in it. */
  private static final String CLOSING = "CLOSING";

  private static final String OPEN = MonthStatus.OPEN.name();
  private static final String CLOSED = MonthStatus.CLOSED.name();

  private final Database database;
  private final DataVersionRepository versions;
  private final MonthsConfig config;
  private final Clock clock;

  MonthRepository(
      Database database, DataVersionRepository versions, MonthsConfig config, Clock clock) {
    this.database = database;
    this.versions = versions;
    this.config = config;
    this.clock = clock;
  }

  /**
   * Finds the month each record counts in, and keeps these months open until the transaction ends.
   *
   * @return for each month itself if it is open; otherwise, if so configured, the first open month
   *     after it. A month whose records are rejected is absent.
   */
  public Uni<Map<YearMonth, YearMonth>> resolveAndLock(
      OrganizationId organization, SqlConnection connection, Collection<YearMonth> months) {
    Set<YearMonth> remaining = new TreeSet<>(months);
    return lockOpen(organization, connection, remaining)
        .chain(
            open -> {
              Map<YearMonth, YearMonth> counted = new HashMap<>();
              open.forEach(month -> counted.put(month, month));
              remaining.removeAll(open);
              return remaining.isEmpty()
                      || config.intake().lateRecords() == MonthsConfig.LateRecords.REJECT
                  ? Uni.createFrom().item(counted)
                  : lockNextOpen(organization, connection, remaining)
                      .invoke(counted::putAll)
                      .replaceWith(counted);
            });
  }

  /**
   * Keeps months open until the transaction ends. It locks them in ascending order, so that
   * transactions do not deadlock.
   *
   * @return those of the months that are open
   */
  public Uni<Set<YearMonth>> lockOpen(
      OrganizationId organization, SqlConnection connection, Set<YearMonth> months) {
    if (months.isEmpty()) {
      return Uni.createFrom().item(Set.of());
    }
    return selectOpen(organization, connection, months)
        .chain(
            open ->
                open.size() == months.size()
                    ? Uni.createFrom().item(open)
                    : insertMissing(organization, connection, months)
                        .chain(() -> selectOpen(organization, connection, months)));
  }

  private Uni<Set<YearMonth>> selectOpen(
      OrganizationId organization, SqlConnection connection, Set<YearMonth> months) {
    SqlQuery query =
        new SqlQuery(
            """
            SELECT month FROM month_status
            WHERE organization_id = $1 AND month = ANY ($2::date[]) AND status = 'OPEN'
            ORDER BY month FOR KEY SHARE
            """,
            List.of(organization.value(), months.toArray(YearMonth[]::new)));
    return months(connection, query);
  }

  /**
   * Inserts missing rows with the default status. Waits for transactions that insert the same row.
   */
  private Uni<Integer> insertMissing(
      OrganizationId organization, SqlConnection connection, Set<YearMonth> months) {
    SqlQuery query =
        new SqlQuery(
            """
            INSERT INTO month_status (organization_id, month, status, changed_at)
            SELECT $1, m.month, coalesce(d.status, 'OPEN'), coalesce(d.changed_at, now())
            FROM unnest($2::date[]) AS m (month)
            LEFT JOIN month_status_default d ON d.month = m.month
            ORDER BY m.month
            ON CONFLICT DO NOTHING
            """,
            List.of(organization.value(), months.toArray(YearMonth[]::new)));
    return database.run(connection, query);
  }

  /** Locks the first open month after each closed one. Retries if one of them closes meanwhile. */
  private Uni<Map<YearMonth, YearMonth>> lockNextOpen(
      OrganizationId organization, SqlConnection connection, Set<YearMonth> closed) {
    return closedAfter(organization, connection, closed.iterator().next())
        .chain(
            laterClosed -> {
              Map<YearMonth, YearMonth> later = new HashMap<>();
              closed.forEach(
                  month ->
                      firstOpen(month, closed, laterClosed)
                          .ifPresent(open -> later.put(month, open)));
              Set<YearMonth> targets = new TreeSet<>(later.values());
              return lockOpen(organization, connection, targets)
                  .chain(
                      locked ->
                          locked.containsAll(targets)
                              ? Uni.createFrom().item(later)
                              : lockNextOpen(organization, connection, closed));
            });
  }

  /** Empty if every later month that a record may occur in is closed. */
  private Optional<YearMonth> firstOpen(
      YearMonth month, Set<YearMonth> closed, Set<YearMonth> laterClosed) {
    YearMonth last =
        YearMonth.from(clock.instant().plus(config.intake().maxAhead()).atOffset(ZoneOffset.UTC));
    return Stream.iterate(month.plusMonths(1), next -> !next.isAfter(last), n -> n.plusMonths(1))
        .filter(next -> !closed.contains(next) && !laterClosed.contains(next))
        .findFirst();
  }

  private Uni<Set<YearMonth>> closedAfter(
      OrganizationId organization, SqlConnection connection, YearMonth month) {
    SqlQuery query =
        new SqlQuery(
            """
            SELECT month FROM month_status
            WHERE organization_id = $1 AND month > $2 AND status <> 'OPEN'
            UNION
            SELECT d.month FROM month_status_default d
            WHERE d.month > $2 AND d.status <> 'OPEN' AND NOT EXISTS (
              SELECT FROM month_status s WHERE s.organization_id = $1 AND s.month = d.month)
            """,
            List.of(organization.value(), month));
    return months(connection, query);
  }

  /**
   * Closes a month of an organization. Afterwards its records are committed, and none is added.
   *
   * @param deadline how long it waits for transactions that count in the month
   * @return whether the month was open
   */
  public Uni<Boolean> close(OrganizationId organization, YearMonth month, Duration deadline) {
    return database
        .transaction(
            deadline, connection -> setStatus(organization, connection, month, CLOSING, OPEN))
        .chain(
            () ->
                database.transaction(
                    deadline,
                    connection ->
                        waitForWriters(organization, connection, month)
                            .chain(
                                () ->
                                    setStatus(
                                        organization, connection, month, CLOSED, OPEN, CLOSING))
                            .call(
                                changed -> bumpVersion(organization, connection, month, changed))));
  }

  private Uni<Integer> waitForWriters(
      OrganizationId organization, SqlConnection connection, YearMonth month) {
    return database.run(
        connection,
        new SqlQuery(
            "SELECT FROM month_status WHERE organization_id = $1 AND month = $2 FOR UPDATE",
            List.of(organization.value(), month)));
  }

  /**
   * Opens a month of an organization.
   *
   * @return whether the month was not open
   */
  public Uni<Boolean> open(OrganizationId organization, YearMonth month, Duration deadline) {
    return database.transaction(
        deadline,
        connection ->
            setStatus(organization, connection, month, OPEN, CLOSING, CLOSED)
                .call(changed -> bumpVersion(organization, connection, month, changed)));
  }

  /** Sets the status if there is no row or its status is one of {@code from}; says if it did. */
  private Uni<Boolean> setStatus(
      OrganizationId organization,
      SqlConnection connection,
      YearMonth month,
      String status,
      String... from) {
    SqlQuery query =
        new SqlQuery(
            """
            INSERT INTO month_status (organization_id, month, status, changed_at)
            VALUES ($1, $2, $3, now())
            ON CONFLICT (organization_id, month) DO UPDATE
            SET status = excluded.status, changed_at = excluded.changed_at
            WHERE month_status.status = ANY ($4::text[])
            """,
            List.of(organization.value(), month, status, from));
    return database.run(connection, query).map(rows -> rows > 0);
  }

  /** Pages show whether a month is closed, so a change of that touches all its aggregates. */
  private Uni<Void> bumpVersion(
      OrganizationId organization, SqlConnection connection, YearMonth month, boolean changed) {
    Touched all =
        new Touched(
            "SELECT id FROM monthly_usage WHERE organization_id = $1 AND month = $2",
            List.of(month));
    return changed ? versions.bump(organization, connection, all) : Uni.createFrom().voidItem();
  }

  /** Sets the status of a month for organizations without a row of it, including future ones. */
  public Uni<Void> setDefault(YearMonth month, MonthStatus status) {
    SqlQuery query =
        new SqlQuery(
            """
            INSERT INTO month_status_default (month, status, changed_at)
            VALUES ($1, $2, now())
            ON CONFLICT (month) DO UPDATE
            SET status = excluded.status, changed_at = excluded.changed_at
            """,
            List.of(month, status.name()));
    return database.transaction(connection -> database.run(connection, query)).replaceWithVoid();
  }

  private Uni<Set<YearMonth>> months(SqlConnection connection, SqlQuery query) {
    return database
        .run(connection, query, row -> YearMonth.from(row.getLocalDate(0)))
        .map(HashSet::new);
  }
}
