package io.usageapi.totals;

import io.usageapi.http.QueryParameters;
import io.usageapi.page.Cursor;
import io.usageapi.page.Keyset;
import io.usageapi.page.PageReader;
import io.usageapi.page.PageRequest;
import io.usageapi.security.OrganizationId;

/** A checked request for a page of totals. */
record TotalsQuery(TotalsSelection selection, PageRequest<Total> page) {

  /**
   * Reads the parameters of a request.
   *
   * @param rawQuery may be null
   * @throws io.usageapi.error.ApiException 400 that names every invalid parameter
   */
  static TotalsQuery of(OrganizationId organization, String rawQuery) {
    QueryParameters parameters = QueryParameters.of(rawQuery, TotalsSelection.PARAMETERS);
    PageReader reader = new PageReader(parameters);
    TotalsSelection selection = TotalsSelection.read(organization, parameters);
    TotalsOrder order = selection.order();
    Keyset<Total> keyset =
        new Keyset<>(
            "totals",
            "filter",
            Cursor.Binding.of(
                selection.filter().text().orElse(null),
                "totals of " + selection.kind().wireName() + " by " + order.text()),
            order::position,
            order::values);
    PageRequest<Total> page =
        reader.byCursor(
            keyset, selection.given(), "group_by", "kind", "filter", "order_by", "include");
    parameters.check();
    return new TotalsQuery(selection, page);
  }
}
