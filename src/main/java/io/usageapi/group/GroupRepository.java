package io.usageapi.group;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.usageapi.aggregate.DataVersionRepository;
import io.usageapi.aggregate.Dimension;
import io.usageapi.aggregate.Versioned;
import io.usageapi.database.Database;
import io.usageapi.database.HeavyReads;
import io.usageapi.database.SnapshotReader;
import io.usageapi.page.Page;
import io.usageapi.page.PageRequest;
import io.usageapi.page.PageStart;
import io.usageapi.security.OrganizationId;
import io.usageapi.sql.SqlBuilder;
import io.usageapi.sql.SqlQuery;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Function;

/** Reads groups of aggregates, by pages and whole. */
@ApplicationScoped
public class GroupRepository {
  private static final String VERSION = "version";
  private static final String TOTALS_ARE_CURRENT = "totals_are_current";

  /**
   * Where all of a group has one unit, its sums by unit and word are one row of {@code u}. Without
   * a word, {@code OTHER} stands for many units.
   */
  public static final String HAS_ONE_UNIT =
      "count(*) = 1 AND (min(unit) <> 'OTHER' OR min(unit_word) IS NOT NULL)";

  private final Database database;
  private final HeavyReads scans;
  private final SnapshotReader snapshots;
  private final DataVersionRepository versions;

  GroupRepository(
      Database database,
      HeavyReads scans,
      SnapshotReader snapshots,
      DataVersionRepository versions) {
    this.database = database;
    this.scans = scans;
    this.snapshots = snapshots;
    this.versions = versions;
  }

  /**
   * All groups of a selection.
   *
   * @param organization the organization that the statement selects
   * @param statement appends a query of them from a source, without an order
   * @param row reads a row of it
   */
  public record Rows<T extends Grouped>(
      OrganizationId organization,
      GroupSelection<T> selection,
      BiConsumer<GroupSource, SqlBuilder> statement,
      Function<Row, T> row) {}

  /**
   * A page of groups. It costs as much as adding up all selected aggregates, or the totals of
   * months if they have the columns and are current.
   *
   * @return the page with the data version it was read at; fails with 400 {@code
   *     filter_too_expensive} if the filter makes it run into the deadline, and like {@link
   *     HeavyReads}
   */
  public <T extends Grouped> Uni<Versioned<Page<T>>> page(Rows<T> rows, PageRequest<T> page) {
    return scans
        .run(rows.organization(), () -> read(rows, page))
        .map(read -> page(rows, page, read))
        .onFailure()
        .transform(rows.selection().filter()::translateFailure);
  }

  /** One statement shows whether the totals were current when it read them. */
  private <T extends Grouped> Uni<List<Row>> read(Rows<T> rows, PageRequest<T> page) {
    Uni<List<Row>> aggregates =
        Uni.createFrom()
            .deferred(
                () -> database.read(pageStatement(rows, page, GroupSource.AGGREGATES), row -> row));
    GroupSource source = GroupSource.of(rows.selection());
    return source.isTotals()
        ? database
            .readWithGenericPlan(pageStatement(rows, page, source), row -> row)
            .chain(
                read ->
                    Boolean.TRUE.equals(read.get(0).getBoolean(TOTALS_ARE_CURRENT))
                        ? Uni.createFrom().item(read)
                        : aggregates)
        : aggregates;
  }

  /**
   * All groups, batch by batch, in one snapshot. There is always a first batch.
   *
   * @param closed called once when the database has freed everything, however it ended
   * @return the batches, each with the same data version; fails like {@link #page}
   */
  public <T extends Grouped> Multi<Versioned<List<T>>> export(Rows<T> rows, Runnable closed) {
    return snapshots
        .read(
            connection -> versions.current(rows.organization(), connection),
            exportStatement(rows),
            (version, read) -> batch(rows, version, read),
            closed)
        .onFailure()
        .transform(rows.selection().filter()::translateFailure);
  }

  /** The columns of a row over {@code u}: those of the group, and its unit if it has only one. */
  public static String shown(Grouping grouping) {
    return grouping
        .shown()
        .columns(
            field ->
                grouping.has(field)
                    ? field.column()
                    : "CASE WHEN " + HAS_ONE_UNIT + " THEN min(unit) END AS unit");
  }

  /** The values of fields in a row. */
  public static Map<Dimension, Object> values(Grouping fields, Row row) {
    return fields.values(field -> field.fromColumn(row.getValue(field.column())));
  }

  private static <T extends Grouped> Versioned<List<T>> batch(
      Rows<T> rows, UUID version, RowSet<Row> read) {
    List<T> groups = new ArrayList<>(read.size());
    read.forEach(row -> groups.add(rows.row().apply(row)));
    return new Versioned<>(version, groups);
  }

  /** An empty page has one row, without a group. */
  private static <T extends Grouped> Versioned<Page<T>> page(
      Rows<T> rows, PageRequest<T> page, List<Row> read) {
    UUID version = read.get(0).getUUID(VERSION);
    List<T> groups =
        read.stream()
            .filter(row -> row.getValue(Dimension.CURRENCY.column()) != null)
            .map(rows.row())
            .toList();
    return new Versioned<>(
        version == null ? DataVersionRepository.NONE : version,
        Page.of(page.start(), groups, page.perPage()));
  }

  /** Reads one row more than a page has, to know whether more follow. */
  private static <T extends Grouped> SqlQuery pageStatement(
      Rows<T> rows, PageRequest<T> page, GroupSource source) {
    GroupOrder<T> order = rows.selection().order();
    // A page read backward goes against the order.
    boolean descending = order.descending() != page.start().backward();
    String operator = descending ? "<" : ">";
    SqlBuilder sql = DataVersionRepository.beside(rows.organization()).append("SELECT * FROM (");
    rows.statement().accept(source, sql);
    sql.append(") t");
    page.start()
        .boundary()
        .ifPresent(
            at -> sql.append(" WHERE ").compare(order.sortKeys("t"), operator, order.values(at)));
    sql.orderBy(order.sortKeys("t"), descending)
        .append(" LIMIT ")
        .bind(page.perPage() + 1L)
        .append(") p ON true")
        .orderBy(order.sortKeys("p"), descending);
    return isRepeated(rows, page, source) ? sql.build() : sql.buildOnce();
  }

  /** Overviews of months have few texts, and reading them costs little more than planning. */
  private static boolean isRepeated(Rows<?> rows, PageRequest<?> page, GroupSource source) {
    return source.isTotals()
        && page.start() instanceof PageStart.First
        && rows.selection().filter().isRangeOfMonths();
  }

  private static <T extends Grouped> SqlQuery exportStatement(Rows<T> rows) {
    GroupOrder<T> order = rows.selection().order();
    SqlBuilder sql = new SqlBuilder().append("SELECT * FROM (");
    rows.statement().accept(GroupSource.AGGREGATES, sql);
    return sql.append(") t").orderBy(order.sortKeys("t"), order.descending()).build();
  }
}
