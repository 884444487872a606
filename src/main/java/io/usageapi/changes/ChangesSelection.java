package io.usageapi.changes;

import io.usageapi.group.GroupOrder;
import io.usageapi.group.GroupSelection;
import io.usageapi.group.Grouping;
import io.usageapi.group.UsageKind;
import io.usageapi.http.QueryParameters;
import io.usageapi.page.PageReader;
import io.usageapi.security.OrganizationId;
import io.usageapi.usage.UsageFilter;
import java.time.YearMonth;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A checked selection of changes and their order.
 *
 * @param filter the aggregates that are compared
 * @param given the parameters that links keep: as sent, but with both months, so that a walk keeps
 *     them when a new month begins
 */
record ChangesSelection(
    OrganizationId organization,
    Months months,
    UsageKind kind,
    UsageFilter filter,
    Grouping grouping,
    GroupOrder<Change> order,
    Map<String, String> given)
    implements GroupSelection<Change> {
  private static final List<String> CHOOSING = List.of("group_by", "kind", "filter", "order_by");

  static final Set<String> PARAMETERS =
      Set.of("month", "with", "group_by", "kind", "filter", "order_by", "per_page", "cursor");

  /**
   * Reads the parameters of an export.
   *
   * @param rawQuery may be null
   * @param now the month in progress
   * @throws io.usageapi.error.ApiException 400 that names every invalid parameter
   */
  static ChangesSelection whole(OrganizationId organization, String rawQuery, YearMonth now) {
    QueryParameters parameters = QueryParameters.of(rawQuery, PARAMETERS);
    PageReader.refuse(parameters);
    ChangesSelection selection = read(organization, parameters, now);
    parameters.check();
    return selection;
  }

  /** Reads the parameters that pages and exports share, and collects errors. */
  static ChangesSelection read(
      OrganizationId organization, QueryParameters parameters, YearMonth now) {
    Months months = Months.read(parameters, now);
    Grouping grouping = Grouping.read(parameters);
    UsageKind kind = UsageKind.read(parameters);
    UsageFilter filter = UsageFilter.read(parameters);
    GroupOrder<Change> order = ChangesOrder.read(parameters, grouping);
    Map<String, String> given = new LinkedHashMap<>();
    given.put("month", months.current().toString());
    given.put("with", months.previous().toString());
    CHOOSING.forEach(name -> parameters.text(name).ifPresent(text -> given.put(name, text)));
    return new ChangesSelection(organization, months, kind, filter, grouping, order, given);
  }
}
