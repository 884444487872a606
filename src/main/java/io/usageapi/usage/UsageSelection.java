package io.usageapi.usage;

import io.usageapi.aggregate.Granularity;
import io.usageapi.http.QueryParameters;
import io.usageapi.page.PageReader;
import io.usageapi.security.OrganizationId;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The aggregates a request asks for, and their order, checked.
 *
 * @param granularity months or days
 * @param include the fields beside those that are always there
 */
public record UsageSelection(
    OrganizationId organization,
    Granularity granularity,
    UsageFilter filter,
    UsageOrder order,
    Set<Include> include,
    Map<String, String> given)
    implements Selection {
  static final int MAX_ORDER_LENGTH = 40;

  /** The parameter that asks for what changed; of months only. */
  static final String CHANGED_SINCE = "changed_since";

  private static final List<String> OF_DAYS =
      List.of("filter", "order_by", Include.PARAMETER, "per_page", "page", "cursor");

  /** The parameters there are. */
  static Set<String> parameters(Granularity granularity) {
    Set<String> parameters = new HashSet<>(OF_DAYS);
    if (granularity == Granularity.MONTH) {
      parameters.add(CHANGED_SINCE);
    }
    return parameters;
  }

  private static void refusePages(QueryParameters parameters) {
    PageReader.refuse(parameters);
    if (parameters.has(CHANGED_SINCE)) {
      parameters.reject(CHANGED_SINCE, "must not be given: changes come in pages");
    }
  }

  /**
   * Reads the parameters of an export.
   *
   * @param rawQuery the query of the request as sent, or null
   * @throws io.usageapi.error.ApiException 400 that names every parameter at fault
   */
  public static UsageSelection whole(
      OrganizationId organization, Granularity granularity, String rawQuery) {
    QueryParameters parameters = QueryParameters.of(rawQuery, parameters(granularity));
    refusePages(parameters);
    UsageSelection selection = read(organization, granularity, parameters);
    parameters.check();
    return selection;
  }

  /**
   * Reads the parameters of a FOCUS export, which has fields of its own.
   *
   * @param rawQuery the query of the request as sent, or null
   * @throws io.usageapi.error.ApiException 400 that names every parameter at fault
   */
  public static UsageSelection charges(
      OrganizationId organization, Granularity granularity, String rawQuery) {
    QueryParameters parameters = QueryParameters.of(rawQuery, parameters(granularity));
    refusePages(parameters);
    if (parameters.has(Include.PARAMETER)) {
      parameters.reject(Include.PARAMETER, "must not be given: a FOCUS file has its own columns");
    }
    UsageSelection selection = read(organization, granularity, parameters);
    parameters.check();
    return selection;
  }

  /**
   * Reads the parameters that pages and exports have in common. Errors are collected in the
   * parameters.
   */
  static UsageSelection read(
      OrganizationId organization, Granularity granularity, QueryParameters parameters) {
    UsageFilter filter = UsageFilter.read(granularity, parameters);
    Optional<String> orderText = parameters.text("order_by", MAX_ORDER_LENGTH);
    UsageOrder order =
        orderText
            .flatMap(text -> readOrder(text, granularity, filter, parameters))
            .orElse(UsageOrder.ID_DESC);
    Set<Include> include = Include.read(parameters);
    Map<String, String> given = new LinkedHashMap<>();
    filter.text().ifPresent(text -> given.put("filter", text));
    orderText.ifPresent(text -> given.put("order_by", text));
    parameters.text(Include.PARAMETER).ifPresent(text -> given.put(Include.PARAMETER, text));
    return new UsageSelection(organization, granularity, filter, order, include, given);
  }

  private static Optional<UsageOrder> readOrder(
      String text, Granularity granularity, UsageFilter filter, QueryParameters parameters) {
    Optional<UsageOrder> order = UsageOrder.named(granularity, text);
    if (order.isEmpty()) {
      parameters.reject(
          "order_by",
          "must be id, "
              + granularity.period()
              + (granularity == Granularity.MONTH
                  ? ", account_id, product_id or total_amount"
                  : ", account_id or product_id")
              + ", followed by :asc or :desc");
    } else if (order.get().isByAmount()
        && !filter.isOfOneMonth()
        && !parameters.anyRejected("filter")) {
      parameters.reject(
          "order_by",
          "by total_amount needs a filter for one month: month eq '2026-08', alone or joined to the"
              + " rest by and");
    }
    return order;
  }
}
