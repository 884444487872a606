package io.usageapi.aggregate.change;

import io.smallrye.mutiny.Uni;
import io.usageapi.database.Database;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import io.usageapi.security.OrganizationId;
import io.usageapi.sql.SqlQuery;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The log of the aggregates that each commit of an organization touched.
 *
 * <p>A commit takes its place in the log while it holds the organization's data version, which it
 * keeps until its end. So the places are in the order of the commits, and whoever sees a commit
 * sees all before it. Each row names the version before its own. A reader follows this chain from
 * its position up to the present version; where the chain is broken, changes are unknown, and the
 * reader has to start again.
 */
@ApplicationScoped
public class ChangeLogRepository {
  /**
   * The most aggregates of a row. Their 1,600 bytes stay in the row, which is not compressed or
   * moved elsewhere.
   */
  private static final int PART = 100;

  /** The most rows read at once. */
  private static final int MAX_ROWS = 1_000;

  /** About the most aggregates read at once, before those touched again are counted once. */
  private static final int MAX_AGGREGATES = 2_000;

  /** The most rows looked at before a batch of old ones is deleted. */
  private static final int OLD_ROWS = 1_000;

  /** A commit that touched nothing has a row, too: the chain goes through it. */
  private static final String APPEND =
      """
      INSERT INTO usage_change
        (organization_id, sequence, part, version, previous, changed_at, aggregates)
      SELECT v.organization_id, v.sequence, coalesce(p.part, 0), v.version, v.previous, now(),
        coalesce(p.aggregates, '{}')
      FROM data_version v
      LEFT JOIN (
        SELECT part, array_agg(id) AS aggregates
        FROM (
          SELECT id, ((row_number() OVER ()) - 1) / %d AS part FROM (%%s) AS touched (id)) AS numbered
        GROUP BY part) AS p ON true
      WHERE v.organization_id = $1
      """
          .formatted(PART);

  private static final String READ =
      """
      SELECT v.sequence, v.version, c.sequence, c.part, c.version, c.previous, c.aggregates
      FROM (VALUES (1)) AS always (one)
      LEFT JOIN data_version v ON v.organization_id = $1
      LEFT JOIN (
        SELECT *, sum(cardinality(aggregates)) OVER (ORDER BY sequence, part)
          - cardinality(aggregates) AS before
        FROM (
          SELECT * FROM usage_change
          WHERE organization_id = $1 AND (sequence, part) >= ($2, $3)
          ORDER BY sequence, part LIMIT %d) AS ahead) AS c ON c.before < %d
      ORDER BY c.sequence, c.part
      """
          .formatted(MAX_ROWS, MAX_AGGREGATES);

  /** A row of {@link #READ} that has one of the log. */
  private record LogRow(
      long sequence, int part, UUID version, UUID previous, List<UUID> aggregates) {
    static LogRow of(Row row) {
      return new LogRow(
          row.getLong(2),
          row.getInteger(3),
          row.getUUID(4),
          row.getUUID(5),
          List.of(row.getArrayOfUUIDs(6)));
    }

    boolean follows(ChangeToken position) {
      return position.isWhole()
          ? sequence == position.sequence() + 1 && part == 0 && previous.equals(position.version())
          : sequence == position.sequence()
              && part == position.part()
              && version.equals(position.version());
    }

    boolean follows(LogRow before) {
      return sequence == before.sequence
          ? part == before.part + 1 && version.equals(before.version)
          : sequence == before.sequence + 1 && part == 0 && previous.equals(before.version);
    }
  }

  private final Database database;

  ChangeLogRepository(Database database) {
    this.database = database;
  }

  /**
   * Adds the commit of a transaction to the log. The transaction has changed the organization's
   * data version just before.
   */
  public Uni<Integer> append(
      OrganizationId organization, SqlConnection connection, Touched touched) {
    List<Object> arguments = new ArrayList<>();
    arguments.add(organization.value());
    arguments.addAll(touched.arguments());
    return database.run(connection, new SqlQuery(APPEND.formatted(touched.ids()), arguments));
  }

  /**
   * What changed after a position, up to about {@value #MAX_AGGREGATES} aggregates.
   *
   * @return the changes; fails with 410 if some of them are not known
   */
  public Uni<LoggedChanges> read(OrganizationId organization, ChangeToken since) {
    SqlQuery query =
        new SqlQuery(
            READ,
            List.of(
                organization.value(),
                since.isWhole() ? since.sequence() + 1 : since.sequence(),
                since.isWhole() ? 0 : since.part()));
    return database.readByIndex(query, row -> row).map(rows -> changes(since, rows));
  }

  private static LoggedChanges changes(ChangeToken since, List<Row> rows) {
    ChangeToken present = present(rows.get(0));
    Map<UUID, ChangeToken> aggregates = new LinkedHashMap<>();
    ChangeToken end = since;
    LogRow before = null;
    int read = 0;
    for (Row row : rows) {
      if (row.getLong(2) == null) {
        break;
      }
      LogRow logged = LogRow.of(row);
      if (!(before == null ? logged.follows(since) : logged.follows(before))) {
        throw gone();
      }
      int known = before == null && !since.isWhole() ? since.known() : 0;
      for (int i = known; i < logged.aggregates().size(); i++) {
        // It moves to where it was touched last.
        aggregates.remove(logged.aggregates().get(i));
        aggregates.put(
            logged.aggregates().get(i),
            new ChangeToken(logged.sequence(), logged.version(), logged.part(), i + 1));
      }
      read += logged.aggregates().size();
      end =
          new ChangeToken(
              logged.sequence(), logged.version(), logged.part(), logged.aggregates().size());
      before = logged;
    }
    if (rows.size() == MAX_ROWS || read >= MAX_AGGREGATES) {
      return new LoggedChanges(present.version(), aggregates, end, true);
    }
    if (end.sequence() != present.sequence()
        || !end.version().equals(present.version())
        || (before == null && !since.isWhole())) {
      throw gone();
    }
    return new LoggedChanges(present.version(), aggregates, present, false);
  }

  private static ApiException gone() {
    return ApiException.of(
        ErrorCode.GONE,
        "The changes since then are not known any more. Read everything again, from the first"
            + " page.");
  }

  /**
   * Deletes commits that are in the log for too long, in batches.
   *
   * @param before the time before which they are old
   * @param after the last commit that was deleted; 0 at first
   * @return the last commit that was deleted now; empty if no old one follows
   */
  public Uni<Optional<Long>> deleteOld(OrganizationId organization, Instant before, long after) {
    SqlQuery find =
        new SqlQuery(
            """
            SELECT max(sequence) FROM (
              SELECT sequence, changed_at FROM usage_change
              WHERE organization_id = $1 AND sequence > $3
              ORDER BY sequence LIMIT %d) AS oldest
            WHERE changed_at < $2
            """
                .formatted(OLD_ROWS),
            List.of(organization.value(), before.atOffset(ZoneOffset.UTC), after));
    return database
        .readByIndex(find, row -> Optional.ofNullable(row.getLong(0)))
        .map(rows -> rows.get(0))
        .call(
            last ->
                last.isEmpty()
                    ? Uni.createFrom().voidItem()
                    : database.transaction(
                        connection ->
                            database.run(connection, delete(organization, after, last.get()))));
  }

  private static SqlQuery delete(OrganizationId organization, long after, long last) {
    return new SqlQuery(
        """
        DELETE FROM usage_change WHERE organization_id = $1 AND sequence > $2 AND sequence <= $3
        """,
        List.of(organization.value(), after, last));
  }

  /** Without a data version there were no changes yet. */
  private static ChangeToken present(Row row) {
    return row.getLong(0) == null
        ? ChangeToken.START
        : ChangeToken.behind(row.getLong(0), row.getUUID(1));
  }
}
