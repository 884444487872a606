package io.usageapi.months;

import io.smallrye.mutiny.Uni;
import io.usageapi.aggregate.DataVersionRepository;
import io.usageapi.aggregate.MonthStatus;
import io.usageapi.config.UsageApiConfig;
import io.usageapi.config.UsageApiConfig.LateRecords;
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
 * Which months of an organization are open. Whoever counts records in a month holds its row in
 * share until the commit, and only where the row says that the month is open. Closing it first says
 * so in the row, which those who hold it do not hinder, and then waits for them: so it waits for
 * those who came before and for nobody else, and then nothing is counted in the month any more.
 */
@ApplicationScoped
public class MonthRepository {
  /** Open to readers, but nothing is counted in it any more. */
  private static final String CLOSING = "CLOSING";

  private final Database database;
  private final DataVersionRepository versions;
  private final UsageApiConfig config;
  private final Clock clock;

  MonthRepository(
      Database database, DataVersionRepository versions, UsageApiConfig config, Clock clock) {
    this.database = database;
    this.versions = versions;
    this.config = config;
    this.clock = clock;
  }

  /**
   * Says which month records count in, and holds these months open until the transaction ends.
   *
   * @param months the months the records are of
   * @return for each of them the month to count in: itself where it is open, else by configuration
   *     the first open one after it; none where the records are to be rejected
   */
  public Uni<Map<YearMonth, YearMonth>> resolveAndLock(
      OrganizationId organization, SqlConnection connection, Collection<YearMonth> months) {
    Set<YearMonth> asked = new TreeSet<>(months);
    return holdOpen(organization, connection, asked)
        .chain(
            open -> {
              Map<YearMonth, YearMonth> counted = new HashMap<>();
              open.forEach(month -> counted.put(month, month));
              asked.removeAll(open);
              return asked.isEmpty() || config.intake().lateRecords() == LateRecords.REJECT
                  ? Uni.createFrom().item(counted)
                  : holdLater(organization, connection, asked)
                      .invoke(counted::putAll)
                      .replaceWith(counted);
            });
  }

  /**
   * Of some months those that are open, held. In the order of time, so that two who make the same
   * rows wait for each other and do not deadlock.
   */
  private Uni<Set<YearMonth>> holdOpen(
      OrganizationId organization, SqlConnection connection, Set<YearMonth> months) {
    if (months.isEmpty()) {
      return Uni.createFrom().item(Set.of());
    }
    return lockOpen(organization, connection, months)
        .chain(
            open ->
                open.size() == months.size()
                    ? Uni.createFrom().item(open)
                    : makeMissing(organization, connection, months)
                        .chain(() -> lockOpen(organization, connection, months)));
  }

  private Uni<Set<YearMonth>> lockOpen(
      OrganizationId organization, SqlConnection connection, Set<YearMonth> months) {
    SqlQuery query =
        new SqlQuery(
            "SELECT month FROM month_status WHERE organization_id = $1 AND month = ANY ($2::date[])"
                + " AND status = 'OPEN' ORDER BY month FOR KEY SHARE",
            List.of(organization.value(), array(months)));
    return database
        .run(connection, query, row -> YearMonth.from(row.getLocalDate(0)))
        .map(HashSet::new);
  }

  /** Without a row a month is what it is for all. A row that is being made is waited for. */
  private Uni<Integer> makeMissing(
      OrganizationId organization, SqlConnection connection, Set<YearMonth> months) {
    SqlQuery query =
        new SqlQuery(
            "INSERT INTO month_status (organization_id, month, status, changed_at)"
                + " SELECT $1, m.month, coalesce(d.status, 'OPEN'), coalesce(d.changed_at, now())"
                + " FROM unnest($2::date[]) AS m (month)"
                + " LEFT JOIN month_status_default d ON d.month = m.month"
                + " ORDER BY m.month ON CONFLICT DO NOTHING",
            List.of(organization.value(), array(months)));
    return database.run(connection, query);
  }

  /**
   * For months that are closed the first after each that is open, held; one may close meanwhile.
   */
  private Uni<Map<YearMonth, YearMonth>> holdLater(
      OrganizationId organization, SqlConnection connection, Set<YearMonth> closed) {
    return closedAfter(organization, connection, closed.iterator().next())
        .chain(
            alsoClosed -> {
              Map<YearMonth, YearMonth> later = new HashMap<>();
              closed.forEach(
                  month ->
                      firstOpen(month, closed, alsoClosed)
                          .ifPresent(open -> later.put(month, open)));
              Set<YearMonth> targets = new TreeSet<>(later.values());
              return holdOpen(organization, connection, targets)
                  .chain(
                      held ->
                          held.containsAll(targets)
                              ? Uni.createFrom().item(later)
                              : holdLater(organization, connection, closed));
            });
  }

  /** None where all months that a record may be of by now are closed. */
  private Optional<YearMonth> firstOpen(
      YearMonth month, Set<YearMonth> closed, Set<YearMonth> alsoClosed) {
    YearMonth last =
        YearMonth.from(clock.instant().plus(config.intake().maxAhead()).atOffset(ZoneOffset.UTC));
    return Stream.iterate(month.plusMonths(1), next -> !next.isAfter(last), n -> n.plusMonths(1))
        .filter(next -> !closed.contains(next) && !alsoClosed.contains(next))
        .findFirst();
  }

  private Uni<Set<YearMonth>> closedAfter(
      OrganizationId organization, SqlConnection connection, YearMonth month) {
    SqlQuery query =
        new SqlQuery(
            "SELECT month FROM month_status"
                + " WHERE organization_id = $1 AND month > $2 AND status <> 'OPEN'"
                + " UNION SELECT d.month FROM month_status_default d"
                + " WHERE d.month > $2 AND d.status <> 'OPEN' AND NOT EXISTS (SELECT"
                + " FROM month_status s WHERE s.organization_id = $1 AND s.month = d.month)",
            List.of(organization.value(), month));
    return database
        .run(connection, query, row -> YearMonth.from(row.getLocalDate(0)))
        .map(HashSet::new);
  }

  /**
   * Closes a month of an organization. When it is done, every record that counts in the month is
   * in, and none will be any more.
   *
   * @param deadline how long it waits for those who count in it
   * @return whether it was open
   */
  public Uni<Boolean> close(OrganizationId organization, YearMonth month, Duration deadline) {
    return database
        .transaction(
            deadline,
            connection -> set(organization, connection, month, CLOSING, MonthStatus.OPEN.name()))
        .chain(
            () ->
                database.transaction(
                    deadline,
                    connection ->
                        waitForAll(organization, connection, month)
                            .chain(
                                () ->
                                    set(
                                        organization,
                                        connection,
                                        month,
                                        MonthStatus.CLOSED.name(),
                                        MonthStatus.OPEN.name(),
                                        CLOSING))
                            .call(changed -> bumpVersion(organization, connection, changed))));
  }

  private Uni<Integer> waitForAll(
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
   * @param deadline how long it may take
   * @return whether it was not open
   */
  public Uni<Boolean> open(OrganizationId organization, YearMonth month, Duration deadline) {
    return database.transaction(
        deadline,
        connection ->
            set(
                    organization,
                    connection,
                    month,
                    MonthStatus.OPEN.name(),
                    CLOSING,
                    MonthStatus.CLOSED.name())
                .call(changed -> bumpVersion(organization, connection, changed)));
  }

  /** Whether it was something else, one of {@code from}, or had no row. */
  private Uni<Boolean> set(
      OrganizationId organization,
      SqlConnection connection,
      YearMonth month,
      String status,
      String... from) {
    SqlQuery query =
        new SqlQuery(
            "INSERT INTO month_status (organization_id, month, status, changed_at)"
                + " VALUES ($1, $2, $3, now()) ON CONFLICT (organization_id, month)"
                + " DO UPDATE SET status = excluded.status, changed_at = excluded.changed_at"
                + " WHERE month_status.status = ANY ($4::text[])",
            List.of(organization.value(), month, status, from));
    return database.run(connection, query).map(rows -> rows > 0);
  }

  /** What readers are answered says whether a month is closed. */
  private Uni<Void> bumpVersion(
      OrganizationId organization, SqlConnection connection, boolean changed) {
    return changed ? versions.bump(organization, connection) : Uni.createFrom().voidItem();
  }

  /** Says what a month is for organizations that have no row of it, those to come among them. */
  public Uni<Void> setDefault(YearMonth month, MonthStatus status) {
    SqlQuery query =
        new SqlQuery(
            "INSERT INTO month_status_default (month, status, changed_at) VALUES ($1, $2, now())"
                + " ON CONFLICT (month) DO UPDATE SET status = excluded.status,"
                + " changed_at = excluded.changed_at",
            List.of(month, status.name()));
    return database.transaction(connection -> database.run(connection, query)).replaceWithVoid();
  }

  private static YearMonth[] array(Set<YearMonth> months) {
    return months.toArray(YearMonth[]::new);
  }
}
