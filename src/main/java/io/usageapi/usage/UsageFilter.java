package io.usageapi.usage;

import io.usageapi.aggregate.Dimension;
import io.usageapi.aggregate.Granularity;
import io.usageapi.database.Outage;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import io.usageapi.filter.Field;
import io.usageapi.filter.Filter;
import io.usageapi.filter.FilterReader;
import io.usageapi.http.QueryParameters;
import io.usageapi.sql.FilterSql;
import io.usageapi.sql.SqlBuilder;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The parameter {@code filter}: which aggregates a request is about; without it all.
 *
 * @param text the filter as sent, if there is one
 * @param tree the same, read
 */
public record UsageFilter(Optional<String> text, Optional<Filter> tree) {
  private static final Map<Granularity, FilterReader> READERS =
      Arrays.stream(Granularity.values())
          .collect(
              Collectors.toMap(
                  Function.identity(), granularity -> new FilterReader(granularity.fields())));

  /** Reads the parameter of a request for months, and collects errors. */
  public static UsageFilter read(QueryParameters parameters) {
    return read(Granularity.MONTH, parameters);
  }

  /** Reads the parameter, and collects errors. */
  public static UsageFilter read(Granularity granularity, QueryParameters parameters) {
    return new UsageFilter(parameters.text("filter"), READERS.get(granularity).read(parameters));
  }

  /** The dimensions it names. */
  public Set<Dimension> dimensions() {
    Set<Field> fields = tree.stream().flatMap(Filter::fields).collect(Collectors.toSet());
    return Dimension.filterable().stream()
        .filter(dimension -> fields.contains(dimension.field().orElseThrow()))
        .collect(Collectors.toSet());
  }

  /** The accounts that must be the organization's own (operation {@code getMonthlyUsage}). */
  public Set<String> namedAccounts() {
    Set<String> accounts = new HashSet<>();
    tree.ifPresent(filter -> collectAccounts(filter, accounts));
    return accounts;
  }

  /** Whether {@code month eq} must hold for each aggregate. */
  public boolean isOfOneMonth() {
    return tree.filter(UsageFilter::isOfOneMonth).isPresent();
  }

  private static boolean isOfOneMonth(Filter filter) {
    return filter instanceof Filter.And and
        ? and.parts().stream().anyMatch(UsageFilter::isOfOneMonth)
        : comparesMonth(filter) && ((Filter.Compare) filter).operator() == Filter.Operator.EQ;
  }

  /** Whether it says at most from which month to which. */
  public boolean isRangeOfMonths() {
    List<Filter> parts =
        tree.map(filter -> filter instanceof Filter.And and ? and.parts() : List.of(filter))
            .orElse(List.of());
    return parts.size() <= 2 && parts.stream().allMatch(UsageFilter::comparesMonth);
  }

  private static boolean comparesMonth(Filter filter) {
    return filter instanceof Filter.Compare compare
        && compare.field().name().equals(Dimension.MONTH.column());
  }

  /** Appends {@code AND} and the filter to a condition; without a filter, appends nothing. */
  public void append(SqlBuilder sql) {
    tree.ifPresent(
        filter -> {
          sql.append(" AND ");
          FilterSql.append(filter, sql);
        });
  }

  /**
   * The failure to report when a statement with this filter fails.
   *
   * @return 400 {@code filter_too_expensive} when there is a filter and the statement ran into its
   *     deadline; otherwise the failure as it is
   */
  public Throwable translateFailure(Throwable failure) {
    return tree.isPresent() && Outage.isDeadline(failure)
        ? ApiException.of(ErrorCode.FILTER_TOO_EXPENSIVE, "Narrow it by account or by month.")
        : failure;
  }

  private static void collectAccounts(Filter filter, Set<String> accounts) {
    if (filter instanceof Filter.And and) {
      and.parts().forEach(part -> collectAccounts(part, accounts));
    } else if (filter instanceof Filter.Or or) {
      or.parts().forEach(part -> collectAccounts(part, accounts));
    } else if (filter instanceof Filter.Not not) {
      collectAccounts(not.part(), accounts);
    } else if (filter instanceof Filter.Compare compare
        && isAccount(compare.field())
        && (compare.operator() == Filter.Operator.EQ || compare.operator() == Filter.Operator.NE)) {
      accounts.add(compare.literal());
    } else if (filter instanceof Filter.OneOf oneOf && isAccount(oneOf.field())) {
      accounts.addAll(oneOf.literals());
    }
  }

  private static boolean isAccount(Field field) {
    return field.name().equals(Dimension.ACCOUNT_ID.column());
  }
}
