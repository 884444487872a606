package io.usageapi.totals;

import io.usageapi.error.ErrorCode;
import io.usageapi.http.QueryParameters;
import io.usageapi.page.Cursor;
import io.usageapi.page.PageStart;
import io.usageapi.security.OrganizationId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What is asked of totals, checked: it travels whole from the resource to the statement.
 *
 * @param selection which totals, and in which order
 * @param perPage how many a page holds at most
 * @param start where the page starts; never a jump
 * @param given the parameters that links keep, as sent
 */
record TotalsQuery(
    TotalsSelection selection, int perPage, PageStart start, Map<String, String> given) {
  static final int MAX_PER_PAGE = 250;
  static final int DEFAULT_PER_PAGE = 50;

  /**
   * Reads the parameters of a request.
   *
   * @param organization the caller's
   * @param rawQuery the query of the request as sent, or null
   * @throws io.usageapi.error.ApiException 400 that names every parameter at fault
   */
  static TotalsQuery of(OrganizationId organization, String rawQuery) {
    QueryParameters parameters = QueryParameters.of(rawQuery, TotalsSelection.PARAMETERS);
    int perPage = parameters.number("per_page", 1, MAX_PER_PAGE, DEFAULT_PER_PAGE);
    TotalsSelection selection = TotalsSelection.read(organization, parameters);
    PageStart start = readStart(parameters, selection);
    parameters.check();

    Map<String, String> given = new LinkedHashMap<>(selection.given());
    parameters.text("per_page").ifPresent(text -> given.put("per_page", text));
    return new TotalsQuery(selection, perPage, start, given);
  }

  /** Whose usage. */
  OrganizationId organization() {
    return selection.organization();
  }

  /** The parameters of a link to the page of this query that starts elsewhere. */
  Map<String, String> parametersAt(PageStart elsewhere) {
    Map<String, String> parameters = new LinkedHashMap<>(given);
    if (!(elsewhere instanceof PageStart.First)) {
      parameters.put(
          "cursor",
          Cursor.of(elsewhere, selection.filter().text().orElse(null), list(selection)).text());
    }
    return parameters;
  }

  /** What a cursor is bound to beside the filter: the list of totals it is a position in. */
  private static String list(TotalsSelection selection) {
    return "totals of " + selection.kind().wireName() + " by " + selection.order().text();
  }

  private static PageStart readStart(QueryParameters parameters, TotalsSelection selection) {
    Optional<String> text = parameters.text("cursor");
    if (text.isEmpty()) {
      return new PageStart.First();
    }
    try {
      Cursor cursor = Cursor.parse(text.get());
      if (parameters.anyRejected("group_by", "kind", "filter", "order_by")) {
        // What it should be held against is not known: it is not blamed for that.
        return new PageStart.First();
      }
      cursor.requireMadeFor(selection.filter().text().orElse(null), list(selection));
      PageStart start = cursor.start();
      if (start instanceof PageStart.After after) {
        selection.order().check(after.position());
      } else if (start instanceof PageStart.Before before) {
        selection.order().check(before.position());
      }
      return start;
    } catch (Cursor.MalformedCursorException e) {
      parameters.reject("cursor", ErrorCode.INVALID_CURSOR, e.getMessage());
    } catch (IllegalArgumentException e) {
      parameters.reject("cursor", ErrorCode.INVALID_CURSOR, "is not a cursor of this server");
    }
    return new PageStart.First();
  }
}
