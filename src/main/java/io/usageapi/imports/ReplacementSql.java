package io.usageapi.imports;

import io.usageapi.aggregate.Dimension;
import io.usageapi.aggregate.total.MonthTotalsSql;
import java.util.UUID;

/**
 * The statements of a replacement. {@code $1} is the organization and {@code $2} the upload; {@code
 * $3} is the import, or a month where a statement is of one month.
 */
final class ReplacementSql {
  /** The changes; {@code $1} and {@code $2} in each statement. */
  static final String CHANGES = "s.organization_id = $1 AND s.upload = $2";

  /** The id of a copy, which is a record. */
  private static final String RECORD_ID =
      "replace($3::uuid::text, '-', '') || replace(s.content::text, '-', '') || '-' || n";

  /** The planner takes an array for ten rows, and a series for a thousand. */
  private static final String COPIES =
      "FROM staged_row s, unnest(ARRAY(SELECT generate_series(%s + 1, %s))) AS n WHERE " + CHANGES;

  private static final String ADDED = COPIES.formatted("s.copies_before", "s.copies");

  private static final String REMOVED = COPIES.formatted("s.copies", "s.copies_before");

  /** The day a record of an import counts on. */
  private static final String DAY = "(s.occurred_at AT TIME ZONE 'UTC')::date";

  /**
   * The planner may not know yet how many rows are staged, or how many an organization has, and
   * would then compare each row with each. Rows of one import, and aggregates, are joined as sets;
   * other rows are looked up one by one, each by its whole key, in subqueries. Aggregates are not:
   * several of their indexes look alike to the planner then.
   */
  static final String JOIN_SETS =
      "SELECT set_config('enable_nestloop', 'off', true), set_config('jit', 'off', true)";

  /** Rows that were looked up are deleted by their place, which is to cost less than any index. */
  static final String JOIN_ROWS =
      "SELECT set_config('enable_nestloop', 'on', true), set_config('random_page_cost', '0', true)";

  static final String STAGED =
      "SELECT coalesce(sum(s.copies), 0)::bigint FROM staged_row s WHERE " + CHANGES;

  /** Rows that the file has no more are staged with what their aggregates say of them. */
  static final String STAGE_MISSING =
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
      LEFT JOIN monthly_usage m ON m.organization_id = $1 AND m.id = i.aggregate_id
      """
          .formatted(CHANGES, Dimension.columns(), Dimension.list(each -> "m." + each.column()));

  static final String DROP_UNCHANGED =
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

  static final String MARK_CHANGED =
      "UPDATE staged_row s SET copies_before = %s\nWHERE %s AND s.copies > 0 AND %s IS NOT NULL"
          .formatted(COPIES_BEFORE, CHANGES, COPIES_BEFORE);

  static final String REJECT_TOO_OLD =
      """
      WITH rejected AS (
        DELETE FROM staged_row s WHERE %s AND s.copies_before = 0
          AND s.month < (SELECT max(kept_from) FROM record_retention)
        RETURNING s.copies, s.index, s.line)
      SELECT (sum(copies) OVER ())::bigint, index, line FROM rejected ORDER BY index LIMIT $3
      """
          .formatted(CHANGES);

  static final String MONTHS =
      """
      SELECT s.month, sum(greatest(s.copies - s.copies_before, 0))::bigint,
        sum(greatest(s.copies_before - s.copies, 0))::bigint
      FROM staged_row s WHERE %s GROUP BY s.month ORDER BY s.month
      """
          .formatted(CHANGES);

  static final String CLAIM =
      """
      INSERT INTO record_identity (organization_id, account_id, id, content, month)
      SELECT s.organization_id, s.account_id, %s, s.content, s.month %s
      """
          .formatted(RECORD_ID, ADDED);

  static final String RELEASE =
      """
      DELETE FROM record_identity r
      WHERE r.organization_id = $1 AND r.ctid = ANY (ARRAY(
        SELECT (
          SELECT same.ctid FROM record_identity same
          WHERE same.organization_id = $1 AND same.account_id = s.account_id AND same.id = %s)
        %s))
      """
          .formatted(RECORD_ID, REMOVED);

  static final String ADD_RECORDS =
      """
      INSERT INTO usage_record
        (organization_id, month, aggregate_id, id, occurred_at, number_of_units, total_amount)
      SELECT s.organization_id, s.month, s.aggregate_id, %s, s.occurred_at, s.number_of_units,
        s.total_amount %s
      """
          .formatted(RECORD_ID, ADDED);

  /** Of one month, and so of one partition, in which a ctid is one row. */
  static final String REMOVE_RECORDS =
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

  static final String ADD_TO_MONTHS =
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

  static final String ADD_TO_DAYS =
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
          .formatted(DAY, SUMS, CHANGES, ORDER);

  /** The aggregates that change. */
  static final String TOUCHED = "SELECT DISTINCT s.aggregate_id FROM staged_row s WHERE " + CHANGES;

  /** Up to {@code $3} of them. */
  static final String FIRST_TOUCHED = TOUCHED + " LIMIT $3";

  private static final String TOTALS =
      MonthTotalsSql.totals(
          "(s.copies - s.copies_before) * s.number_of_units",
          "(s.copies - s.copies_before) * s.total_amount",
          "now()",
          "staged_row s WHERE " + CHANGES);

  /** What totals change by, up to {@code $3} of them. */
  static final String FIRST_TOTALS = TOTALS + "LIMIT $3";

  /** Follows the data version, which protects totals. */
  static final String ADD_TO_TOTALS = MonthTotalsSql.INSERT + TOTALS + MonthTotalsSql.OR_ADD;

  /** Days of a month that lost their last record; late records count on its first day. */
  static final String REMOVE_EMPTY_DAYS =
      """
      DELETE FROM daily_usage d
      WHERE d.organization_id = $1 AND d.ctid = ANY (ARRAY(
        SELECT (
          SELECT same.ctid FROM daily_usage same
          WHERE same.organization_id = $1 AND same.aggregate_id = g.aggregate_id
            AND same.day = g.day AND (
              SELECT 1 FROM usage_record u
              WHERE u.organization_id = $1 AND u.month = $3 AND u.aggregate_id = g.aggregate_id
                AND u.occurred_at < (g.day + 1)::timestamp AT TIME ZONE 'UTC'
                AND u.occurred_at >= CASE WHEN g.day = $3 THEN '-infinity'
                  ELSE g.day::timestamp AT TIME ZONE 'UTC' END
              LIMIT 1) IS NULL)
        FROM (
          SELECT DISTINCT s.aggregate_id, %s AS day
          FROM staged_row s
          WHERE %s AND s.copies < s.copies_before AND s.month = $3) AS g))
      """
          .formatted(DAY, CHANGES);

  /**
   * Aggregates of a month that lost their last record. Intake that has a record of one which is not
   * committed yet waits for its row, and then makes it anew.
   */
  static final String REMOVE_EMPTY_MONTHS =
      """
      DELETE FROM monthly_usage m
      USING (
        SELECT DISTINCT s.aggregate_id FROM staged_row s
        WHERE %s AND s.copies < s.copies_before AND s.month = $3) AS g
      WHERE m.organization_id = $1 AND m.month = $3 AND m.id = g.aggregate_id
        AND (
          SELECT 1 FROM usage_record u
          WHERE u.organization_id = $1 AND u.month = $3 AND u.aggregate_id = m.id
          LIMIT 1) IS NULL
      """
          .formatted(CHANGES);

  static final String KEEP_ROWS =
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

  static final String ADD_TO_IMPORT =
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

  private ReplacementSql() {}
}
