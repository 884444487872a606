package io.usageapi.usage;

import io.usageapi.aggregate.Granularity;
import io.usageapi.http.QueryParameters;
import io.usageapi.security.OrganizationId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which aggregates are asked for, and in which order, checked: what a page is a part of, and an
 * export the whole.
 *
 * @param organization whose usage
 * @param granularity what it is added up by
 * @param filter which of its aggregates
 * @param order in which order
 * @param include what is asked for beside the fields that are always there
 * @param given the parameters that say all this, as sent
 */
public record UsageSelection(
    OrganizationId organization,
    Granularity granularity,
    UsageFilter filter,
    UsageOrder order,
    Set<Include> include,
    Map<String, String> given) {
  static final int MAX_ORDER_LENGTH = 40;

  private static final List<String> OF_PAGES = List.of("per_page", "page", "cursor");
  private static final Set<String> PARAMETERS =
      Set.of("filter", "order_by", Include.PARAMETER, "per_page", "page", "cursor");

  /**
   * Reads the parameters of a request for all of it at once.
   *
   * @param organization the caller's
   * @param rawQuery the query of the request as sent, or null
   * @throws io.usageapi.error.ApiException 400 that names every parameter at fault
   */
  public static UsageSelection whole(
      OrganizationId organization, Granularity granularity, String rawQuery) {
    QueryParameters parameters = QueryParameters.of(rawQuery, PARAMETERS);
    OF_PAGES.stream()
        .filter(parameters::has)
        .forEach(name -> parameters.reject(name, "must not be given: an export has no pages"));
    UsageSelection selection = read(organization, granularity, parameters);
    parameters.check();
    return selection;
  }

  /** Reads the parameters that pages and exports have in common; what is at fault is noted. */
  static UsageSelection read(
      OrganizationId organization, Granularity granularity, QueryParameters parameters) {
    UsageFilter filter = UsageFilter.read(granularity, parameters);
    Optional<String> orderText = parameters.text("order_by", MAX_ORDER_LENGTH);
    UsageOrder order =
        orderText
            .flatMap(text -> readOrder(text, granularity, parameters))
            .orElse(UsageOrder.ID_DESC);
    Set<Include> include = Include.read(parameters);
    Map<String, String> given = new LinkedHashMap<>();
    filter.text().ifPresent(text -> given.put("filter", text));
    orderText.ifPresent(text -> given.put("order_by", text));
    parameters.text(Include.PARAMETER).ifPresent(text -> given.put(Include.PARAMETER, text));
    return new UsageSelection(organization, granularity, filter, order, include, given);
  }

  private static Optional<UsageOrder> readOrder(
      String text, Granularity granularity, QueryParameters parameters) {
    Optional<UsageOrder> order = UsageOrder.named(granularity, text);
    if (order.isEmpty()) {
      parameters.reject(
          "order_by",
          "must be id, "
              + granularity.period()
              + ", account_id or product_id, followed by :asc or :desc");
    }
    return order;
  }
}
