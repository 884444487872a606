package io.usageapi.usage;

import io.usageapi.aggregate.Granularity;
import io.usageapi.aggregate.UsageAggregate;
import io.usageapi.aggregate.change.ChangeToken;
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
import java.util.stream.Stream;

/**
 * A request for a page of usage, checked. The statement is made from it.
 *
 * @param changedSince the position whose later changes are asked for, if they are
 */
public record UsageQuery(
    UsageSelection selection,
    PageRequest<UsageAggregate> page,
    Optional<ChangeToken> changedSince) {

  /**
   * Reads the parameters of a request.
   *
   * @param rawQuery the query as sent, or null
   * @throws ApiException 400 that names every parameter at fault
   */
  static UsageQuery of(OrganizationId organization, Granularity granularity, String rawQuery) {
    QueryParameters parameters =
        QueryParameters.of(rawQuery, UsageSelection.parameters(granularity));
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
    Optional<ChangeToken> changedSince = readChangedSince(parameters);
    parameters.check();
    return new UsageQuery(selection, page, changedSince);
  }

  private static Optional<ChangeToken> readChangedSince(QueryParameters parameters) {
    Optional<String> text = parameters.text(UsageSelection.CHANGED_SINCE);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    // Generated clients send page=1 of themselves.
    Stream.of("order_by", "page", "cursor")
        .filter(parameters::has)
        .filter(name -> !(name.equals("page") && parameters.text(name).equals(Optional.of("1"))))
        .forEach(
            name ->
                parameters.reject(
                    name, "must not be given together with " + UsageSelection.CHANGED_SINCE));
    try {
      return text.map(ChangeToken::parse);
    } catch (IllegalArgumentException e) {
      parameters.reject(UsageSelection.CHANGED_SINCE, "is not a position of this server");
      return Optional.empty();
    }
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
