package io.usageapi.totals;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.usageapi.aggregate.DataVersionRepository;
import io.usageapi.aggregate.Dimension;
import io.usageapi.aggregate.Versioned;
import io.usageapi.database.Database;
import io.usageapi.database.HeavyReads;
import io.usageapi.database.SnapshotReader;
import io.usageapi.page.Page;
import io.usageapi.sql.SqlBuilder;
import io.usageapi.sql.SqlQuery;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Totals over the monthly aggregates in the database. */
@ApplicationScoped
public class TotalsRepository {
  private static final String VERSION = "version";

  private final Database database;
  private final HeavyReads scans;
  private final SnapshotReader snapshots;
  private final DataVersionRepository versions;

  TotalsRepository(
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
   * The page of a query. It costs as much as adding up all selected aggregates, or those of the
   * groups from its start on.
   *
   * @return the page with the data version it was read at; fails with 400 {@code
   *     filter_too_expensive} if the filter makes it run into the deadline, and like {@link
   *     HeavyReads}
   */
  public Uni<Versioned<Page<Total>>> page(TotalsQuery query) {
    return scans
        .run(
            query.selection().organization(),
            () -> database.read(versionedStatement(query), row -> row))
        .map(rows -> page(query, rows))
        .onFailure()
        .transform(query.selection().filter()::translateFailure);
  }

  /**
   * All totals of a selection, batch by batch, in one snapshot. There is always a first batch.
   *
   * @param closed called once when the database has freed everything, however it ended
   * @return the batches, each with the same data version; fails like {@link #page}
   */
  public Multi<Versioned<List<Total>>> export(TotalsSelection selection, Runnable closed) {
    return snapshots
        .read(
            connection -> versions.current(selection.organization(), connection),
            exportStatement(selection),
            (version, rows) -> batch(selection.grouping(), version, rows),
            closed)
        .onFailure()
        .transform(selection.filter()::translateFailure);
  }

  private static Versioned<List<Total>> batch(Grouping grouping, UUID version, RowSet<Row> rows) {
    List<Total> totals = new ArrayList<>(rows.size());
    rows.forEach(row -> totals.add(total(grouping, row)));
    return new Versioned<>(version, totals);
  }

  /** An empty page has one row, without a total. */
  private static Versioned<Page<Total>> page(TotalsQuery query, List<Row> rows) {
    UUID version = rows.get(0).getUUID(VERSION);
    List<Total> totals =
        rows.stream()
            .filter(row -> row.getBigDecimal("total_amount") != null)
            .map(row -> total(query.selection().grouping(), row))
            .toList();
    return new Versioned<>(
        version == null ? DataVersionRepository.NONE : version,
        Page.of(query.page().start(), totals, query.page().perPage()));
  }

  private static SqlQuery versionedStatement(TotalsQuery query) {
    SqlBuilder sql = DataVersionRepository.beside(query.selection().organization());
    appendPage(query, sql);
    return sql.append(") p ON true")
        .orderBy(query.selection().order().sortKeys("p"), isDescending(query))
        .buildOnce();
  }

  /** Reads one row more than a page has, to know whether more follow. */
  private static void appendPage(TotalsQuery query, SqlBuilder sql) {
    TotalsOrder order = query.selection().order();
    List<String> keys = order.sortKeys("t");
    boolean descending = isDescending(query);
    String operator = descending ? "<" : ">";
    appendTotals(query.selection(), sql.append("SELECT * FROM ("));
    sql.append(") t");
    query
        .page()
        .start()
        .boundary()
        .ifPresent(at -> sql.append(" WHERE ").compare(keys, operator, order.values(at)));
    sql.orderBy(keys, descending).append(" LIMIT ").bind(query.page().perPage() + 1L);
  }

  private static SqlQuery exportStatement(TotalsSelection selection) {
    SqlBuilder sql = new SqlBuilder().append("SELECT * FROM (");
    appendTotals(selection, sql);
    TotalsOrder order = selection.order();
    return sql.append(") t").orderBy(order.sortKeys("t"), order.descending()).build();
  }

  private static void appendTotals(TotalsSelection selection, SqlBuilder sql) {
    String fields = String.join(", ", selection.grouping().names());
    String oneUnit = "unit <> 'OTHER'";
    if (selection.grouping().fields().contains(Dimension.UNIT_WORD)) {
      oneUnit += " OR unit_word IS NOT NULL";
    }
    sql.append(
            """
            SELECT %s,
              CASE WHEN %s THEN sum(number_of_units) END AS number_of_units,
              sum(total_amount) AS total_amount
            FROM monthly_usage
            WHERE organization_id =\s"""
                .formatted(fields, oneUnit))
        .bind(selection.organization().value())
        .append(" AND " + selection.kind().condition());
    selection.filter().append(sql);
    sql.append(" GROUP BY ").append(fields);
  }

  /** The direction of reading; a page read backward goes against the order. */
  private static boolean isDescending(TotalsQuery query) {
    return query.selection().order().descending() != query.page().start().backward();
  }

  private static Total total(Grouping grouping, Row row) {
    Map<Dimension, Object> group = new EnumMap<>(Dimension.class);
    for (Dimension field : grouping.fields()) {
      group.put(field, field.fromColumn(row.getValue(field.column())));
    }
    return new Total(
        group, row.getBigDecimal("number_of_units"), row.getBigDecimal("total_amount"));
  }
}
