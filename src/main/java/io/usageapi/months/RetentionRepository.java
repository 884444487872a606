package io.usageapi.months;

import io.smallrye.mutiny.Uni;
import io.usageapi.database.Database;
import io.usageapi.security.OrganizationId;
import io.usageapi.sql.SqlBuilder;
import io.usageapi.sql.SqlQuery;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which months' records are kept, and the partitions they lie in, one for each month. What changes
 * them is for {@link Retention} alone; only one replica at a time does.
 */
@ApplicationScoped
public class RetentionRepository {
  /**
   * How long a change waits for a lock. Whoever comes after it waits as well: a partition is made
   * and dropped under a lock that records can neither be written nor read beside.
   */
  private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(2);

  /** The most partitions made in one transaction. */
  private static final int MAX_PARTITIONS = 120;

  /** The most identities, or days, looked at in one transaction. */
  private static final int BATCH = 5_000;

  private static final DateTimeFormatter PARTITION =
      DateTimeFormatter.ofPattern("'usage_record_'uuuu_MM", Locale.ROOT);

  private static final SqlQuery KEPT_FROM =
      new SqlQuery("SELECT max(kept_from) FROM record_retention", List.of());

  /** The key is any number that nothing else takes. */
  private static final SqlQuery TRY_LOCK =
      new SqlQuery("SELECT pg_try_advisory_xact_lock(7563108252)", List.of());

  /** By their bounds, not by their names. */
  private static final SqlQuery PARTITIONS =
      new SqlQuery(
          "SELECT c.oid::regclass::text, (regexp_match(pg_get_expr(c.relpartbound, c.oid),"
              + " 'TO \\(''([0-9]{4}-[0-9]{2}-[0-9]{2})''\\)'))[1]::date"
              + " FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
              + " WHERE i.inhparent = 'usage_record'::regclass ORDER BY 2",
          List.of());

  /** Another replica is at it. */
  static final class AnotherReplicaException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    AnotherReplicaException() {
      super("another replica is at work", null, false, false);
    }
  }

  /** What goes with the records of a month, and is not in its partition. */
  enum OfRecords {
    /**
     * The days of its aggregates. In the order of time, so that only those to be dropped are seen.
     */
    DAYS("daily_usage", "day, aggregate_id", "day"),
    IDENTITIES("record_identity", "account_id, id", "month");

    private final String table;
    private final String key;
    private final String time;

    OfRecords(String table, String key, String time) {
      this.table = table;
      this.key = key;
      this.time = time;
    }

    private String table() {
      return table;
    }

    /** Two columns that, with the organization, tell its rows apart and order them. */
    private String key() {
      return key;
    }

    /** The column that says what time a row is of. */
    private String time() {
      return time;
    }
  }

  /**
   * A partition.
   *
   * @param name its name, quoted where it must be
   * @param end the first day of the month behind its last
   */
  private record Partition(String name, LocalDate end) {}

  private final Database database;

  RetentionRepository(Database database) {
    this.database = database;
  }

  /**
   * The first month whose records are kept: those of all months before it were dropped.
   *
   * @return the month; one before every other when none was dropped yet
   */
  public Uni<YearMonth> keptFrom() {
    return database
        .readWithGenericPlan(KEPT_FROM, RetentionRepository::keptFrom)
        .map(rows -> rows.get(0));
  }

  /** The same, as a transaction sees it. */
  public Uni<YearMonth> keptFrom(SqlConnection connection) {
    return database
        .run(connection, KEPT_FROM, RetentionRepository::keptFrom)
        .map(rows -> rows.get(0));
  }

  private static YearMonth keptFrom(Row row) {
    return YearMonth.from(Objects.requireNonNullElse(row.getLocalDate(0), LocalDate.MIN));
  }

  /**
   * Makes partitions behind the last there is.
   *
   * @param until the last month there is to be one for
   * @return the names of those that were made, if any were; a very long way takes several calls
   */
  Uni<Optional<String>> makePartitions(YearMonth until) {
    return inExclusiveTransaction(
        connection ->
            database
                .run(connection, PARTITIONS, RetentionRepository::partition)
                .chain(
                    partitions -> {
                      LocalDate first = partitions.get(partitions.size() - 1).end();
                      List<LocalDate> months =
                          Stream.iterate(
                                  first,
                                  month -> !month.isAfter(until.atDay(1)),
                                  month -> month.plusMonths(1))
                              .limit(MAX_PARTITIONS)
                              .toList();
                      return makePartitions(connection, months);
                    }));
  }

  private static Uni<Optional<String>> makePartitions(
      SqlConnection connection, List<LocalDate> months) {
    if (months.isEmpty()) {
      return Uni.createFrom().item(Optional.empty());
    }
    String statements =
        months.stream()
            .map(
                month ->
                    "CREATE TABLE IF NOT EXISTS %s PARTITION OF usage_record FOR VALUES FROM ('%s') TO ('%s')"
                        .formatted(PARTITION.format(month), month, month.plusMonths(1)))
            .collect(Collectors.joining("; "));
    return connection
        .query(statements)
        .execute()
        .replaceWith(
            Optional.of(months.stream().map(PARTITION::format).collect(Collectors.joining(", "))));
  }

  /**
   * Drops the partitions of which all is past, and writes down from when on records are kept.
   *
   * @param before the first day of the first month to be kept; before it all is past
   * @return from when on records are kept now, if any were dropped. It is earlier than {@code
   *     before} where a partition holds months on both sides of that, which stays.
   */
  Uni<Optional<LocalDate>> drop(LocalDate before, Instant now) {
    return inExclusiveTransaction(
        connection ->
            database
                .run(connection, PARTITIONS, RetentionRepository::partition)
                .chain(
                    partitions -> {
                      List<Partition> past =
                          partitions.stream().filter(p -> !p.end().isAfter(before)).toList();
                      return drop(connection, past, now);
                    }));
  }

  private Uni<Optional<LocalDate>> drop(
      SqlConnection connection, List<Partition> past, Instant now) {
    if (past.isEmpty()) {
      return Uni.createFrom().item(Optional.empty());
    }
    String names = past.stream().map(Partition::name).collect(Collectors.joining(", "));
    LocalDate keptFrom = past.get(past.size() - 1).end();
    SqlQuery writeDown =
        new SqlQuery(
            "INSERT INTO record_retention (kept_from, dropped_at) VALUES ($1, $2)"
                + " ON CONFLICT DO NOTHING",
            List.of(keptFrom, now.atOffset(ZoneOffset.UTC)));
    return connection
        .query("DROP TABLE " + names)
        .execute()
        .chain(() -> database.run(connection, writeDown))
        .replaceWith(Optional.of(keptFrom));
  }

  /** The first day that is kept, when there may be identities of months before. */
  Uni<Optional<LocalDate>> identitiesToDrop() {
    return database
        .read(
            new SqlQuery(
                "SELECT max(kept_from) FROM record_retention WHERE identities_dropped_at IS NULL",
                List.of()),
            row -> Optional.ofNullable(row.getLocalDate(0)))
        .map(rows -> rows.get(0));
  }

  /** The organization that follows another, or the first. */
  Uni<Optional<OrganizationId>> organizationAfter(Optional<OrganizationId> organization) {
    return database
        .read(
            new SqlQuery(
                "SELECT id FROM organization WHERE id > $1 ORDER BY id LIMIT 1",
                List.of(organization.map(OrganizationId::value).orElse(""))),
            row -> new OrganizationId(row.getString(0)))
        .map(rows -> rows.stream().findFirst());
  }

  /**
   * Hides the days of an organization before one from its readers. To them that is a change of the
   * data, hence another version of it.
   */
  Uni<Integer> hideDays(OrganizationId organization, LocalDate before) {
    SqlQuery query =
        new SqlQuery(
            "UPDATE data_version SET days_from = $2, version = $3 WHERE organization_id = $1"
                + " AND (days_from IS NULL OR days_from < $2)",
            List.of(organization.value(), before, UUID.randomUUID()));
    return inExclusiveTransaction(connection -> database.run(connection, query));
  }

  /**
   * Drops rows of an organization, a batch of those that follow one.
   *
   * @param after the key they follow; empty for the first
   * @param before the month of those that are dropped is before this
   * @return the key of the last that was looked at, if there may be more
   */
  Uni<Optional<List<Object>>> dropNext(
      OrganizationId organization, OfRecords what, Optional<List<Object>> after, LocalDate before) {
    SqlBuilder end =
        new SqlBuilder().append("SELECT ").append(what.key()).append(" FROM ").append(what.table());
    appendRange(end, organization, what, after, Optional.empty());
    if (what == OfRecords.DAYS) {
      end.append(" AND day < ").bind(before);
    }
    end.append(" ORDER BY ").append(what.key()).append(" LIMIT 1 OFFSET ").bind(BATCH - 1L);
    return inExclusiveTransaction(
        connection ->
            database
                .run(connection, end.build(), row -> List.of(row.getValue(0), row.getValue(1)))
                .map(rows -> rows.stream().findFirst())
                .call(last -> drop(connection, organization, what, after, last, before)));
  }

  private Uni<Integer> drop(
      SqlConnection connection,
      OrganizationId organization,
      OfRecords what,
      Optional<List<Object>> after,
      Optional<List<Object>> last,
      LocalDate before) {
    SqlBuilder sql = new SqlBuilder().append("DELETE FROM ").append(what.table());
    appendRange(sql, organization, what, after, last);
    sql.append(" AND ").append(what.time()).append(" < ").bind(before);
    return database.run(connection, sql.build());
  }

  private static void appendRange(
      SqlBuilder sql,
      OrganizationId organization,
      OfRecords what,
      Optional<List<Object>> after,
      Optional<List<Object>> upTo) {
    sql.append(" WHERE organization_id = ").bind(organization.value());
    after.ifPresent(key -> appendBound(sql, what, ") > (", key));
    upTo.ifPresent(key -> appendBound(sql, what, ") <= (", key));
  }

  private static void appendBound(
      SqlBuilder sql, OfRecords what, String operator, List<Object> key) {
    sql.append(" AND (").append(what.key()).append(operator).bind(key.get(0)).append(", ");
    sql.bind(key.get(1)).append(")");
  }

  /** Writes down that there are no more identities of months before. */
  Uni<Void> identitiesDropped(LocalDate before, Instant now) {
    SqlQuery query =
        new SqlQuery(
            "UPDATE record_retention SET identities_dropped_at = $2"
                + " WHERE kept_from <= $1 AND identities_dropped_at IS NULL",
            List.of(before, now.atOffset(ZoneOffset.UTC)));
    return inExclusiveTransaction(connection -> database.run(connection, query)).replaceWithVoid();
  }

  private static Partition partition(Row row) {
    return new Partition(row.getString(0), row.getLocalDate(1));
  }

  /** A transaction that only one replica at a time has; fails when another has it. */
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
                .chain(
                    () ->
                        connection
                            .query("SET LOCAL lock_timeout = " + LOCK_TIMEOUT.toMillis())
                            .execute())
                .chain(() -> work.apply(connection)));
  }
}
