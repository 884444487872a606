package io.usageapi.account;

import io.quarkus.panache.common.Sort;
import io.usageapi.error.ApiException;
import io.usageapi.http.QueryParameters;
import io.usageapi.page.PageReader;
import io.usageapi.security.OrganizationId;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A checked request for a page of accounts.
 *
 * @param page the number of the page, from 1
 * @param given the parameters that links keep, as sent
 */
public record AccountQuery(
    OrganizationId organization, Order order, int perPage, int page, Map<String, String> given) {
  private static final int MAX_ORDER_LENGTH = 40;
  private static final Set<String> PARAMETERS = Set.of("per_page", "page", "order_by");

  /**
   * Orders of accounts. The id follows in the same direction; accounts without a name sort last.
   */
  enum Order {
    ID_ASC("id:asc", false, Sort.Direction.Ascending),
    ID_DESC("id:desc", false, Sort.Direction.Descending),
    NAME_ASC("name:asc", true, Sort.Direction.Ascending),
    NAME_DESC("name:desc", true, Sort.Direction.Descending);

    private final String text;
    private final boolean byName;
    private final Sort.Direction direction;

    Order(String text, boolean byName, Sort.Direction direction) {
      this.text = text;
      this.byName = byName;
      this.direction = direction;
    }

    static Optional<Order> named(String text) {
      return Arrays.stream(values()).filter(order -> order.text.equals(text)).findFirst();
    }

    Sort sort() {
      return byName
          ? Sort.by("name", direction, Sort.NullPrecedence.NULLS_LAST).and("id", direction)
          : Sort.by("id", direction);
    }
  }

  /**
   * Reads the parameters of a request.
   *
   * @throws ApiException 400 that names every invalid parameter
   */
  static AccountQuery of(OrganizationId organization, String rawQuery) {
    QueryParameters parameters = QueryParameters.of(rawQuery, PARAMETERS);
    PageReader reader = new PageReader(parameters);
    int page = reader.number();
    Optional<String> orderText = parameters.text("order_by", MAX_ORDER_LENGTH);
    Optional<Order> order = orderText.flatMap(Order::named);
    if (orderText.isPresent() && order.isEmpty()) {
      parameters.reject("order_by", "must be id or name, followed by :asc or :desc");
    }
    parameters.check();
    Map<String, String> given = new LinkedHashMap<>();
    orderText.ifPresent(text -> given.put("order_by", text));
    return new AccountQuery(
        organization, order.orElse(Order.ID_ASC), reader.perPage(), page, reader.kept(given));
  }

  /** How many accounts precede the page. */
  long offset() {
    return (page - 1L) * perPage;
  }

  /** The parameters of a link to a page of this query. */
  Map<String, String> parametersAt(long number) {
    Map<String, String> parameters = new LinkedHashMap<>(given);
    parameters.put("page", Long.toString(number));
    return parameters;
  }
}
