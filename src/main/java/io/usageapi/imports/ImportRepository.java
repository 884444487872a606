package io.usageapi.imports;

import io.smallrye.mutiny.Uni;
import io.usageapi.database.Database;
import io.usageapi.security.OrganizationId;
import io.usageapi.sql.SqlQuery;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Imports, and the organizations they contribute to. */
@ApplicationScoped
public class ImportRepository {
  /** How many organizations {@link #organizations} returns at once. */
  static final int AT_A_TIME = 1_000;

  private final Database database;
  private final ImportsConfig config;
  private final Clock clock;

  ImportRepository(Database database, ImportsConfig config, Clock clock) {
    this.database = database;
    this.config = config;
    this.clock = clock;
  }

  /**
   * Says which upload replaces an import from now on. It waits for an organization that an earlier
   * upload is replacing; after that the earlier one fails at its next organization.
   */
  Uni<Integer> begin(ImportId id, UUID upload) {
    return write(
        """
        INSERT INTO usage_import (owner, id, upload) VALUES ($1, $2, $3)
        ON CONFLICT (owner, id) DO UPDATE SET upload = excluded.upload
        """,
        id.ownerColumn(),
        id.id(),
        upload);
  }

  /** Says that an upload has replaced all of an import. */
  Uni<Integer> end(ImportId id, UUID upload) {
    return write(
        "UPDATE usage_import SET replaced_at = $4 WHERE owner = $1 AND id = $2 AND upload = $3",
        id.ownerColumn(),
        id.id(),
        upload,
        clock.instant().atOffset(ZoneOffset.UTC));
  }

  /** Deletes an import that contributes nothing any more. */
  Uni<Integer> delete(ImportId id, UUID upload) {
    return write(
        "DELETE FROM usage_import WHERE owner = $1 AND id = $2 AND upload = $3",
        id.ownerColumn(),
        id.id(),
        upload);
  }

  /** Whether there is an import. */
  Uni<Boolean> exists(ImportId id) {
    return database
        .read(
            new SqlQuery(
                "SELECT 1 FROM usage_import WHERE owner = $1 AND id = $2",
                List.of(id.ownerColumn(), id.id())),
            row -> true)
        .map(rows -> !rows.isEmpty());
  }

  /**
   * The next organizations that an import has rows of.
   *
   * @param after the organization to start after; empty to start at the first one
   * @return at most {@link #AT_A_TIME}
   */
  Uni<List<OrganizationId>> organizations(ImportId id, Optional<OrganizationId> after) {
    SqlQuery query =
        new SqlQuery(
            """
            SELECT DISTINCT organization_id FROM import_sum
            WHERE import = $1 AND organization_id > $2 ORDER BY organization_id LIMIT $3
            """,
            List.of(id.key(), after.map(OrganizationId::value).orElse(""), AT_A_TIME));
    return database.transaction(
        connection -> database.run(connection, query, row -> new OrganizationId(row.getString(0))));
  }

  /** What an import contributes, if it exists. */
  Uni<Optional<StoredImport>> one(ImportId id) {
    return database.transaction(
        connection ->
            database
                .run(
                    connection,
                    new SqlQuery(
                        """
                        SELECT i.replaced_at,
                          (SELECT coalesce(sum(number_of_rows), 0)::bigint
                           FROM import_sum WHERE import = $3)
                        FROM usage_import i WHERE i.owner = $1 AND i.id = $2
                        """,
                        List.of(id.ownerColumn(), id.id(), id.key())),
                    row ->
                        new StoredImport(
                            id.id(), instant(row.getOffsetDateTime(0)), row.getLong(1), List.of()))
                .chain(
                    found ->
                        found.isEmpty()
                            ? Uni.createFrom().item(Optional.<StoredImport>empty())
                            : sums(connection, id)
                                .map(
                                    sums ->
                                        Optional.of(
                                            new StoredImport(
                                                id.id(),
                                                found.get(0).replacedAt(),
                                                found.get(0).rows(),
                                                sums)))));
  }

  private Uni<List<StoredImport.Sum>> sums(SqlConnection connection, ImportId id) {
    return database.run(
        connection,
        new SqlQuery(
            """
            SELECT organization_id, currency, number_of_rows, total_amount
            FROM import_sum WHERE import = $1
            ORDER BY organization_id, currency LIMIT $2
            """,
            List.of(id.key(), StoredImport.MAX_SUMS)),
        row ->
            new StoredImport.Sum(
                row.getString(0), row.getString(1), row.getLong(2), row.getBigDecimal(3)));
  }

  private static Instant instant(OffsetDateTime time) {
    return time == null ? null : time.toInstant();
  }

  private Uni<Integer> write(String statement, Object... arguments) {
    return database.transaction(
        config.statementTimeout(),
        connection -> database.run(connection, new SqlQuery(statement, List.of(arguments))));
  }
}
