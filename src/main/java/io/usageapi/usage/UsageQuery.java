package io.usageapi.usage;

import io.usageapi.aggregate.Granularity;
import io.usageapi.aggregate.UsageAggregate;
import io.usageapi.error.ApiException;
import io.usageapi.filter.Filter;
import io.usageapi.http.QueryParameters;
import io.usageapi.page.Cursor;
import io.usageapi.page.Keyset;
import io.usageapi.page.PageReader;
import io.usageapi.page.PageRequest;
import io.usageapi.page.PageStart;
import io.usageapi.security.OrganizationId;
import java.util.Optional;

/** A request for a page of usage, checked. The statement is made from it. */
public record UsageQuery(UsageSelection selection, PageRequest<UsageAggregate> page) {

  /**
   * Reads the parameters of a request.
   *
   * @param rawQuery the query as sent, or null
   * @throws ApiException 400 that names every parameter at fault
   */
  static UsageQuery of(OrganizationId organization, Granularity granularity, String rawQuery) {
    QueryParameters parameters = QueryParameters.of(rawQuery, UsageSelection.PARAMETERS);
    PageReader reader = new PageReader(parameters);
    UsageSelection selection = UsageSelection.read(organization, granularity, parameters);
    UsageOrder order = selection.order();
    Keyset<UsageAggregate> keyset =
        new Keyset<>(
            "usage",
            "filter",
            Cursor.Binding.of(selection.filter().text().orElse(null), order.text()),
            order::position,
            position -> order.check(granularity, position));
    PageRequest<UsageAggregate> page =
        reader.byNumberOrCursor(keyset, selection.given(), "filter", "order_by");
    parameters.check();
    return new UsageQuery(selection, page);
  }

  /** The organization whose usage it is. */
  OrganizationId organization() {
    return selection.organization();
  }

  /** The filter. */
  Optional<Filter> filter() {
    return selection.filter().tree();
  }

  /** The order. */
  UsageOrder order() {
    return selection.order();
  }

  /** The most rows of the page. */
  int perPage() {
    return page.perPage();
  }

  /** Where the page starts. */
  PageStart start() {
    return page.start();
  }
}
