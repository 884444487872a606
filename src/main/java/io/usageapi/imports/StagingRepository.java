package io.usageapi.imports;

import io.smallrye.mutiny.Uni;
import io.usageapi.aggregate.AggregateKey;
import io.usageapi.aggregate.Dimension;
import io.usageapi.database.Database;
import io.usageapi.security.OrganizationId;
import io.usageapi.sql.SqlQuery;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.IntFunction;

/** The rows of files that are arriving. */
@ApplicationScoped
public class StagingRepository {
  private static final int FIRST_DIMENSION = 11;

  private static final String STAGE =
      """
      INSERT INTO staged_row
        (organization_id, upload, content, copies, copies_before, index, line, aggregate_id,
         occurred_at, number_of_units, total_amount, %1$s)
      SELECT $1, $2, content, copies, 0, index, line, aggregate_id, occurred_at,
        units::numeric, amount::numeric, %2$s
      FROM unnest($3::uuid[], $4::bigint[], $5::bigint[], $6::bigint[], $7::uuid[],
        $8::timestamptz[], $9::text[], $10::text[], %3$s)
        AS r (content, copies, index, line, aggregate_id, occurred_at, units, amount, %1$s)
      ON CONFLICT (organization_id, upload, content)
      DO UPDATE SET copies = staged_row.copies + excluded.copies
      """
          .formatted(
              Dimension.columns(),
              Dimension.list(Dimension::fromArray),
              Dimension.list(
                  dimension -> dimension.arrayParameter(FIRST_DIMENSION + dimension.index())));

  private final Database database;
  private final ImportsConfig config;
  private final Clock clock;

  StagingRepository(Database database, ImportsConfig config, Clock clock) {
    this.database = database;
    this.config = config;
    this.clock = clock;
  }

  /** Stages rows of one organization, all or none. */
  Uni<Integer> stage(OrganizationId organization, UUID upload, List<StagedRow> rows) {
    return database.transaction(
        connection ->
            database
                .run(connection, stageQuery(organization, upload, rows))
                .chain(() -> mark(organization, connection, upload)));
  }

  private static SqlQuery stageQuery(
      OrganizationId organization, UUID upload, List<StagedRow> rows) {
    List<AggregateKey> keys = rows.stream().map(row -> row.record().key()).toList();
    List<Object> arguments = new ArrayList<>();
    arguments.add(organization.value());
    arguments.add(upload);
    arguments.add(array(rows, StagedRow::content, UUID[]::new));
    arguments.add(array(rows, StagedRow::copies, Long[]::new));
    arguments.add(array(rows, row -> row.place().index(), Long[]::new));
    arguments.add(array(rows, row -> row.place().line(), Long[]::new));
    arguments.add(array(rows, row -> row.record().key().id(organization), UUID[]::new));
    arguments.add(
        array(
            rows,
            row -> row.record().occurredAt().atOffset(ZoneOffset.UTC),
            OffsetDateTime[]::new));
    arguments.add(array(rows, row -> row.record().numberOfUnits().toPlainString(), String[]::new));
    arguments.add(array(rows, row -> row.record().totalAmount().toPlainString(), String[]::new));
    for (Dimension dimension : Dimension.values()) {
      arguments.add(dimension.toArray(keys));
    }
    return new SqlQuery(STAGE, arguments);
  }

  private Uni<Integer> mark(OrganizationId organization, SqlConnection connection, UUID upload) {
    return database.run(
        connection,
        new SqlQuery(
            """
            INSERT INTO import_upload (organization_id, upload, staged_at) VALUES ($1, $2, $3)
            ON CONFLICT (organization_id, upload) DO UPDATE SET staged_at = excluded.staged_at
            """,
            List.of(organization.value(), upload, now())));
  }

  private OffsetDateTime now() {
    return clock.instant().atOffset(ZoneOffset.UTC);
  }

  /** The uploads of an organization that get no more rows. */
  Uni<List<UUID>> abandoned(OrganizationId organization) {
    return database.read(
        new SqlQuery(
            "SELECT upload FROM import_upload WHERE organization_id = $1 AND staged_at < $2",
            List.of(organization.value(), now().minus(config.abandonedAfter()))),
        row -> row.getUUID(0));
  }

  /** Deletes what is staged of an upload. */
  Uni<Integer> discard(OrganizationId organization, UUID upload) {
    return database.transaction(
        config.statementTimeout(), connection -> discard(organization, connection, upload));
  }

  /** The same, in a transaction. */
  Uni<Integer> discard(OrganizationId organization, SqlConnection connection, UUID upload) {
    List<Object> which = List.of(organization.value(), upload);
    return database
        .run(
            connection,
            new SqlQuery(
                "DELETE FROM import_upload WHERE organization_id = $1 AND upload = $2", which))
        .chain(
            () ->
                database.run(
                    connection,
                    new SqlQuery(
                        "DELETE FROM staged_row WHERE organization_id = $1 AND upload = $2",
                        which)));
  }

  private static <T> T[] array(
      List<StagedRow> rows, Function<StagedRow, T> value, IntFunction<T[]> array) {
    return rows.stream().map(value).toArray(array);
  }
}
