package io.usageapi.account;

import io.usageapi.error.ApiException;
import io.usageapi.http.QueryParameters;
import io.usageapi.page.PageReader;
import io.usageapi.security.OrganizationId;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A checked request for a page of accounts.
 *
 * @param page the number of the page, from 1
 * @param given the parameters that links keep, as sent
 */
public record AccountQuery(
    AccountSelection selection, int perPage, int page, Map<String, String> given) {

  /**
   * Reads the parameters of a request.
   *
   * @throws ApiException 400 that names every invalid parameter
   */
  static AccountQuery of(OrganizationId organization, String rawQuery) {
    QueryParameters parameters = QueryParameters.of(rawQuery, AccountSelection.PARAMETERS);
    PageReader reader = new PageReader(parameters);
    int page = reader.number();
    AccountSelection selection = AccountSelection.read(organization, parameters);
    parameters.check();
    return new AccountQuery(selection, reader.perPage(), page, reader.kept(selection.given()));
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
