package io.usageapi.account;

import io.usageapi.database.Outage;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import io.usageapi.filter.Field;
import io.usageapi.filter.Filter;
import io.usageapi.filter.FilterReader;
import io.usageapi.http.QueryParameters;
import io.usageapi.page.PageReader;
import io.usageapi.security.OrganizationId;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The accounts that a request asks for, and their order, checked.
 *
 * @param search a part of an id, a name or a company name, in any case
 * @param given the parameters that choose and order the accounts, as sent
 */
public record AccountSelection(
    OrganizationId organization,
    Optional<String> search,
    Optional<Filter> filter,
    Order order,
    Map<String, String> given) {
  private static final int MAX_ORDER_LENGTH = 40;
  private static final int MAX_SEARCH_LENGTH = 100;
  private static final List<String> CHOOSING = List.of("search", "filter", "order_by");

  /** The parameters there are. */
  static final Set<String> PARAMETERS = Set.of("search", "filter", "order_by", "per_page", "page");

  private static final FilterReader FILTERS =
      new FilterReader(
          List.of(
              new Field("id", Field.Kind.TEXT, false, Set.of()),
              new Field("name", Field.Kind.TEXT, true, Set.of()),
              new Field("company_name", Field.Kind.TEXT, true, Set.of()),
              new Field("status", Field.Kind.ENUM, false, AccountStatus.names())));

  /**
   * Orders of accounts. The id follows in the same direction; accounts without a name sort last.
   */
  enum Order {
    ID_ASC("id:asc", " ORDER BY id"),
    ID_DESC("id:desc", " ORDER BY id DESC"),
    NAME_ASC("name:asc", " ORDER BY name ASC NULLS LAST, id"),
    NAME_DESC("name:desc", " ORDER BY name DESC NULLS LAST, id DESC");

    private final String text;
    private final String sql;

    Order(String text, String sql) {
      this.text = text;
      this.sql = sql;
    }

    static Optional<Order> named(String text) {
      return Arrays.stream(values()).filter(order -> order.text.equals(text)).findFirst();
    }

    /** The clause of a statement. */
    String sql() {
      return sql;
    }
  }

  /**
   * Reads the parameters of an export.
   *
   * @throws ApiException 400 that names every invalid parameter
   */
  static AccountSelection whole(OrganizationId organization, String rawQuery) {
    QueryParameters parameters = QueryParameters.of(rawQuery, PARAMETERS);
    PageReader.refuse(parameters);
    AccountSelection selection = read(organization, parameters);
    parameters.check();
    return selection;
  }

  /** Reads the parameters that pages and exports have in common, and collects errors. */
  static AccountSelection read(OrganizationId organization, QueryParameters parameters) {
    Optional<String> search = parameters.text("search", MAX_SEARCH_LENGTH);
    Optional<Filter> filter = FILTERS.read(parameters);
    Optional<String> orderText = parameters.text("order_by", MAX_ORDER_LENGTH);
    Optional<Order> order = orderText.flatMap(Order::named);
    if (orderText.isPresent() && order.isEmpty()) {
      parameters.reject("order_by", "must be id or name, followed by :asc or :desc");
    }
    Map<String, String> given = new LinkedHashMap<>();
    CHOOSING.forEach(name -> parameters.text(name).ifPresent(text -> given.put(name, text)));
    return new AccountSelection(organization, search, filter, order.orElse(Order.ID_ASC), given);
  }

  /** Whether only some accounts are asked for. */
  boolean isSelective() {
    return search.isPresent() || filter.isPresent();
  }

  /** The failure to report when the statement fails. */
  Throwable translateFailure(Throwable failure) {
    return isSelective() && Outage.isDeadline(failure)
        ? ApiException.of(ErrorCode.FILTER_TOO_EXPENSIVE, "Name the accounts by id.")
        : failure;
  }
}
