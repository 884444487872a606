package io.usageapi.totals;

import io.usageapi.http.QueryParameters;
import io.usageapi.security.OrganizationId;
import io.usageapi.usage.UsageFilter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which totals are asked for, and in which order, checked: what a page is a part of, and an export
 * the whole.
 *
 * @param organization whose usage
 * @param kind of what kind
 * @param filter which of its aggregates are added
 * @param grouping which of those are added to each other
 * @param order in which order the totals come
 * @param given the parameters that say all this, as sent
 */
record TotalsSelection(
    OrganizationId organization,
    UsageKind kind,
    UsageFilter filter,
    Grouping grouping,
    TotalsOrder order,
    Map<String, String> given) {
  private static final List<String> OF_THE_WHOLE =
      List.of("group_by", "kind", "filter", "order_by");
  private static final List<String> OF_PAGES = List.of("per_page", "cursor");

  /** The parameters there are. */
  static final Set<String> PARAMETERS =
      Set.of("group_by", "kind", "filter", "order_by", "per_page", "cursor");

  /**
   * Reads the parameters of a request for all of it at once.
   *
   * @param organization the caller's
   * @param rawQuery the query of the request as sent, or null
   * @throws io.usageapi.error.ApiException 400 that names every parameter at fault
   */
  static TotalsSelection whole(OrganizationId organization, String rawQuery) {
    QueryParameters parameters = QueryParameters.of(rawQuery, PARAMETERS);
    OF_PAGES.stream()
        .filter(parameters::has)
        .forEach(name -> parameters.reject(name, "must not be given: an export has no pages"));
    TotalsSelection selection = read(organization, parameters);
    parameters.check();
    return selection;
  }

  /** Reads the parameters that pages and exports have in common; what is at fault is noted. */
  static TotalsSelection read(OrganizationId organization, QueryParameters parameters) {
    Grouping grouping = Grouping.read(parameters);
    UsageKind kind = UsageKind.read(parameters);
    UsageFilter filter = UsageFilter.read(parameters);
    TotalsOrder order = TotalsOrder.read(parameters, grouping);
    Map<String, String> given = new LinkedHashMap<>();
    OF_THE_WHOLE.forEach(name -> parameters.text(name).ifPresent(text -> given.put(name, text)));
    return new TotalsSelection(organization, kind, filter, grouping, order, given);
  }
}
