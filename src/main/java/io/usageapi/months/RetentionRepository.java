package io.usageapi.months;

import io.smallrye.mutiny.Uni;
import io.usageapi.aggregate.DataVersionRepository;
import io.usageapi.aggregate.change.Touched;
import io.usageapi.database.BatchDelete;
import io.usageapi.database.BatchDelete.Deleted;
import io.usageapi.database.Database;
import io.usageapi.security.OrganizationId;
import io.usageapi.sql.SqlBuilder;
import io.usageapi.sql.SqlQuery;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which months' records are kept, and the partitions that hold them. Only {@link Retention} changes
 * them, on one replica at a time.
 */
@ApplicationScoped
public class RetentionRepository {
  /** The most partitions created in one transaction. */
  private static final int MAX_PARTITIONS = 120;

  private static final DateTimeFormatter PARTITION =
      DateTimeFormatter.ofPattern("'usage_record_'uuuu_MM", Locale.ROOT);

  private static final SqlQuery KEPT_FROM =
      new SqlQuery("SELECT max(kept_from) FROM record_retention", List.of());

  /**
   * Takes the lock of this job, whose key is a number that nothing else uses, and sets how long the
   * transaction waits for other locks. Creating and dropping a partition blocks all reads and
   * writes of records, and later ones queue behind it while it waits.
   */
  private static final SqlQuery TRY_LOCK =
      new SqlQuery(
          "SELECT pg_try_advisory_xact_lock(7563108252), set_config('lock_timeout', '2s', true)",
          List.of());

  /** The partitions and the ends of their bounds, oldest first. */
  private static final SqlQuery PARTITIONS =
      new SqlQuery(
          """
          SELECT c.oid::regclass::text,
            (regexp_match(
              pg_get_expr(c.relpartbound, c.oid),
              'TO \\(''([0-9]{4}-[0-9]{2}-[0-9]{2})''\\)'))[1]::date
          FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
          WHERE i.inhparent = 'usage_record'::regclass
          ORDER BY 2
          """,
          List.of());

  /** Another replica holds the lock. */
  static final class AnotherReplicaException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    AnotherReplicaException() {
      super("another replica is at work", null, false, false);
    }
  }

  /** Tables whose rows are dropped with the records of a month but are not in its partition. */
  enum DependentTable {
    /** The days of aggregates. Ordered by time, so that only days to be dropped are read. */
    DAYS("daily_usage", "day", "day, aggregate_id"),
    IDENTITIES("record_identity", "month", "account_id, id");

    /** The column that holds the day or month of a row. */
    private final String time;

    private final BatchDelete rows;

    DependentTable(String table, String time, String key) {
      this.time = time;
      this.rows = new BatchDelete(table, "organization_id", key);
    }
  }

  /**
   * A partition.
   *
   * @param name quoted if necessary
   * @param end the first day after its last month
   */
  private record Partition(String name, LocalDate end) {}

  /**
   * The partitions for coming months.
   *
   * @param created the names of those just created, if any
   * @param end the first day after the last month that has one
   */
  record Ahead(Optional<String> created, LocalDate end) {}

  /** The first days after the first partition and after the last one. */
  record Ends(LocalDate first, LocalDate last) {}

  private final Database database;
  private final DataVersionRepository versions;

  RetentionRepository(Database database, DataVersionRepository versions) {
    this.database = database;
    this.versions = versions;
  }

  /**
   * The first month whose records are kept; earlier than every other if nothing was dropped yet.
   */
  public Uni<YearMonth> keptFrom() {
    return database
        .readWithGenericPlan(KEPT_FROM, RetentionRepository::keptFrom)
        .map(rows -> rows.get(0));
  }

  /** The same, read in a transaction. */
  public Uni<YearMonth> keptFrom(SqlConnection connection) {
    return database
        .run(connection, KEPT_FROM, RetentionRepository::keptFrom)
        .map(rows -> rows.get(0));
  }

  private static YearMonth keptFrom(Row row) {
    return YearMonth.from(Objects.requireNonNullElse(row.getLocalDate(0), LocalDate.MIN));
  }

  /**
   * Creates partitions after the last one, up to a month; at most {@link #MAX_PARTITIONS} per call.
   */
  Uni<Ahead> createPartitions(YearMonth until) {
    return inExclusiveTransaction(
        connection ->
            partitions(connection)
                .chain(
                    partitions -> {
                      LocalDate first = partitions.get(partitions.size() - 1).end();
                      List<LocalDate> months =
                          Stream.iterate(first, month -> month.plusMonths(1))
                              .takeWhile(month -> !month.isAfter(until.atDay(1)))
                              .limit(MAX_PARTITIONS)
                              .toList();
                      return createPartitions(connection, months)
                          .map(created -> new Ahead(created, first.plusMonths(months.size())));
                    }));
  }

  /** Where the partitions end. Needs no right to change them. */
  Uni<Ends> partitionEnds() {
    return database
        .read(PARTITIONS, row -> row.getLocalDate(1))
        .map(ends -> new Ends(ends.get(0), ends.get(ends.size() - 1)));
  }

  private static Uni<Optional<String>> createPartitions(
      SqlConnection connection, List<LocalDate> months) {
    if (months.isEmpty()) {
      return Uni.createFrom().item(Optional.empty());
    }
    String statements =
        months.stream()
            .map(
                month ->
                    """
                    CREATE TABLE IF NOT EXISTS %s PARTITION OF usage_record
                      FOR VALUES FROM ('%s') TO ('%s')
                    """
                        .formatted(PARTITION.format(month), month, month.plusMonths(1)))
            .collect(Collectors.joining("; "));
    return connection
        .query(statements)
        .execute()
        .replaceWith(
            Optional.of(months.stream().map(PARTITION::format).collect(Collectors.joining(", "))));
  }

  /**
   * Drops the partitions that end before a month, and stores the first month that is kept.
   *
   * @param before the first day of the first month to keep
   * @return the first month kept now, if anything was dropped. It is earlier than {@code before} if
   *     a partition spans both sides of it: that partition stays.
   */
  Uni<Optional<LocalDate>> drop(LocalDate before, Instant now) {
    return inExclusiveTransaction(
        connection ->
            partitions(connection)
                .map(all -> all.stream().filter(each -> !each.end().isAfter(before)).toList())
                .chain(past -> drop(connection, past, now)));
  }

  private Uni<Optional<LocalDate>> drop(
      SqlConnection connection, List<Partition> past, Instant now) {
    if (past.isEmpty()) {
      return Uni.createFrom().item(Optional.empty());
    }
    String names = past.stream().map(Partition::name).collect(Collectors.joining(", "));
    LocalDate keptFrom = past.get(past.size() - 1).end();
    SqlQuery insert =
        new SqlQuery(
            """
            INSERT INTO record_retention (kept_from, dropped_at)
            VALUES ($1, $2)
            ON CONFLICT DO NOTHING
            """,
            List.of(keptFrom, now.atOffset(ZoneOffset.UTC)));
    return connection
        .query("DROP TABLE " + names)
        .execute()
        .chain(() -> database.run(connection, insert))
        .replaceWith(Optional.of(keptFrom));
  }

  /** The first month that is kept, if dependent rows of earlier months may still exist. */
  Uni<Optional<LocalDate>> firstKeptWithRowsToDrop() {
    return database
        .read(
            new SqlQuery(
                "SELECT max(kept_from) FROM record_retention WHERE identities_dropped_at IS NULL",
                List.of()),
            row -> Optional.ofNullable(row.getLocalDate(0)))
        .map(rows -> rows.get(0));
  }

  /** Hides the days before a date from readers, and bumps the data version for that. */
  Uni<Integer> hideDays(OrganizationId organization, LocalDate before) {
    SqlQuery query =
        new SqlQuery(
            """
            UPDATE data_version SET days_from = $2
            WHERE organization_id = $1 AND (days_from IS NULL OR days_from < $2)
            """,
            List.of(organization.value(), before));
    return inExclusiveTransaction(
        connection ->
            database
                .run(connection, query)
                .call(
                    hidden ->
                        hidden == 0
                            ? Uni.createFrom().voidItem()
                            : versions.bump(organization, connection, Touched.NONE)));
  }

  /**
   * Deletes the next batch of an organization's rows.
   *
   * @param after the key to start after; empty to start at the first row
   * @param before rows of earlier months are deleted
   */
  Uni<Deleted> deleteNext(
      OrganizationId organization, DependentTable table, List<Object> after, LocalDate before) {
    Consumer<SqlBuilder> isPast = sql -> sql.append(" AND " + table.time + " < ").bind(before);
    Consumer<SqlBuilder> examined = table == DependentTable.DAYS ? isPast : sql -> {};
    return inExclusiveTransaction(
        connection -> table.rows.next(organization, database, connection, after, examined, isPast));
  }

  /** Stores that no dependent rows of earlier months are left. */
  Uni<Void> markDependentRowsDropped(LocalDate before, Instant now) {
    SqlQuery query =
        new SqlQuery(
            """
            UPDATE record_retention SET identities_dropped_at = $2
            WHERE kept_from <= $1 AND identities_dropped_at IS NULL
            """,
            List.of(before, now.atOffset(ZoneOffset.UTC)));
    return inExclusiveTransaction(connection -> database.run(connection, query)).replaceWithVoid();
  }

  private Uni<List<Partition>> partitions(SqlConnection connection) {
    return database.run(
        connection, PARTITIONS, row -> new Partition(row.getString(0), row.getLocalDate(1)));
  }

  /** Runs a transaction on one replica at a time; fails if another replica holds the lock. */
  private <T> Uni<T> inExclusiveTransaction(Function<SqlConnection, Uni<T>> work) {
    return database.transaction(
        connection ->
            database
                .run(connection, TRY_LOCK, row -> row.getBoolean(0))
                .invoke(
                    locked -> {
                      if (!locked.get(0)) {
                        throw new AnotherReplicaException();
                      }
                    })
                .chain(() -> work.apply(connection)));
  }
}
