package io.usageapi.imports;

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

  private static final String ADDED =
      "FROM staged_row s, generate_series(s.copies_before + 1, s.copies) AS n WHERE " + CHANGES;

  private static final String REMOVED =
      "FROM staged_row s, generate_series(s.copies + 1, s.copies_before) AS n WHERE " + CHANGES;

  /** The day a record of an import counts on. */
  private static final String DAY = "(%s.occurred_at AT TIME ZONE 'UTC')::date";

  /** Rows that the file has no more, with what their aggregates say of them. */
  private static final String STAGE_MISSING =
      """
      INSERT INTO staged_row
        (organization_id, upload, content, copies, copies_before, aggregate_id, occurred_at,
         number_of_units, total_amount, %s)
      SELECT i.organization_id, $2, i.content, 0, i.copies, i.aggregate_id, i.occurred_at,
        i.number_of_units, i.total_amount, %s
      FROM imported_row i
      JOIN monthly_usage m ON m.organization_id = i.organization_id AND m.id = i.aggregate_id
      WHERE i.organization_id = $1 AND i.import = $3 AND NOT EXISTS (
        SELECT FROM staged_row s WHERE %s AND s.content = i.content)
      """
          .formatted(
              Dimension.columns(), Dimension.list(each -> "m." + each.column()), CHANGES);

  private static final String MARK_CHANGED =
      """
      UPDATE staged_row s SET copies_before = i.copies
      FROM imported_row i
      WHERE %s AND s.copies > 0 AND i.organization_id = $1 AND i.import = $3
        AND i.content = s.content AND i.copies <> s.copies
      """
          .formatted(CHANGES);

  private static final String DROP_UNCHANGED =
      """
      DELETE FROM staged_row s
      USING imported_row i
      WHERE %s AND s.copies_before = 0 AND i.organization_id = $1 AND i.import = $3
        AND i.content = s.content AND i.copies = s.copies
      """
          .formatted(CHANGES);

  private static final String REJECT_TOO_OLD =
      """
      WITH rejected AS (
        DELETE FROM staged_row s WHERE %s AND s.month < $3 AND s.copies_before = 0
        RETURNING s.copies, s.index, s.line)
      SELECT sum(copies) OVER ()::bigint, index, line FROM rejected ORDER BY index LIMIT $4
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
      USING (SELECT s.account_id, %s AS id %s) AS g
      WHERE r.organization_id = $1 AND r.account_id = g.account_id AND r.id = g.id
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

  private static final String REMOVE_RECORDS =
      """
      DELETE FROM usage_record u
      USING (SELECT s.month, s.aggregate_id, s.occurred_at, %s AS id %s) AS g
      WHERE u.organization_id = $1 AND u.month = g.month AND u.aggregate_id = g.aggregate_id
        AND u.occurred_at = g.occurred_at AND u.id = g.id
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

  /**
   * Days that lost their last record. A record that is late counts on the first day of its month.
   */
  private static final String REMOVE_EMPTY_DAYS =
      """
      DELETE FROM daily_usage d
      USING (
        SELECT DISTINCT s.month, s.aggregate_id, %s AS day
        FROM staged_row s WHERE %s AND s.copies < s.copies_before) AS g
      WHERE d.organization_id = $1 AND d.aggregate_id = g.aggregate_id AND d.day = g.day
        AND NOT EXISTS (
          SELECT FROM usage_record u
          WHERE u.organization_id = $1 AND u.month = g.month AND u.aggregate_id = g.aggregate_id
            AND greatest(%s, u.month) = g.day)
      """
          .formatted(DAY.formatted("s"), CHANGES, DAY.formatted("u"));

  /**
   * Aggregates that lost their last record. Intake that has a record of one which is not committed
   * yet waits for its row, and then makes it anew.
   */
  private static final String REMOVE_EMPTY_MONTHS =
      """
      DELETE FROM monthly_usage m
      USING (
        SELECT DISTINCT s.month, s.aggregate_id
        FROM staged_row s WHERE %s AND s.copies < s.copies_before) AS g
      WHERE m.organization_id = $1 AND m.id = g.aggregate_id
        AND NOT EXISTS (
          SELECT FROM usage_record u
          WHERE u.organization_id = $1 AND u.month = g.month AND u.aggregate_id = g.aggregate_id)
      """
          .formatted(CHANGES);

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

  private static final String FORGET_ROWS =
      """
      DELETE FROM imported_row i
      USING staged_row s
      WHERE %s AND s.copies = 0
        AND i.organization_id = $1 AND i.import = $3 AND i.content = s.content
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
  record Replaced(long added, long removed, long unchanged, long tooOld, List<Entry.Place> places) {}

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
                  run(STAGE_MISSING, MARK_CHANGED, DROP_UNCHANGED)
                      .chain(() -> retention.keptFrom(connection))
                      .chain(
                          keptFrom ->
                              rejectTooOld(keptFrom, maxPlaces)
                                  .chain(rejected -> apply(staged, keptFrom, rejected))))
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

    private Uni<Replaced> rejectTooOld(YearMonth keptFrom, int maxPlaces) {
      return database
          .run(
              connection,
              new SqlQuery(
                  REJECT_TOO_OLD,
                  List.of(organization.value(), upload, keptFrom, Math.max(1, maxPlaces))),
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

    private Uni<Replaced> apply(long staged, YearMonth keptFrom, Replaced rejected) {
      return database
          .run(
              connection,
              new SqlQuery(MONTHS, List.of(organization.value(), upload)),
              Change::of)
          .call(changes -> requireOpen(keptFrom, changes))
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
                    : change(removed).replaceWith(replaced);
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

    /** Records that are not there were dropped meanwhile; the next attempt sees it. */
    private Uni<Void> change(long removed) {
      return run(RELEASE, CLAIM)
          .chain(() -> database.run(connection, query(REMOVE_RECORDS)))
          .invoke(
              rows -> {
                if (rows != removed) {
                  throw ApiException.of(
                      ErrorCode.UNAVAILABLE,
                      "Records of this import were removed meanwhile. Nothing was changed; send it"
                          + " again.");
                }
              })
          .chain(
              () ->
                  run(
                      ADD_RECORDS,
                      ADD_TO_MONTHS,
                      ADD_TO_DAYS,
                      REMOVE_EMPTY_DAYS,
                      REMOVE_EMPTY_MONTHS,
                      KEEP_ROWS,
                      FORGET_ROWS,
                      ADD_TO_IMPORT))
          .chain(() -> database.run(connection, emptySums()))
          .chain(() -> versions.bump(organization, connection));
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
      List<Object> arguments = new ArrayList<>(List.of(organization.value(), upload));
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
        months.stream()
            .map(month -> new FieldError(month.toString(), problem))
            .toList());
  }
}
