package io.usageapi.usage;

import io.usageapi.error.ErrorCode;
import io.usageapi.filter.Filter;
import io.usageapi.filter.FilterException;
import io.usageapi.filter.FilterReader;
import io.usageapi.http.QueryParameters;
import io.usageapi.security.OrganizationId;
import java.util.HashSet;
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
 * @param filterText the filter as sent, if there is one
 * @param filter the same, read
 * @param order in which order
 * @param given the parameters that say all this, as sent
 */
public record UsageSelection(
    OrganizationId organization,
    Optional<String> filterText,
    Optional<Filter> filter,
    UsageOrder order,
    Map<String, String> given) {
  static final int MAX_FILTER_LENGTH = 1600;
  static final int MAX_ORDER_LENGTH = 40;

  private static final List<String> OF_PAGES = List.of("per_page", "page", "cursor");
  private static final Set<String> PARAMETERS =
      Set.of("filter", "order_by", "per_page", "page", "cursor");
  private static final FilterReader FILTERS = new FilterReader(UsageFields.ALL);

  /**
   * Reads the parameters of a request for all of it at once.
   *
   * @param organization the caller's
   * @param rawQuery the query of the request as sent, or null
   * @throws io.usageapi.error.ApiException 400 that names every parameter at fault
   */
  public static UsageSelection whole(OrganizationId organization, String rawQuery) {
    QueryParameters parameters = QueryParameters.of(rawQuery, PARAMETERS);
    OF_PAGES.stream()
        .filter(parameters::has)
        .forEach(name -> parameters.reject(name, "must not be given: an export has no pages"));
    UsageSelection selection = read(organization, parameters);
    parameters.check();
    return selection;
  }

  /** Reads the parameters that pages and exports have in common; what is at fault is noted. */
  static UsageSelection read(OrganizationId organization, QueryParameters parameters) {
    Optional<String> filterText = parameters.text("filter", MAX_FILTER_LENGTH);
    Optional<Filter> filter = filterText.flatMap(text -> readFilter(text, parameters));
    Optional<String> orderText = parameters.text("order_by", MAX_ORDER_LENGTH);
    UsageOrder order =
        orderText.flatMap(text -> readOrder(text, parameters)).orElse(UsageOrder.ID_DESC);
    Map<String, String> given = new LinkedHashMap<>();
    filterText.ifPresent(text -> given.put("filter", text));
    orderText.ifPresent(text -> given.put("order_by", text));
    return new UsageSelection(organization, filterText, filter, order, given);
  }

  /** The accounts that must be the organization's own (contract, "The 403 rule"). */
  public Set<String> namedAccounts() {
    Set<String> accounts = new HashSet<>();
    filter.ifPresent(tree -> collectAccounts(tree, accounts));
    return accounts;
  }

  private static Optional<Filter> readFilter(String text, QueryParameters parameters) {
    try {
      return Optional.of(FILTERS.read(text));
    } catch (FilterException e) {
      parameters.reject("filter", ErrorCode.INVALID_FILTER, e.getMessage());
      return Optional.empty();
    }
  }

  private static Optional<UsageOrder> readOrder(String text, QueryParameters parameters) {
    Optional<UsageOrder> order = UsageOrder.named(text);
    if (order.isEmpty()) {
      parameters.reject(
          "order_by", "must be id, month, account_id or product_id, followed by :asc or :desc");
    }
    return order;
  }

  private static void collectAccounts(Filter filter, Set<String> accounts) {
    if (filter instanceof Filter.And and) {
      and.parts().forEach(part -> collectAccounts(part, accounts));
    } else if (filter instanceof Filter.Or or) {
      or.parts().forEach(part -> collectAccounts(part, accounts));
    } else if (filter instanceof Filter.Not not) {
      collectAccounts(not.part(), accounts);
    } else if (filter instanceof Filter.Compare compare
        && compare.field().equals(UsageFields.ACCOUNT_ID)
        && (compare.operator() == Filter.Operator.EQ || compare.operator() == Filter.Operator.NE)) {
      accounts.add(compare.literal());
    } else if (filter instanceof Filter.OneOf oneOf
        && oneOf.field().equals(UsageFields.ACCOUNT_ID)) {
      accounts.addAll(oneOf.literals());
    }
  }
}
