package io.usageapi.totals;

import io.usageapi.http.QueryParameters;
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
    PageRequest<Total> page =
        reader.byCursor(
            selection.keyset("totals", ""),
            selection.given(),
            "group_by",
            "kind",
            "filter",
            "order_by",
            "include");
    parameters.check();
    return new TotalsQuery(selection, page);
  }
}
