package io.usageapi.usage;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.usageapi.account.AccountRepository;
import io.usageapi.aggregate.AggregateId;
import io.usageapi.aggregate.AggregateKey;
import io.usageapi.aggregate.DataVersionRepository;
import io.usageapi.aggregate.Granularity;
import io.usageapi.aggregate.MonthStatus;
import io.usageapi.aggregate.UsageAggregate;
import io.usageapi.aggregate.Versioned;
import io.usageapi.aggregate.change.ChangeLogRepository;
import io.usageapi.aggregate.change.ChangeToken;
import io.usageapi.aggregate.change.LoggedChanges;
import io.usageapi.database.Database;
import io.usageapi.database.DatabaseConfig;
import io.usageapi.database.HeavyReads;
import io.usageapi.database.SnapshotReader;
import io.usageapi.focus.FocusCharge;
import io.usageapi.page.Page;
import io.usageapi.page.PageStart;
import io.usageapi.security.OrganizationId;
import io.usageapi.sql.SqlQuery;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.data.Numeric;
import jakarta.enterprise.context.ApplicationScoped;
import java.math.BigDecimal;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** The aggregates in the database: those of months, and their days. */
@ApplicationScoped
public class MonthlyUsageRepository {
  private final Database database;
  private final HeavyReads scans;
  private final SnapshotReader snapshots;
  private final DataVersionRepository versions;
  private final AccountRepository accounts;
  private final ChangeLogRepository changes;
  private final boolean distributed;

  MonthlyUsageRepository(
      Database database,
      HeavyReads scans,
      SnapshotReader snapshots,
      DataVersionRepository versions,
      AccountRepository accounts,
      ChangeLogRepository changes,
      DatabaseConfig config) {
    this.database = database;
    this.scans = scans;
    this.snapshots = snapshots;
    this.versions = versions;
    this.accounts = accounts;
    this.changes = changes;
    this.distributed = config.distributed();
  }

  /**
   * The page a query asks for. Its cost does not grow with its depth, except for a jump by number.
   *
   * @return the page with the data version it was read at; fails with 400 {@code
   *     filter_too_expensive} when its filter makes the statement run into its deadline, and as
   *     {@link HeavyReads} does
   */
  public Uni<Versioned<Page<UsageAggregate>>> page(UsageQuery query) {
    Uni<Versioned<Page<UsageAggregate>>> page =
        UsageSql.scans(query) ? scans.run(query.organization(), () -> read(query)) : read(query);
    return page.onFailure().transform(query.selection().filter()::translateFailure);
  }

  private Uni<Versioned<Page<UsageAggregate>>> read(UsageQuery query) {
    if (distributed && query.selection().granularity().isOneTable()) {
      return versions
          .readBefore(query.organization(), UsageSql.rowsOfMonths(query))
          .map(
              rows -> page(query, aggregates(query, rows.value()), rows.version(), rows.changes()));
    }
    SqlQuery statement = UsageSql.page(query);
    Uni<List<Row>> rows;
    if (!UsageSql.scans(query)) {
      // One plan suits all values: there is no filter, or an index serves it.
      rows = database.readByIndex(statement, row -> row);
    } else if (UsageSql.hasGenericPlan(query)) {
      rows = database.readWithGenericPlan(statement, row -> row);
    } else {
      rows = database.read(statement, row -> row);
    }
    return rows.map(read -> page(query, read));
  }

  /**
   * The aggregates that were touched after a position, as they are now. The log is read first: what
   * changes in between is logged behind the position that this page ends at. So nothing is missed,
   * though the aggregate is read in a later snapshot.
   *
   * @return the page; fails with 410 {@code gone} if the changes are not known, and as {@link
   *     #page}
   */
  public Uni<Versioned<ChangedUsage>> changed(UsageQuery query) {
    return changes
        .read(query.organization(), query.changedSince().orElseThrow())
        // A filter may select few of many, so it is given all of them.
        .map(logged -> query.filter().isEmpty() ? logged.first(query.perPage()) : logged)
        .chain(
            logged ->
                (logged.aggregates().isEmpty()
                        ? Uni.createFrom().item(List.<Row>of())
                        : database.readByIndex(
                            UsageSql.changed(query, logged.aggregates().keySet()), row -> row))
                    .map(rows -> changed(query, logged, rows)))
        .onFailure()
        .transform(query.selection().filter()::translateFailure);
  }

  private static Versioned<ChangedUsage> changed(
      UsageQuery query, LoggedChanges logged, List<Row> rows) {
    List<UsageAggregate> aggregates = new ArrayList<>();
    List<String> removed = new ArrayList<>();
    ChangeToken end = logged.end();
    boolean more = logged.more();
    if (rows.size() > query.perPage()) {
      end = logged.aggregates().get(rows.get(query.perPage() - 1).getUUID(UsageSql.CHANGED));
      more = true;
    }
    for (Row row : rows.subList(0, Math.min(rows.size(), query.perPage()))) {
      if (row.getUUID(0) == null) {
        removed.add(AggregateId.text(row.getUUID(UsageSql.CHANGED)));
      } else {
        aggregates.add(aggregate(row, query.selection().include()));
      }
    }
    return new Versioned<>(logged.version(), new ChangedUsage(aggregates, removed, end, more));
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
            UsageSql.all(selection),
            (version, rows) -> batch(selection, version, rows),
            closed)
        .onFailure()
        .transform(selection.filter()::translateFailure);
  }

  /**
   * All aggregates of a selection as charges, with the names of their accounts and of the
   * organization. Otherwise as {@link #export}.
   */
  public Multi<Versioned<List<FocusCharge>>> exportCharges(
      UsageSelection selection, Runnable closed) {
    OrganizationId organization = selection.organization();
    return snapshots
        .read(
            connection ->
                versions
                    .current(organization, connection)
                    .chain(
                        version ->
                            accounts
                                .nameOf(organization, connection)
                                .map(name -> new Versioned<>(version, name))),
            UsageSql.allNamed(selection),
            (named, rows) -> charges(selection, named, rows),
            closed)
        .onFailure()
        .transform(selection.filter()::translateFailure);
  }

  private static Versioned<List<FocusCharge>> charges(
      UsageSelection selection, Versioned<Optional<String>> named, RowSet<Row> rows) {
    List<FocusCharge> charges = new ArrayList<>(rows.size());
    rows.forEach(
        row ->
            charges.add(
                new FocusCharge(
                    selection.organization(),
                    named.value().orElse(null),
                    row.getString(UsageSql.ACCOUNT_NAME),
                    aggregate(row, selection.include()))));
    return new Versioned<>(named.version(), charges);
  }

  private static Versioned<List<UsageAggregate>> batch(
      UsageSelection selection, UUID version, RowSet<Row> rows) {
    List<UsageAggregate> aggregates = new ArrayList<>(rows.size());
    rows.forEach(row -> aggregates.add(aggregate(row, selection.include())));
    return new Versioned<>(version, aggregates);
  }

  /**
   * One aggregate of an organization, if it has one of this id.
   *
   * @param id the id as it was sent; a malformed id finds nothing
   * @param include the additional fields
   */
  public Uni<Optional<UsageAggregate>> one(
      OrganizationId organization, Granularity granularity, String id, Set<Include> include) {
    SqlQuery statement;
    try {
      statement = UsageSql.one(organization, granularity, id, include);
    } catch (IllegalArgumentException e) {
      return Uni.createFrom().item(Optional.empty());
    }
    Uni<List<UsageAggregate>> found =
        granularity.isOneTable()
            ? database.readByIndex(statement, row -> aggregate(row, include))
            : database.read(statement, row -> aggregate(row, include));
    return found.map(aggregates -> aggregates.stream().findFirst());
  }

  /** The rows of {@link UsageSql#page}. */
  private static Versioned<Page<UsageAggregate>> page(UsageQuery query, List<Row> rows) {
    UUID version = DataVersionRepository.NONE;
    ChangeToken present = ChangeToken.START;
    boolean months = query.selection().granularity().isOneTable();
    Set<Include> include = query.selection().include();
    List<UsageAggregate> aggregates = new ArrayList<>(rows.size());
    for (Row row : rows) {
      UUID read = row.getUUID(UsageSql.VERSION);
      if (read != null) {
        version = read;
        if (months) {
          present = ChangeToken.behind(row.getLong(UsageSql.SEQUENCE), read);
        }
      }
      if (row.getUUID(0) != null) {
        aggregates.add(aggregate(row, include));
      }
    }
    return page(query, aggregates, version, Optional.of(present).filter(position -> months));
  }

  private static List<UsageAggregate> aggregates(UsageQuery query, List<Row> rows) {
    Set<Include> include = query.selection().include();
    return rows.stream().map(row -> aggregate(row, include)).toList();
  }

  private static Versioned<Page<UsageAggregate>> page(
      UsageQuery query, List<UsageAggregate> read, UUID version, Optional<ChangeToken> present) {
    // A later page of a walk would not know what changed on the ones before it meanwhile.
    boolean first = query.start() instanceof PageStart.First;
    return new Versioned<>(
        version, Page.of(query.start(), read, query.perPage()), present.filter(position -> first));
  }

  private static UsageAggregate aggregate(Row row, Set<Include> include) {
    AggregateKey key =
        AggregateKey.of(
            dimension -> dimension.fromColumn(value(row, UsageSql.DIMENSIONS + dimension.index())));
    OffsetDateTime updatedAt = row.getOffsetDateTime(4);
    String monthStatus = row.getString(5);
    return new UsageAggregate(
        row.getUUID(0),
        key,
        row.getLocalDate(3),
        (BigDecimal) value(row, 1),
        (BigDecimal) value(row, 2),
        updatedAt == null ? null : updatedAt.toInstant(),
        monthStatus == null ? null : MonthStatus.valueOf(monthStatus),
        include.contains(Include.UNIT_WORD));
  }

  /** A number as the client has read it; its own {@code getBigDecimal} reads it a second time. */
  private static Object value(Row row, int column) {
    Object value = row.getValue(column);
    return value instanceof Numeric number ? number.bigDecimalValue() : value;
  }
}
