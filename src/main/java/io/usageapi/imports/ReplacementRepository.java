package io.usageapi.imports;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.usageapi.aggregate.DataVersionRepository;
import io.usageapi.aggregate.Dimension;
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
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Replaces the rows of an import in an organization by those staged, in one transaction. It first
 * reduces what is staged to the changes: each remaining row has more or fewer copies than before.
 * Everything after that follows the changes only: identities, records, months, days, the rows and
 * sums of the import, and the data version last, in the order of intake.
 */
@ApplicationScoped
public class ReplacementRepository {
  /** The changes; {@code $1} and {@code $2} in each statement. */
  private static final String CHANGES = "s.organization_id = $1 AND s.upload = $2";

  /** The id of a copy, which is a record. */
  private static final String RECORD_ID =
      "replace($3::uuid::text, '-', '') || replace(s.content::text, '-', '') || '-' || n";

  /** The planner takes an array for ten rows, and a series for a thousand. */
  private static final String COPIES =
      "FROM staged_row s, unnest(ARRAY(SELECT generate_series(%s + 1, %s))) AS n WHERE " + CHANGES;

  private static final String ADDED = COPIES.formatted("s.copies_before", "s.copies");

  private static final String REMOVED = COPIES.formatted("s.copies", "s.copies_before");

  /** The day a record of an import counts on. */
  private static final String DAY = "(%s.occurred_at AT TIME ZONE 'UTC')::date";

  /**
   * The planner may not know yet how many rows are staged, or how many a table has, and would then
   * compare each row with each. Sets of one import are joined as sets; other rows are looked up one
   * by one, each by its whole key, in subqueries.
   */
  private static final String JOIN_SETS =
      "SELECT set_config('enable_nestloop', 'off', true), set_config('jit', 'off', true)";

  private static final String JOIN_ROWS = "SELECT set_config('enable_nestloop', 'on', true)";

  /** Rows that the file has no more are staged with what their aggregates say of them. */
  private static final String STAGE_MISSING =
      """
      WITH missing AS (
        DELETE FROM imported_row i
        WHERE i.organization_id = $1 AND i.import = $3 AND NOT EXISTS (
          SELECT FROM staged_row s WHERE %s AND s.content = i.content)
        RETURNING *)
      INSERT INTO staged_row
        (organization_id, upload, content, copies, copies_before, aggregate_id, occurred_at,
         number_of_units, total_amount, %s)
      SELECT i.organization_id, $2, i.content, 0, i.copies, i.aggregate_id, i.occurred_at,
        i.number_of_units, i.total_amount, %s
      FROM missing i
      CROSS JOIN LATERAL (
        SELECT * FROM monthly_usage m WHERE m.organization_id = $1 AND m.id = i.aggregate_id OFFSET 0) AS m
      """
          .formatted(CHANGES, Dimension.columns(), Dimension.list(each -> "m." + each.column()));

  private static final String DROP_UNCHANGED =
      """
      DELETE FROM staged_row s
      USING imported_row i
      WHERE %s AND i.organization_id = $1 AND i.import = $3
        AND i.content = s.content AND i.copies = s.copies
      """
          .formatted(CHANGES);

  private static final String COPIES_BEFORE =
      """
      (SELECT i.copies FROM imported_row i
        WHERE i.organization_id = $1 AND i.import = $3 AND i.content = s.content)""";

  private static final String MARK_CHANGED =
      "UPDATE staged_row s SET copies_before = %s\nWHERE %s AND s.copies > 0 AND %s IS NOT NULL"
          .formatted(COPIES_BEFORE, CHANGES, COPIES_BEFORE);

  private static final String REJECT_TOO_OLD =
      """
      WITH rejected AS (
        DELETE FROM staged_row s WHERE %s AND s.copies_before = 0
          AND s.month < (SELECT max(kept_from) FROM record_retention)
        RETURNING s.copies, s.index, s.line)
      SELECT (sum(copies) OVER ())::bigint, index, line FROM rejected ORDER BY index LIMIT $3
      """
          .formatted(CHANGES);

  private static final String MONTHS =
      """
      SELECT s.month, sum(greatest(s.copies - s.copies_before, 0))::bigint,
        sum(greatest(s.copies_before - s.copies, 0))::bigint
      FROM staged_row s WHERE %s GROUP BY s.month ORDER BY s.month
      """
          .formatted(CHANGES);

  private static final String CLAIM =
      """
      INSERT INTO record_identity (organization_id, account_id, id, content, month)
      SELECT s.organization_id, s.account_id, %s, s.content, s.month %s
      """
          .formatted(RECORD_ID, ADDED);

  private static final String RELEASE =
      """
      DELETE FROM record_identity r
      WHERE r.organization_id = $1 AND r.ctid = ANY (ARRAY(
        SELECT (
          SELECT same.ctid FROM record_identity same
          WHERE same.organization_id = $1 AND same.account_id = s.account_id AND same.id = %s)
        %s))
      """
          .formatted(RECORD_ID, REMOVED);

  private static final String ADD_RECORDS =
      """
      INSERT INTO usage_record
        (organization_id, month, aggregate_id, id, occurred_at, number_of_units, total_amount)
      SELECT s.organization_id, s.month, s.aggregate_id, %s, s.occurred_at, s.number_of_units,
        s.total_amount %s
      """
          .formatted(RECORD_ID, ADDED);

  /** Of one month, and so of one partition, in which a ctid is one row. */
  private static final String REMOVE_RECORDS =
      """
      DELETE FROM usage_record u
      WHERE u.organization_id = $1 AND u.month = $4 AND u.ctid = ANY (ARRAY(
        SELECT (
          SELECT same.ctid FROM usage_record same
          WHERE same.organization_id = $1 AND same.month = $4
            AND same.aggregate_id = s.aggregate_id AND same.occurred_at = s.occurred_at
            AND same.id = %s)
        %s AND s.month = $4))
      """
          .formatted(RECORD_ID, REMOVED);

  private static final String SUMS =
      "sum((s.copies - s.copies_before) * s.number_of_units),"
          + " sum((s.copies - s.copies_before) * s.total_amount)";

  /** Ordered as {@link UUID} orders, in which intake locks aggregates. */
  private static final String ORDER =
      "s.aggregate_id < '80000000-0000-0000-0000-000000000000', s.aggregate_id";

  private static final String ADD_TO_MONTHS =
      """
      INSERT INTO monthly_usage (organization_id, id, number_of_units, total_amount, updated_at, %1$s)
      SELECT s.organization_id, s.aggregate_id, %2$s, now(), %3$s
      FROM staged_row s WHERE %4$s
      GROUP BY s.organization_id, s.aggregate_id, %3$s
      ORDER BY %5$s
      ON CONFLICT (organization_id, id) DO UPDATE SET
        number_of_units = monthly_usage.number_of_units + excluded.number_of_units,
        total_amount = monthly_usage.total_amount + excluded.total_amount,
        updated_at = greatest(monthly_usage.updated_at, excluded.updated_at)
      """
          .formatted(
              Dimension.columns(),
              SUMS,
              Dimension.list(each -> "s." + each.column()),
              CHANGES,
              ORDER);

  private static final String ADD_TO_DAYS =
      """
      INSERT INTO daily_usage
        (organization_id, aggregate_id, day, number_of_units, total_amount, updated_at)
      SELECT s.organization_id, s.aggregate_id, %1$s AS day, %2$s, now()
      FROM staged_row s WHERE %3$s
      GROUP BY s.organization_id, s.aggregate_id, day
      ORDER BY %4$s, day
      ON CONFLICT (organization_id, aggregate_id, day) DO UPDATE SET
        number_of_units = daily_usage.number_of_units + excluded.number_of_units,
        total_amount = daily_usage.total_amount + excluded.total_amount,
        updated_at = greatest(daily_usage.updated_at, excluded.updated_at)
      """
          .formatted(DAY.formatted("s"), SUMS, CHANGES, ORDER);

  private static final String REDUCED =
      """
      ANY (ARRAY(
        SELECT DISTINCT s.aggregate_id FROM staged_row s
        WHERE %s AND s.copies < s.copies_before AND s.month = $3))"""
          .formatted(CHANGES);

  /** Days of a month that lost their last record; late records count on its first day. */
  private static final String REMOVE_EMPTY_DAYS =
      """
      DELETE FROM daily_usage d
      WHERE d.organization_id = $1 AND d.day >= $3 AND d.day < $3 + interval '1 month'
        AND d.aggregate_id = %s
        AND (
          SELECT 1 FROM usage_record u
          WHERE u.organization_id = $1 AND u.month = $3 AND u.aggregate_id = d.aggregate_id
            AND u.occurred_at < (d.day + 1)::timestamp AT TIME ZONE 'UTC'
            AND u.occurred_at >= CASE WHEN d.day = $3 THEN '-infinity'
              ELSE d.day::timestamp AT TIME ZONE 'UTC' END
          LIMIT 1) IS NULL
      """
          .formatted(REDUCED);

  /**
   * Aggregates of a month that lost their last record. Intake that has a record of one which is not
   * committed yet waits for its row, and then makes it anew.
   */
  private static final String REMOVE_EMPTY_MONTHS =
      """
      DELETE FROM monthly_usage m
      WHERE m.organization_id = $1 AND m.month = $3 AND m.id = %s
        AND (
          SELECT 1 FROM usage_record u
          WHERE u.organization_id = $1 AND u.month = $3 AND u.aggregate_id = m.id
          LIMIT 1) IS NULL
      """
          .formatted(REDUCED);

  private static final String KEEP_ROWS =
      """
      INSERT INTO imported_row
        (organization_id, import, content, copies, aggregate_id, occurred_at, number_of_units,
         total_amount)
      SELECT s.organization_id, $3, s.content, s.copies, s.aggregate_id, s.occurred_at,
        s.number_of_units, s.total_amount
      FROM staged_row s WHERE %s AND s.copies > 0
      ORDER BY s.content
      ON CONFLICT (organization_id, import, content) DO UPDATE SET copies = excluded.copies
      """
          .formatted(CHANGES);

  private static final String ADD_TO_IMPORT =
      """
      INSERT INTO import_sum (organization_id, import, currency, number_of_rows, total_amount)
      SELECT s.organization_id, $3, s.currency, sum(s.copies - s.copies_before)::bigint,
        sum((s.copies - s.copies_before) * s.total_amount)
      FROM staged_row s WHERE %s
      GROUP BY s.organization_id, s.currency
      ON CONFLICT (organization_id, import, currency) DO UPDATE SET
        number_of_rows = import_sum.number_of_rows + excluded.number_of_rows,
        total_amount = import_sum.total_amount + excluded.total_amount
      """
          .formatted(CHANGES);

  private final Database database;
  private final ImportsConfig config;
  private final StagingRepository staging;
  private final RetentionRepository retention;
  private final MonthRepository months;
  private final DataVersionRepository versions;

  ReplacementRepository(
      Database database,
      ImportsConfig config,
      StagingRepository staging,
      RetentionRepository retention,
      MonthRepository months,
      DataVersionRepository versions) {
    this.database = database;
    this.config = config;
    this.staging = staging;
    this.retention = retention;
    this.months = months;
    this.versions = versions;
  }

  /**
   * The outcome in one organization, in rows.
   *
   * @param tooOld rows of months that are no longer kept; they do not count
   * @param places where the first of these are
   */
  record Replaced(
      long added, long removed, long unchanged, long tooOld, List<Entry.Place> places) {}

  /**
   * Replaces.
   *
   * @param upload what is staged; nothing takes everything back
   * @param maxPlaces the most places of rows that are too old
   * @return the outcome; fails with 409 {@code conflict} if another upload replaces the import, 409
   *     {@code month_closed} if a row would be added to or taken from a month that is not open, 409
   *     {@code gone} if a row would be taken from a month that is no longer kept
   */
  Uni<Replaced> replace(OrganizationId organization, ImportId id, UUID upload, int maxPlaces) {
    return database
        .transaction(
            config.statementTimeout(),
            connection -> new Transaction(organization, connection, id, upload).run(maxPlaces))
        .onFailure(Outage::isDuplicate)
        .transform(
            e ->
                ApiException.of(
                    ErrorCode.CONFLICT,
                    "A record was sent under an id that a row of this import has.",
                    e));
  }

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

    Transaction(OrganizationId organization, SqlConnection connection, ImportId id, UUID upload) {
      this.organization = organization;
      this.connection = connection;
      this.id = id;
      this.upload = upload;
    }

    Uni<Replaced> run(int maxPlaces) {
      return requireTurn()
          .chain(this::staged)
          .chain(
              staged ->
                  isFirst()
                      .chain(
                          first ->
                              first
                                  ? Uni.createFrom().voidItem()
                                  : run(
                                      JOIN_SETS,
                                      STAGE_MISSING,
                                      DROP_UNCHANGED,
                                      JOIN_ROWS,
                                      MARK_CHANGED))
                      .chain(() -> rejectTooOld(maxPlaces))
                      .chain(rejected -> apply(staged, rejected)))
          .call(() -> staging.discard(organization, connection, upload));
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

    /** The number of rows staged; all that were must still be there. */
    private Uni<Long> staged() {
      return database
          .run(
              connection,
              new SqlQuery(
                  """
                  SELECT coalesce((SELECT sum(s.copies)::bigint FROM staged_row s WHERE %s), 0),
                    coalesce((SELECT number_of_rows FROM import_upload s WHERE %s), 0)
                  """
                      .formatted(CHANGES, CHANGES),
                  List.of(organization.value(), upload)),
              row -> List.of(row.getLong(0), row.getLong(1)))
          .map(
              counts -> {
                if (!counts.get(0).get(0).equals(counts.get(0).get(1))) {
                  throw ApiException.of(
                      ErrorCode.UNAVAILABLE,
                      "The database lost rows of the file. Nothing was changed; send it again.");
                }
                return counts.get(0).get(0);
              });
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

    private Uni<Replaced> rejectTooOld(int maxPlaces) {
      return database
          .run(
              connection,
              new SqlQuery(
                  REJECT_TOO_OLD, List.of(organization.value(), upload, Math.max(1, maxPlaces))),
              row -> row)
          .map(
              rows ->
                  new Replaced(
                      0,
                      0,
                      0,
                      rows.isEmpty() ? 0 : rows.get(0).getLong(0),
                      rows.stream()
                          .limit(maxPlaces)
                          .map(row -> new Entry.Place(row.getLong(1), row.getLong(2)))
                          .toList()));
    }

    private Uni<Replaced> apply(long staged, Replaced rejected) {
      return database
          .run(connection, new SqlQuery(MONTHS, List.of(organization.value(), upload)), Change::of)
          .call(
              changes ->
                  retention.keptFrom(connection).chain(keptFrom -> requireOpen(keptFrom, changes)))
          .chain(
              changes -> {
                long added = changes.stream().mapToLong(Change::added).sum();
                long removed = changes.stream().mapToLong(Change::removed).sum();
                Replaced replaced =
                    new Replaced(
                        added,
                        removed,
                        staged - rejected.tooOld() - added,
                        rejected.tooOld(),
                        rejected.places());
                return changes.isEmpty()
                    ? Uni.createFrom().item(replaced)
                    : change(changes).replaceWith(replaced);
              });
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
      return run(RELEASE, CLAIM)
          .chain(() -> each(changes, this::removeRecords))
          .chain(() -> run(ADD_RECORDS, ADD_TO_MONTHS, ADD_TO_DAYS))
          .chain(() -> each(changes, this::removeEmpty))
          .chain(() -> run(KEEP_ROWS, ADD_TO_IMPORT))
          .chain(() -> database.run(connection, emptySums()))
          .chain(() -> versions.bump(organization, connection));
    }

    /** For each month that loses rows. */
    private static Uni<Void> each(List<Change> changes, Function<Change, Uni<?>> work) {
      return Multi.createFrom()
          .iterable(changes)
          .filter(change -> change.removed() > 0)
          .onItem()
          .transformToUniAndConcatenate(work::apply)
          .collect()
          .last()
          .replaceWithVoid();
    }

    /** Records that are not there were dropped meanwhile; the next attempt sees it. */
    private Uni<Integer> removeRecords(Change change) {
      return database
          .run(
              connection,
              new SqlQuery(
                  REMOVE_RECORDS, List.of(organization.value(), upload, id.key(), change.month())))
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

    private Uni<Integer> removeEmpty(Change change) {
      List<Object> which = List.of(organization.value(), upload, change.month());
      return database
          .run(connection, new SqlQuery(REMOVE_EMPTY_DAYS, which))
          .chain(() -> database.run(connection, new SqlQuery(REMOVE_EMPTY_MONTHS, which)));
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

  private static ApiException refused(
      ErrorCode code, Collection<YearMonth> months, String problem) {
    return ApiException.conflict(
        code,
        "The import would change months that cannot change, so nothing was changed.",
        months.stream().map(month -> new FieldError(month.toString(), problem)).toList());
  }
}
