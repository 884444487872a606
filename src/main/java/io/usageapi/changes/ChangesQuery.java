package io.usageapi.changes;

import io.usageapi.http.QueryParameters;
import io.usageapi.page.PageReader;
import io.usageapi.page.PageRequest;
import io.usageapi.security.OrganizationId;
import java.time.YearMonth;

/** A checked request for a page of changes. */
record ChangesQuery(ChangesSelection selection, PageRequest<Change> page) {

  /**
   * Reads the parameters of a request.
   *
   * @param rawQuery may be null
   * @param now the month in progress
   * @throws io.usageapi.error.ApiException 400 that names every invalid parameter
   */
  static ChangesQuery of(OrganizationId organization, String rawQuery, YearMonth now) {
    QueryParameters parameters = QueryParameters.of(rawQuery, ChangesSelection.PARAMETERS);
    PageReader reader = new PageReader(parameters);
    ChangesSelection selection = ChangesSelection.read(organization, parameters, now);
    PageRequest<Change> page =
        reader.byCursor(
            selection.keyset("changes", selection.months().toString()),
            selection.given(),
            "month",
            "with",
            "group_by",
            "kind",
            "filter",
            "order_by");
    parameters.check();
    return new ChangesQuery(selection, page);
  }
}
