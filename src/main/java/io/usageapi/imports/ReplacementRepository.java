package io.usageapi.imports;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.usageapi.aggregate.DataVersionRepository;
import io.usageapi.aggregate.change.Touched;
import io.usageapi.aggregate.total.MonthTotal;
import io.usageapi.aggregate.total.MonthTotalsRepository;
import io.usageapi.database.Database;
import io.usageapi.database.Outage;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import io.usageapi.error.FieldError;
import io.usageapi.intake.format.Entry;
import io.usageapi.months.MonthRepository;
import io.usageapi.months.RetentionRepository;
import io.usageapi.security.OrganizationId;
import io.usageapi.sql.SqlQuery;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Replaces the rows of an import in an organization by those staged, in one transaction. It first
 * reduces what is staged to the changes: each remaining row has more or fewer copies than before.
 * Everything after that follows the changes only: identities, records, months, days, the rows and
 * sums of the import, the data version, and the totals of months, in the order of intake. From the
 * data version on the organization's intake waits, so what changes is looked up before it.
 */
@ApplicationScoped
public class ReplacementRepository {
  /** The most changes of totals that are held in memory, of some hundred bytes each. */
  private static final int MAX_TOTALS = 10_000;

  /** The most changed aggregates that are held in memory, of some forty bytes each. */
  private static final int MAX_TOUCHED = 100_000;

  private final Database database;
  private final ImportsConfig config;
  private final StagingRepository staging;
  private final RetentionRepository retention;
  private final MonthRepository months;
  private final DataVersionRepository versions;
  private final MonthTotalsRepository totals;

  ReplacementRepository(
      Database database,
      ImportsConfig config,
      StagingRepository staging,
      RetentionRepository retention,
      MonthRepository months,
      DataVersionRepository versions,
      MonthTotalsRepository totals) {
    this.database = database;
    this.config = config;
    this.staging = staging;
    this.retention = retention;
    this.months = months;
    this.versions = versions;
    this.totals = totals;
  }

  /**
   * Rows of months that are no longer kept; they do not count.
   *
   * @param places where the first of them are
   */
  record TooOld(long rows, List<Entry.Place> places) {}

  /** The outcome in one organization, in rows. */
  record Replaced(long added, long removed, long unchanged, TooOld tooOld) {}

  /**
   * Replaces.
   *
   * @param upload whose rows are staged
   * @param staged how many there are; without any everything is taken back
   * @param maxPlaces the most places of rows that are too old
   * @return the outcome; fails with 409 {@code conflict} if another upload replaces the import, 409
   *     {@code month_closed} if a row would be added to or taken from a month that is not open, 409
   *     {@code gone} if a row would be taken from a month that is no longer kept
   */
  Uni<Replaced> replace(
      OrganizationId organization, ImportId id, UUID upload, long staged, int maxPlaces) {
    return database
        .transaction(
            config.statementTimeout(),
            connection ->
                new Transaction(organization, connection, id, upload, staged).run(maxPlaces))
        .onFailure(Outage::isDuplicate)
        .transform(
            e ->
                ApiException.of(
                    ErrorCode.CONFLICT,
                    "A record was sent under an id that a row of this import has.",
                    e));
  }

  /**
   * Whether {@link #replace} would be allowed now; changes nothing.
   *
   * @return nothing; fails as {@code replace} does
   */
  Uni<Void> check(OrganizationId organization, ImportId id, UUID upload, long staged) {
    return database
        .transaction(
            config.statementTimeout(),
            connection ->
                new Transaction(organization, connection, id, upload, staged)
                    .compare(0)
                    .chain(() -> Uni.createFrom().<Void>failure(new RolledBackException())))
        .onFailure(RolledBackException.class)
        .recoverWithNull();
  }

  /** Ends a transaction that was only to be tried. */
  private static final class RolledBackException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RolledBackException() {
      super("only tried", null, false, false);
    }
  }

  /** What a file changes. */
  private record Compared(List<Change> changes, TooOld tooOld) {}

  /**
   * The changes of a month.
   *
   * @param added how many rows are added
   * @param removed how many are taken back
   */
  private record Change(YearMonth month, long added, long removed) {
    static Change of(Row row) {
      return new Change(YearMonth.from(row.getLocalDate(0)), row.getLong(1), row.getLong(2));
    }
  }

  /** A replacement in progress. */
  private final class Transaction {
    private final OrganizationId organization;
    private final SqlConnection connection;
    private final ImportId id;
    private final UUID upload;
    private final long staged;

    Transaction(
        OrganizationId organization,
        SqlConnection connection,
        ImportId id,
        UUID upload,
        long staged) {
      this.organization = organization;
      this.connection = connection;
      this.id = id;
      this.upload = upload;
      this.staged = staged;
    }

    Uni<Replaced> run(int maxPlaces) {
      return compare(maxPlaces)
          .chain(this::apply)
          .call(() -> staging.discard(organization, connection, upload));
    }

    /** Reduces what is staged to changes that are allowed. */
    Uni<Compared> compare(int maxPlaces) {
      return requireTurn()
          .chain(this::requireStaged)
          .chain(this::isFirst)
          .chain(
              first ->
                  first
                      ? Uni.createFrom().voidItem()
                      : run(
                          ReplacementSql.JOIN_SETS,
                          ReplacementSql.STAGE_MISSING,
                          ReplacementSql.DROP_UNCHANGED,
                          ReplacementSql.JOIN_ROWS,
                          ReplacementSql.MARK_CHANGED))
          .chain(() -> rejectTooOld(maxPlaces))
          .chain(
              rejected ->
                  database
                      .run(
                          connection,
                          new SqlQuery(
                              ReplacementSql.MONTHS, List.of(organization.value(), upload)),
                          Change::of)
                      .map(changes -> new Compared(changes, rejected)))
          .call(
              compared ->
                  retention
                      .keptFrom(connection)
                      .chain(keptFrom -> requireOpen(keptFrom, compared.changes())));
    }

    private Uni<Replaced> apply(Compared compared) {
      long added = compared.changes().stream().mapToLong(Change::added).sum();
      long removed = compared.changes().stream().mapToLong(Change::removed).sum();
      TooOld tooOld = compared.tooOld();
      Replaced replaced = new Replaced(added, removed, staged - tooOld.rows() - added, tooOld);
      return compared.changes().isEmpty()
          ? Uni.createFrom().item(replaced)
          : change(compared.changes()).replaceWith(replaced);
    }

    private Uni<Void> requireTurn() {
      return database
          .run(
              connection,
              new SqlQuery(
                  """
                  SELECT 1 FROM usage_import WHERE owner = $1 AND id = $2 AND upload = $3 FOR SHARE
                  """,
                  List.of(id.ownerColumn(), id.id(), upload)),
              row -> true)
          .invoke(
              rows -> {
                if (rows.isEmpty()) {
                  throw ApiException.of(
                      ErrorCode.CONFLICT, "Another request replaces this import.");
                }
              })
          .replaceWithVoid();
    }

    /** All rows that were staged must still be there, and stay until they are counted. */
    private Uni<Void> requireStaged() {
      List<Object> which = List.of(organization.value(), upload);
      return database
          .run(
              connection,
              new SqlQuery(
                  "SELECT FROM import_upload WHERE organization_id = $1 AND upload = $2 FOR UPDATE",
                  which))
          .chain(
              () ->
                  database.run(
                      connection,
                      new SqlQuery(ReplacementSql.STAGED, which),
                      row -> row.getLong(0)))
          .invoke(
              counts -> {
                if (counts.get(0) != staged) {
                  throw ApiException.of(
                      ErrorCode.UNAVAILABLE,
                      "The database lost rows of the file. Nothing was changed; send it again.");
                }
              })
          .replaceWithVoid();
    }

    /** Whether the import contributes nothing yet. */
    private Uni<Boolean> isFirst() {
      return database
          .run(
              connection,
              new SqlQuery(
                  "SELECT 1 FROM import_sum WHERE organization_id = $1 AND import = $2 LIMIT 1",
                  List.of(organization.value(), id.key())),
              row -> true)
          .map(List::isEmpty);
    }

    private Uni<TooOld> rejectTooOld(int maxPlaces) {
      return database
          .run(
              connection,
              new SqlQuery(
                  ReplacementSql.REJECT_TOO_OLD,
                  List.of(organization.value(), upload, Math.max(1, maxPlaces))),
              row -> row)
          .map(
              rows ->
                  new TooOld(
                      rows.isEmpty() ? 0 : rows.get(0).getLong(0),
                      rows.stream()
                          .limit(maxPlaces)
                          .map(row -> new Entry.Place(row.getLong(1), row.getLong(2)))
                          .toList()));
    }

    private Uni<Void> requireOpen(YearMonth keptFrom, List<Change> changes) {
      List<YearMonth> gone =
          changes.stream().map(Change::month).filter(month -> month.isBefore(keptFrom)).toList();
      if (!gone.isEmpty()) {
        throw refused(ErrorCode.GONE, gone, "Its records are no longer kept");
      }
      return months
          .lockOpen(
              organization,
              connection,
              changes.stream().map(Change::month).collect(Collectors.toSet()))
          .invoke(
              open -> {
                List<YearMonth> closed =
                    changes.stream().map(Change::month).filter(m -> !open.contains(m)).toList();
                if (!closed.isEmpty()) {
                  throw refused(ErrorCode.MONTH_CLOSED, closed, "It is closed");
                }
              })
          .replaceWithVoid();
    }

    private Uni<Void> change(List<Change> changes) {
      return run(ReplacementSql.RELEASE, ReplacementSql.CLAIM)
          .chain(() -> each(changes, this::removeRecords))
          .chain(
              () ->
                  run(
                      ReplacementSql.ADD_RECORDS,
                      ReplacementSql.ADD_TO_MONTHS,
                      ReplacementSql.ADD_TO_DAYS))
          .chain(() -> each(changes, this::removeEmptyDays))
          .chain(() -> run(ReplacementSql.KEEP_ROWS, ReplacementSql.ADD_TO_IMPORT))
          .chain(() -> database.run(connection, emptySums()))
          .chain(() -> run(ReplacementSql.JOIN_SETS))
          .chain(() -> each(changes, this::removeEmptyMonths))
          .chain(
              emptied ->
                  totalChanges()
                      .chain(
                          added -> touched().chain(touched -> publish(touched, added, emptied))));
    }

    /** What totals change by; empty if that is too much to hold. */
    private Uni<Optional<List<MonthTotal>>> totalChanges() {
      SqlQuery query =
          new SqlQuery(
              ReplacementSql.FIRST_TOTALS, List.of(organization.value(), upload, MAX_TOTALS + 1));
      return database
          .run(connection, query, ReplacementRepository::total)
          .map(found -> Optional.of(found).filter(all -> all.size() <= MAX_TOTALS));
    }

    /** The aggregates that change; they are looked up later if that is too much to hold. */
    private Uni<Touched> touched() {
      SqlQuery query =
          new SqlQuery(
              ReplacementSql.FIRST_TOUCHED, List.of(organization.value(), upload, MAX_TOUCHED + 1));
      return database
          .run(connection, query, row -> row.getUUID(0))
          .map(
              ids ->
                  ids.size() <= MAX_TOUCHED
                      ? Touched.of(ids)
                      : new Touched(ReplacementSql.TOUCHED, List.of(upload)));
    }

    /**
     * Changes the data version and the totals, which intake waits for.
     *
     * @param emptied the months that lost aggregates, or empty; totals may have no others
     */
    private Uni<Void> publish(
        Touched touched, Optional<List<MonthTotal>> changes, List<Optional<YearMonth>> emptied) {
      return versions
          .bump(organization, connection, touched)
          .chain(
              () ->
                  changes.isPresent()
                      ? totals.addTotals(organization, connection, changes.get()).replaceWithVoid()
                      : run(ReplacementSql.ADD_TO_TOTALS))
          .chain(
              () ->
                  Multi.createFrom()
                      .items(emptied.stream().flatMap(Optional::stream))
                      .onItem()
                      .transformToUniAndConcatenate(
                          month -> totals.addUp(organization, connection, month))
                      .collect()
                      .last())
          .replaceWithVoid();
    }

    /** For each month that loses rows. */
    private static <T> Uni<List<T>> each(List<Change> changes, Function<Change, Uni<T>> work) {
      return Multi.createFrom()
          .iterable(changes)
          .filter(change -> change.removed() > 0)
          .onItem()
          .transformToUniAndConcatenate(work::apply)
          .collect()
          .asList();
    }

    /** Records that are not there were dropped meanwhile; the next attempt sees it. */
    private Uni<Integer> removeRecords(Change change) {
      return database
          .run(
              connection,
              new SqlQuery(
                  ReplacementSql.REMOVE_RECORDS,
                  List.of(organization.value(), upload, id.key(), change.month())))
          .invoke(
              rows -> {
                if (rows != change.removed()) {
                  throw ApiException.of(
                      ErrorCode.UNAVAILABLE,
                      "Records of this import were removed meanwhile. Nothing was changed; send it"
                          + " again.");
                }
              });
    }

    private Uni<Integer> removeEmptyDays(Change change) {
      return database.run(connection, ofMonth(ReplacementSql.REMOVE_EMPTY_DAYS, change));
    }

    /** Removes aggregates, which are locked already; the month if there were any. */
    private Uni<Optional<YearMonth>> removeEmptyMonths(Change change) {
      return database
          .run(connection, ofMonth(ReplacementSql.REMOVE_EMPTY_MONTHS, change))
          .map(removed -> Optional.of(change.month()).filter(month -> removed > 0));
    }

    private SqlQuery ofMonth(String statement, Change change) {
      return new SqlQuery(statement, List.of(organization.value(), upload, change.month()));
    }

    private Uni<Void> run(String... statements) {
      Uni<Integer> all = Uni.createFrom().item(0);
      for (String statement : statements) {
        all = all.chain(() -> database.run(connection, query(statement)));
      }
      return all.replaceWithVoid();
    }

    private SqlQuery emptySums() {
      return new SqlQuery(
          "DELETE FROM import_sum WHERE organization_id = $1 AND import = $2 AND number_of_rows = 0",
          List.of(organization.value(), id.key()));
    }

    /** A statement, with the parameters it has. */
    private SqlQuery query(String statement) {
      List<Object> arguments = new ArrayList<>();
      if (statement.contains("$1")) {
        arguments.addAll(List.of(organization.value(), upload));
      }
      if (statement.contains("$3")) {
        arguments.add(id.key());
      }
      return new SqlQuery(statement, arguments);
    }
  }

  private static MonthTotal total(Row row) {
    MonthTotal.Key key =
        new MonthTotal.Key(
            row.getString("field"),
            row.getBoolean("top_up"),
            row.getLocalDate("month"),
            row.getString("value"),
            row.getString("currency"),
            row.getString("unit"),
            row.getString("unit_word"));
    return new MonthTotal(
        key, row.getBigDecimal("number_of_units"), row.getBigDecimal("total_amount"));
  }

  private static ApiException refused(
      ErrorCode code, Collection<YearMonth> months, String problem) {
    return ApiException.conflict(
        code,
        "The import would change months that cannot change. None of its rows was changed.",
        months.stream().map(month -> new FieldError(month.toString(), problem)).toList());
  }
}
