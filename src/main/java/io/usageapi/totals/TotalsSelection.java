package io.usageapi.totals;

import io.usageapi.http.QueryParameters;
import io.usageapi.page.PageReader;
import io.usageapi.security.OrganizationId;
import io.usageapi.usage.Include;
import io.usageapi.usage.Selection;
import io.usageapi.usage.UsageFilter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A checked selection of totals and their order.
 *
 * @param filter the aggregates that are added
 * @param given the parameters that links keep, as sent
 */
record TotalsSelection(
    OrganizationId organization,
    UsageKind kind,
    UsageFilter filter,
    Grouping grouping,
    TotalsOrder order,
    Map<String, String> given)
    implements Selection {
  private static final List<String> CHOOSING =
      List.of("group_by", "kind", "filter", "order_by", Include.PARAMETER);

  static final Set<String> PARAMETERS =
      Set.of("group_by", "kind", "filter", "order_by", Include.PARAMETER, "per_page", "cursor");

  /**
   * Reads the parameters of an export.
   *
   * @param rawQuery may be null
   * @throws io.usageapi.error.ApiException 400 that names every invalid parameter
   */
  static TotalsSelection whole(OrganizationId organization, String rawQuery) {
    QueryParameters parameters = QueryParameters.of(rawQuery, PARAMETERS);
    PageReader.refuse(parameters);
    TotalsSelection selection = read(organization, parameters);
    parameters.check();
    return selection;
  }

  /** Reads the parameters that pages and exports share, and collects errors. */
  static TotalsSelection read(OrganizationId organization, QueryParameters parameters) {
    Grouping grouping = Grouping.read(parameters);
    UsageKind kind = UsageKind.read(parameters);
    UsageFilter filter = UsageFilter.read(parameters);
    TotalsOrder order = TotalsOrder.read(parameters, grouping);
    Map<String, String> given = new LinkedHashMap<>();
    CHOOSING.forEach(name -> parameters.text(name).ifPresent(text -> given.put(name, text)));
    return new TotalsSelection(organization, kind, filter, grouping, order, given);
  }
}
