package io.usageapi.usage;

import io.usageapi.aggregate.AggregateId;
import io.usageapi.aggregate.DataVersionRepository;
import io.usageapi.aggregate.Dimension;
import io.usageapi.aggregate.Granularity;
import io.usageapi.aggregate.MonthStatus;
import io.usageapi.filter.Field;
import io.usageapi.filter.Filter;
import io.usageapi.page.PageReader;
import io.usageapi.page.PageStart;
import io.usageapi.page.Position;
import io.usageapi.security.OrganizationId;
import io.usageapi.sql.FilterSql;
import io.usageapi.sql.IndexMerge;
import io.usageapi.sql.SqlBuilder;
import io.usageapi.sql.SqlQuery;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/** The statements that read usage by month and by day. */
final class UsageSql {
  /**
   * Where the first dimension stands in a row, behind the id, the units, the amount, the day, the
   * time of the last change and the month's status.
   */
  static final int DIMENSIONS = 6;

  /** Where the data version stands in a row of {@link #page}, behind the dimensions. */
  static final int VERSION = DIMENSIONS + Dimension.values().length;

  /** Where, for months, the number of changes that led to that version stands. */
  static final int SEQUENCE = VERSION + 1;

  /** Where the id that was asked for stands in a row of {@link #changed}. */
  static final int CHANGED = VERSION;

  /** Where the name of the account stands in a row of {@link #allNamed}, behind the dimensions. */
  static final int ACCOUNT_NAME = VERSION;

  /**
   * The most values whose rows the database merges. The plan of a merge grows with the values, to
   * more than a megabyte for 32 of them, and each number of values makes another statement text.
   */
  private static final int MAX_MERGED = 4;

  /**
   * The fields with an index that has the rows of each value by id; the field with most values
   * first.
   */
  private static final List<Field> INDEXED =
      Stream.of(Dimension.ACCOUNT_ID, Dimension.PRODUCT_ID, Dimension.MONTH, Dimension.TYPE)
          .flatMap(dimension -> dimension.field().stream())
          .toList();

  /** The included fields that every statement reads, asked for or not. */
  private static final Set<Include> ALWAYS_READ = Set.of(Include.UNIT_WORD);

  private UsageSql() {}

  /**
   * The rows of a page, and the data version, if there is one. For months the version is in a row
   * of its own, without an id; for days it is in every row. Both come from one snapshot, so that a
   * version stands for exactly one state of the data.
   *
   * <p>One row more than a page holds tells whether there is more.
   */
  static SqlQuery page(UsageQuery query) {
    return query.selection().granularity().isOneTable() ? pageOfMonths(query) : pageOfDays(query);
  }

  /**
   * Whether one plan of {@link #page} suits all values: if an index has the rows in the requested
   * order, apart from those that the rest of the filter removes. Statements with other filters are
   * planned for their values, and so are those for days, which come from two tables.
   */
  static boolean hasGenericPlan(UsageQuery query) {
    return query.selection().granularity().isOneTable()
        && (query.filter().isEmpty() || indexMerge(query).isPresent());
  }

  /**
   * Whether reading a page may cost far more than its rows do: if no index has exactly the filtered
   * rows in the requested order, if the page jumps over rows, and always for days, which come from
   * two tables.
   */
  static boolean scans(UsageQuery query) {
    return !query.selection().granularity().isOneTable()
        || query.start() instanceof PageStart.Jump
        || !filterIsServed(query);
  }

  /** Whether there is no filter, or an index has all that it asks for and nothing else. */
  private static boolean filterIsServed(UsageQuery query) {
    return query.filter().isEmpty()
        || indexMerge(query).filter(merge -> merge.rest().isEmpty()).isPresent();
  }

  /**
   * Whether the statement text recurs: it is one of the few texts of callers who read page by page
   * through all rows, or through all rows of some values. With a jump, an {@code include} that
   * changes it or another filter it is one of very many.
   */
  private static boolean isRepeated(UsageQuery query) {
    return filterIsServed(query)
        && !(query.start() instanceof PageStart.Jump)
        && ALWAYS_READ.containsAll(query.selection().include());
  }

  /** All rows of a selection. */
  static SqlQuery all(UsageSelection selection) {
    SqlBuilder sql = new SqlBuilder();
    appendSelect(selection, sql);
    selection.filter().append(sql);
    return sql.orderBy(columns(selection), selection.order().descending()).build();
  }

  /**
   * All rows of a selection with the names of their accounts, at {@link #ACCOUNT_NAME}. A join
   * would sort all rows before the first one.
   */
  static SqlQuery allNamed(UsageSelection selection) {
    SqlBuilder sql = new SqlBuilder();
    appendColumns(selection.organization(), selection.granularity(), selection.include(), sql);
    sql.append(", (SELECT a.name FROM account a WHERE a.organization_id = ")
        .bind(selection.organization().value())
        .append(" AND a.id = m.account_id)");
    selection.granularity().appendRows(selection.organization(), sql);
    selection.filter().append(sql);
    return sql.orderBy(columns(selection), selection.order().descending()).build();
  }

  /**
   * The one row of an id.
   *
   * @throws IllegalArgumentException when the id is malformed
   */
  static SqlQuery one(
      OrganizationId organization, Granularity granularity, String id, Set<Include> include) {
    SqlBuilder sql = new SqlBuilder();
    appendSelect(organization, granularity, include, sql);
    granularity.appendId(AggregateId.checked(id), sql);
    return sql.build();
  }

  /**
   * The aggregates with these ids that the filter selects, in this order, up to one more than a
   * page holds. An id without an aggregate gives a row, too, which has the id at {@link #CHANGED}
   * only.
   */
  static SqlQuery changed(UsageQuery query, Collection<UUID> ids) {
    UsageSelection selection = query.selection();
    SqlBuilder sql = new SqlBuilder();
    appendColumns(selection.organization(), Granularity.MONTH, selection.include(), sql);
    sql.append(", c.changed FROM unnest(")
        .bind(ids.toArray(UUID[]::new))
        .append("::uuid[]) WITH ORDINALITY AS c (changed, place) LEFT JOIN monthly_usage m")
        .append(" ON m.id = c.changed AND m.organization_id = ")
        .bind(selection.organization().value());
    query
        .filter()
        .ifPresent(
            filter -> {
              sql.append(" WHERE (m.id IS NULL OR ");
              FilterSql.append(filter, sql);
              sql.append(")");
            });
    sql.append(" ORDER BY c.place LIMIT ").bind(query.perPage() + 1L);
    return query.filter().isEmpty() ? sql.build() : sql.buildOnce();
  }

  /**
   * The rows of a page of months, without the version, for a cluster. There each part of a
   * statement is planned on the coordinator and again on a node, which costs more than the rows.
   * Citus plans a statement on one table by its fast path: on the coordinator only once, and on the
   * node for its values. So there is no part for the version, and no subquery. Several values are
   * looked up one by one, because planning their merge costs three times as much.
   */
  static SqlQuery rowsOfMonths(UsageQuery query) {
    UsageSelection selection = query.selection();
    boolean descending = isDescending(query);
    SqlBuilder sql = new SqlBuilder();
    appendColumns(selection.organization(), Granularity.MONTH, selection.include(), sql);
    sql.append(" FROM ");
    Optional<IndexMerge> merge =
        indexMerge(query).filter(each -> !(query.start() instanceof PageStart.Jump));
    if (merge.filter(values -> values.values().size() > 1).isPresent()) {
      appendFirstOfEach(query, merge.get(), sql);
    } else {
      sql.append("monthly_usage m WHERE organization_id = ").bind(query.organization().value());
      appendStart(query, descending, sql);
      // One text for a value, however the filter restricts its field to it.
      merge.ifPresent(
          value -> sql.append(" AND " + value.field().name() + " = ").bind(value.values().get(0)));
      appendFilter(merge.map(IndexMerge::rest).orElse(query.filter()), sql);
    }
    sql.orderBy(columns(selection), descending);
    appendLimit(query, false, sql);
    return isRepeated(query) ? sql.build() : sql.buildOnce();
  }

  private static SqlQuery pageOfMonths(UsageQuery query) {
    UsageSelection selection = query.selection();
    boolean descending = isDescending(query);
    List<String> columns = columns(selection);
    boolean onePlan = hasGenericPlan(query);
    SqlBuilder sql = new SqlBuilder().append("SELECT * FROM ((");
    if (onePlan) {
      sql.append("SELECT * FROM (");
    }
    appendColumns(selection.organization(), Granularity.MONTH, selection.include(), sql);
    sql.append(", NULL::uuid AS version, NULL::bigint AS sequence FROM ");
    Optional<IndexMerge> merge = indexMerge(query);
    if (merge.isPresent() && !isMerged(query, merge.get())) {
      appendFirstOfEach(query, merge.get(), sql);
    } else {
      if (merge.isPresent()) {
        appendMerged(query, merge.get(), sql);
      } else {
        sql.append("monthly_usage m WHERE organization_id = ").bind(query.organization().value());
      }
      appendStart(query, descending, sql);
      appendFilter(merge.map(IndexMerge::rest).orElse(query.filter()), sql);
    }
    sql.orderBy(columns, descending);
    appendLimit(query, onePlan, sql);
    // In the order of both parts the database merges them; it sorts no page.
    sql.append(") UNION ALL SELECT " + "NULL, ".repeat(VERSION))
        .append("version, sequence FROM data_version WHERE organization_id = ")
        .bind(query.organization().value())
        .append(") page")
        .orderBy(columns, descending);
    return isRepeated(query) ? sql.build() : sql.buildOnce();
  }

  /**
   * Appends the limit. If the planner does not know a limit, as in a generic plan, it plans for a
   * tenth of all rows; if the limit is in the text, each page size is another statement. So the
   * largest limit is in the text, and the requested one is bound around it.
   */
  private static void appendLimit(UsageQuery query, boolean onePlan, SqlBuilder sql) {
    if (onePlan) {
      sql.append(" LIMIT " + (PageReader.MAX_PER_PAGE + 1));
      appendOffset(query, sql);
      sql.append(") largest").orderBy(columns(query.selection()), isDescending(query));
    }
    sql.append(" LIMIT ").bind(query.perPage() + 1L);
    if (!onePlan) {
      appendOffset(query, sql);
    }
  }

  private static void appendFilter(Optional<Filter> condition, SqlBuilder sql) {
    condition.ifPresent(
        filter -> {
          sql.append(" AND ");
          FilterSql.append(filter, sql);
        });
  }

  /** The indexes by account, product, month and type have the rows of a value in order of ids. */
  private static Optional<IndexMerge> indexMerge(UsageQuery query) {
    return query.order().isById()
        ? query.filter().flatMap(filter -> IndexMerge.of(filter, INDEXED))
        : Optional.empty();
  }

  private static boolean isMerged(UsageQuery query, IndexMerge merge) {
    return merge.values().size() <= MAX_MERGED || query.start() instanceof PageStart.Jump;
  }

  /**
   * The rows that may be in the page. The index gives at most a page of ids for each value, and of
   * all these at most a page is kept. One text and one small plan serve any number of values.
   */
  private static void appendFirstOfEach(UsageQuery query, IndexMerge merge, SqlBuilder sql) {
    boolean descending = isDescending(query);
    List<String> id = List.of("id");
    sql.append("(SELECT one.id AS row_id FROM unnest(");
    merge.appendArray(sql);
    sql.append(
            ") AS merge (value) CROSS JOIN LATERAL (SELECT id FROM (SELECT id FROM monthly_usage")
        .append(" WHERE organization_id = ")
        .bind(query.organization().value())
        .append(" AND ")
        .append(merge.field().name())
        .append(" = merge.value");
    appendStart(query, descending, sql);
    appendFilter(merge.rest(), sql);
    sql.orderBy(id, descending);
    appendLimit(query, true, sql);
    sql.append(") one")
        .orderBy(List.of("one.id"), descending)
        .append(" LIMIT ")
        .bind(query.perPage() + 1L)
        .append(") found JOIN monthly_usage m ON m.id = found.row_id AND m.organization_id = ")
        .bind(query.organization().value());
  }

  /** The rows of each value in order: the database merges them, and reads no more than it gives. */
  private static void appendMerged(UsageQuery query, IndexMerge merge, SqlBuilder sql) {
    String separator = "(";
    for (Object value : merge.padded()) {
      sql.append(separator)
          .append("(SELECT * FROM monthly_usage WHERE organization_id = ")
          .bind(query.organization().value())
          .append(" AND ")
          .append(merge.field().name())
          .append(" = ")
          .bind(value)
          .orderBy(columns(query.selection()), isDescending(query))
          .append(")");
      separator = " UNION ALL ";
    }
    sql.append(") m WHERE true");
  }

  private static SqlQuery pageOfDays(UsageQuery query) {
    UsageSelection selection = query.selection();
    boolean descending = isDescending(query);
    SqlBuilder sql = DataVersionRepository.beside(query.organization());
    appendSelect(selection, sql);
    appendStart(query, descending, sql);
    selection.filter().append(sql);
    sql.orderBy(columns(selection), descending).append(" LIMIT ").bind(query.perPage() + 1L);
    appendOffset(query, sql);
    List<String> columns =
        columns(selection).stream()
            .map(column -> "p." + column.replace("aggregate_id", "id"))
            .toList();
    return sql.append(") p ON true").orderBy(columns, descending).buildOnce();
  }

  private static void appendSelect(UsageSelection selection, SqlBuilder sql) {
    appendSelect(selection.organization(), selection.granularity(), selection.include(), sql);
  }

  /** All rows of an organization; days whose records were dropped are as if gone. */
  private static void appendSelect(
      OrganizationId organization, Granularity granularity, Set<Include> include, SqlBuilder sql) {
    appendColumns(organization, granularity, include, sql);
    granularity.appendRows(organization, sql);
  }

  /** The columns in the order in which a row is read. A day has the dimensions of its month. */
  private static void appendColumns(
      OrganizationId organization, Granularity granularity, Set<Include> include, SqlBuilder sql) {
    sql.append("SELECT id, " + granularity.quantities() + ", ")
        .append(
            include.contains(Include.UPDATED_AT) ? granularity.updatedAt() : "NULL::timestamptz");
    if (include.contains(Include.MONTH_STATUS)) {
      sql.append(", ");
      MonthStatus.append(organization, "m.month", sql);
    } else {
      sql.append(", NULL::text");
    }
    sql.append(", " + Dimension.columns());
  }

  /** The direction of travel, which for a page read backward is against its order. */
  private static boolean isDescending(UsageQuery query) {
    return query.order().descending() != query.start().backward();
  }

  private static List<String> columns(UsageSelection selection) {
    return selection.order().columns(selection.granularity());
  }

  private static void appendStart(UsageQuery query, boolean descending, SqlBuilder sql) {
    if (query.start() instanceof PageStart.After after) {
      appendKeyset(query.selection(), descending, after.position(), sql);
    } else if (query.start() instanceof PageStart.Before before) {
      appendKeyset(query.selection(), descending, before.position(), sql);
    }
  }

  private static void appendOffset(UsageQuery query, SqlBuilder sql) {
    if (query.start() instanceof PageStart.Jump jump) {
      sql.append(" OFFSET ").bind((long) jump.rows());
    }
  }

  private static void appendKeyset(
      UsageSelection selection, boolean descending, Position position, SqlBuilder sql) {
    List<String> columns = columns(selection);
    List<Object> values = selection.order().values(selection.granularity(), position);
    sql.append(" AND ").compare(columns, descending ? "<" : ">", values);
    List<String> monthly = selection.order().monthlyColumns(selection.granularity());
    if (!monthly.isEmpty()) {
      // No index has columns of both tables; this condition narrows by the index of months.
      sql.append(" AND ")
          .compare(monthly, descending ? "<=" : ">=", values.subList(0, monthly.size()));
    }
  }
}
