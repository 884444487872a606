package io.usageapi.totals;

import io.usageapi.aggregate.Dimension;
import io.usageapi.group.GroupOrder;
import io.usageapi.group.GroupSelection;
import io.usageapi.group.Grouping;
import io.usageapi.group.UsageKind;
import io.usageapi.http.QueryParameters;
import io.usageapi.page.PageReader;
import io.usageapi.security.OrganizationId;
import io.usageapi.usage.Include;
import io.usageapi.usage.UsageFilter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A checked selection of totals and their order.
 *
 * @param filter the aggregates that are added
 * @param grouping with {@code include=unit_word} the word of the unit is one of its fields
 * @param given the parameters that links keep, as sent
 */
record TotalsSelection(
    OrganizationId organization,
    UsageKind kind,
    UsageFilter filter,
    Grouping grouping,
    Set<Include> include,
    GroupOrder<Total> order,
    Map<String, String> given)
    implements GroupSelection<Total> {
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
    Grouping given = Grouping.read(parameters);
    Set<Include> include = Include.readAll(parameters);
    require(include, Include.MONTH_STATUS, given, Dimension.MONTH, parameters);
    require(include, Include.UNIT_WORD, given, Dimension.UNIT, parameters);
    Grouping grouping =
        include.contains(Include.UNIT_WORD) ? given.with(Dimension.UNIT_WORD) : given;
    UsageKind kind = UsageKind.read(parameters);
    UsageFilter filter = UsageFilter.read(parameters);
    GroupOrder<Total> order = TotalsOrder.read(parameters, grouping);
    Map<String, String> sent = new LinkedHashMap<>();
    CHOOSING.forEach(name -> parameters.text(name).ifPresent(text -> sent.put(name, text)));
    return new TotalsSelection(organization, kind, filter, grouping, include, order, sent);
  }

  /** Some fields say something only of groups that have one value of another field. */
  private static void require(
      Set<Include> include,
      Include included,
      Grouping grouping,
      Dimension field,
      QueryParameters parameters) {
    if (include.contains(included)
        && !grouping.has(field)
        && !parameters.anyRejected(Grouping.PARAMETER)) {
      parameters.reject(
          Include.PARAMETER,
          included.field() + " needs " + field.column() + " in " + Grouping.PARAMETER);
    }
  }

  @Override
  public Set<Dimension> columns() {
    Set<Dimension> columns = GroupSelection.super.columns();
    if (include.contains(Include.DESCRIPTION)) {
      columns.add(Dimension.DESCRIPTION);
    }
    return columns;
  }
}
