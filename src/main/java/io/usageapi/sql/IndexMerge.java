package io.usageapi.sql;

import io.usageapi.filter.Field;
import io.usageapi.filter.Filter;
import io.usageapi.filter.Filter.Operator;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A filter that restricts a field to a few values. An index holds the rows of each value in page
 * order, so they can be merged without reading the rows between.
 *
 * @param field the field, which is never null
 * @param values its distinct values, as bound in SQL
 * @param rest the rest of the filter, if any
 */
public record IndexMerge(Field field, List<Object> values, Optional<Filter> rest) {
  /**
   * The most values. Each costs an index descent; beyond some dozens it is cheaper to read the rows
   * between.
   */
  static final int MAX = 32;

  public IndexMerge {
    values = List.copyOf(values);
  }

  /**
   * The restriction of a filter to few values, if it has one.
   *
   * @param fields the indexed fields, the most selective first
   */
  public static Optional<IndexMerge> of(Filter filter, List<Field> fields) {
    List<Filter> parts = new ArrayList<>();
    collectParts(filter, parts);
    return fields.stream()
        .flatMap(field -> Stream.concat(oneOf(field, parts), months(field, parts)))
        .filter(merge -> !merge.values.isEmpty() && merge.values.size() <= MAX)
        .findFirst();
  }

  /**
   * The values, padded with nulls, which match no row, to a power of two. So there are few
   * different statements, and each is planned once.
   */
  public List<Object> padded() {
    int size = Integer.highestOneBit(2 * values.size() - 1);
    List<Object> padded = new ArrayList<>(values);
    padded.addAll(Collections.nCopies(size - values.size(), null));
    return padded;
  }

  /** Appends the values as an array. */
  public void appendArray(SqlBuilder sql) {
    switch (field.kind()) {
      case MONTH -> sql.bind(values.toArray(YearMonth[]::new)).append("::date[]");
      case DAY -> sql.bind(values.toArray(LocalDate[]::new)).append("::date[]");
      case TEXT, ENUM, CURRENCY -> sql.bind(values.toArray(String[]::new)).append("::text[]");
    }
  }

  private static void collectParts(Filter filter, List<Filter> parts) {
    if (filter instanceof Filter.And and) {
      and.parts().forEach(part -> collectParts(part, parts));
    } else {
      parts.add(filter);
    }
  }

  private static Stream<IndexMerge> oneOf(Field field, List<Filter> parts) {
    return parts.stream()
        .flatMap(
            part -> literals(field, part).map(values -> of(field, values, parts, List.of(part))));
  }

  private static Stream<List<Object>> literals(Field field, Filter part) {
    if (part instanceof Filter.Compare compare
        && compare.field().equals(field)
        && compare.operator() == Operator.EQ) {
      return Stream.of(List.of(FilterSql.value(field, compare.literal())));
    }
    if (part instanceof Filter.OneOf oneOf && oneOf.field().equals(field)) {
      return Stream.of(
          oneOf.literals().stream()
              .distinct()
              .map(literal -> FilterSql.value(field, literal))
              .toList());
    }
    return Stream.empty();
  }

  /** The months of a range with both bounds. */
  private static Stream<IndexMerge> months(Field field, List<Filter> parts) {
    List<Filter> bounds = parts.stream().filter(part -> isBound(field, part)).toList();
    Optional<YearMonth> first =
        bounds.stream().flatMap(IndexMerge::firstMonth).max(Comparator.naturalOrder());
    Optional<YearMonth> last =
        bounds.stream().flatMap(IndexMerge::lastMonth).min(Comparator.naturalOrder());
    if (first.isEmpty() || last.isEmpty()) {
      return Stream.empty();
    }
    List<Object> values =
        Stream.iterate(first.get(), month -> month.plusMonths(1))
            .limit(MAX + 1L)
            .takeWhile(month -> !month.isAfter(last.get()))
            .<Object>map(month -> month)
            .toList();
    return Stream.of(of(field, values, parts, bounds));
  }

  private static boolean isBound(Field field, Filter part) {
    return field.kind() == Field.Kind.MONTH
        && part instanceof Filter.Compare compare
        && compare.field().equals(field)
        && compare.operator() != Operator.EQ
        && compare.operator() != Operator.NE;
  }

  private static Stream<YearMonth> firstMonth(Filter bound) {
    Filter.Compare compare = (Filter.Compare) bound;
    YearMonth month = YearMonth.parse(compare.literal());
    return switch (compare.operator()) {
      case GE -> Stream.of(month);
      case GT -> Stream.of(month.plusMonths(1));
      default -> Stream.empty();
    };
  }

  private static Stream<YearMonth> lastMonth(Filter bound) {
    Filter.Compare compare = (Filter.Compare) bound;
    YearMonth month = YearMonth.parse(compare.literal());
    return switch (compare.operator()) {
      case LE -> Stream.of(month);
      case LT -> Stream.of(month.minusMonths(1));
      default -> Stream.empty();
    };
  }

  private static IndexMerge of(
      Field field, List<Object> values, List<Filter> parts, List<Filter> spent) {
    List<Filter> rest = parts.stream().filter(part -> !spent.contains(part)).toList();
    return new IndexMerge(
        field, values, rest.isEmpty() ? Optional.empty() : Optional.of(new Filter.And(rest)));
  }
}
