package io.usageapi.aggregate;

import io.smallrye.mutiny.Uni;
import io.usageapi.aggregate.change.ChangeLogRepository;
import io.usageapi.aggregate.change.ChangeToken;
import io.usageapi.aggregate.change.Touched;
import io.usageapi.database.Database;
import io.usageapi.http.ConditionalRead;
import io.usageapi.security.OrganizationId;
import io.usageapi.sql.SqlBuilder;
import io.usageapi.sql.SqlQuery;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The version of an organization's aggregates. It is random, not counted: a counter would repeat
 * after a restore, and transactions may commit in another order than they took the time.
 */
@ApplicationScoped
public class DataVersionRepository {
  /** The version of an organization without aggregates; a random one never equals it. */
  public static final UUID NONE = ChangeToken.START.version();

  /** The condition on {@code data_version v} that the totals of months may be read. */
  public static final String TOTALS_ARE_CURRENT =
      "(v.totals_version = v.version AND v.totals_build IS NULL)";

  private final Database database;
  private final ChangeLogRepository log;

  DataVersionRepository(Database database, ChangeLogRepository log) {
    this.database = database;
    this.log = log;
  }

  /**
   * Answers a caller who holds the current data already, without reading it.
   *
   * @return completes without an item when the caller needs the data; else fails with 304
   */
  public Uni<Void> requireModified(OrganizationId organization, ConditionalRead read) {
    if (!read.isConditional()) {
      return Uni.createFrom().voidItem();
    }
    return current(organization).invoke(read::requireModified).replaceWithVoid();
  }

  /** The version of an organization's aggregates as they are now. */
  public Uni<UUID> current(OrganizationId organization) {
    return database
        .readByIndex(query(organization), DataVersionRepository::position)
        .map(positions -> one(positions).version());
  }

  /** The version of an organization's aggregates in the snapshot of a transaction. */
  public Uni<UUID> current(OrganizationId organization, SqlConnection connection) {
    return position(organization, connection).map(ChangeToken::version);
  }

  /**
   * Reads the version and then rows, by two statements on one connection and in one round trip. If
   * a change commits in between, the rows are newer than the version, never older. Then the version
   * is not current any more, so that no 304 hides a change.
   *
   * @return the rows, with the position behind all changes that they surely contain; fails as
   *     {@link Database#onOneConnection} does
   */
  public Uni<Versioned<List<Row>>> readBefore(OrganizationId organization, SqlQuery rows) {
    return database.onOneConnection(
        connection ->
            Uni.combine()
                .all()
                // A connection runs its statements in the order in which they were given to it.
                .unis(
                    position(organization, connection), database.run(connection, rows, row -> row))
                .with(
                    (position, read) ->
                        new Versioned<>(position.version(), read, Optional.of(position))));
  }

  /**
   * Starts a statement that returns the version with each row, and whether the totals of months may
   * be read. The caller appends the query of the rows, and then {@code ") p ON true"}. One
   * statement has one snapshot, so a version stands for exactly one state of the data. The version
   * comes even without rows.
   */
  public static SqlBuilder beside(OrganizationId organization) {
    return new SqlBuilder()
        .append("SELECT p.*, v.version, " + TOTALS_ARE_CURRENT + " AS totals_are_current")
        .append(" FROM (VALUES (1)) AS always (one)")
        .append(" LEFT JOIN data_version v ON v.organization_id = ")
        .bind(organization.value())
        .append(" LEFT JOIN (");
  }

  private Uni<ChangeToken> position(OrganizationId organization, SqlConnection connection) {
    return database
        .run(connection, query(organization), DataVersionRepository::position)
        .map(DataVersionRepository::one);
  }

  private static SqlQuery query(OrganizationId organization) {
    return new SqlQuery(
        "SELECT version, sequence FROM data_version WHERE organization_id = $1",
        List.of(organization.value()));
  }

  private static ChangeToken position(Row row) {
    return ChangeToken.behind(row.getLong(1), row.getUUID(0));
  }

  private static ChangeToken one(List<ChangeToken> positions) {
    return positions.isEmpty() ? ChangeToken.START : positions.get(0);
  }

  /**
   * Changes the version, because aggregates or what pages show beside them changed, and logs which.
   * Call it last in the transaction: it locks the organization's version until the commit, so that
   * versions become visible in the order of the commits. If sums changed, the totals of months must
   * follow: the lock protects them. One round trip carries both statements.
   *
   * @param touched every aggregate that pages may show differently from now on
   */
  public Uni<Void> bump(OrganizationId organization, SqlConnection connection, Touched touched) {
    UUID version = UUID.randomUUID();
    return Uni.combine()
        .all()
        .unis(
            change(organization, connection, version, Optional.of(version)),
            log.append(organization, connection, touched))
        .discardItems();
  }

  /**
   * Changes the version as {@link #bump} does. From then on nobody reads the month totals, and
   * nobody can ask for what changed since an earlier version.
   */
  public Uni<Void> bumpForRemoval(OrganizationId organization, SqlConnection connection) {
    return change(organization, connection, UUID.randomUUID(), Optional.empty());
  }

  /** Without a row there are no aggregates, so that the first totals are right. */
  private Uni<Void> change(
      OrganizationId organization,
      SqlConnection connection,
      UUID version,
      Optional<UUID> totalsVersion) {
    SqlQuery query =
        new SqlQuery(
            """
            INSERT INTO data_version (organization_id, version, totals_version, sequence, previous)
            VALUES ($1, $2, $3, 1, $4)
            ON CONFLICT (organization_id) DO UPDATE SET
              version = excluded.version,
              sequence = data_version.sequence + 1,
              previous = data_version.version,
              totals_version = CASE WHEN data_version.totals_version = data_version.version
                THEN excluded.totals_version END
            """,
            Arrays.asList(organization.value(), version, totalsVersion.orElse(null), NONE));
    return database.run(connection, query).replaceWithVoid();
  }
}
