package io.usageapi.usage;

import io.usageapi.aggregate.Granularity;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import io.usageapi.filter.Filter;
import io.usageapi.http.QueryParameters;
import io.usageapi.page.Cursor;
import io.usageapi.page.PageStart;
import io.usageapi.security.OrganizationId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What is asked of usage, checked: it travels whole from the resource to the statement.
 *
 * @param selection which aggregates, and in which order
 * @param perPage how many aggregates a page holds at most
 * @param start where the page starts
 * @param given the parameters that links keep, as sent
 */
public record UsageQuery(
    UsageSelection selection, int perPage, PageStart start, Map<String, String> given) {
  static final int MAX_PER_PAGE = 250;
  static final int DEFAULT_PER_PAGE = 50;

  /** How many rows a jump by {@code page} may pass over; {@code next} leads further. */
  static final int MAX_JUMP = 100_000;

  private static final Set<String> PARAMETERS =
      Set.of("per_page", "page", "filter", "order_by", Include.PARAMETER, "cursor");

  /**
   * Reads the parameters of a request.
   *
   * @param organization the caller's
   * @param rawQuery the query of the request as sent, or null
   * @throws ApiException 400 that names every parameter at fault
   */
  static UsageQuery of(OrganizationId organization, Granularity granularity, String rawQuery) {
    QueryParameters parameters = QueryParameters.of(rawQuery, PARAMETERS);
    int perPage = parameters.number("per_page", 1, MAX_PER_PAGE, DEFAULT_PER_PAGE);
    UsageSelection selection = UsageSelection.read(organization, granularity, parameters);
    PageStart start = readStart(parameters, selection, perPage);
    parameters.check();

    Map<String, String> given = new LinkedHashMap<>(selection.given());
    parameters.text("per_page").ifPresent(text -> given.put("per_page", text));
    return new UsageQuery(selection, perPage, start, given);
  }

  /** The accounts that must be the organization's own (operation {@code getMonthlyUsage}). */
  Set<String> namedAccounts() {
    return selection.filter().namedAccounts();
  }

  /** Whose usage. */
  OrganizationId organization() {
    return selection.organization();
  }

  /** The filter as sent, if there is one. */
  Optional<String> filterText() {
    return selection.filter().text();
  }

  /** The filter, read, if there is one. */
  Optional<Filter> filter() {
    return selection.filter().tree();
  }

  /** In which order. */
  UsageOrder order() {
    return selection.order();
  }

  /** The parameters of a link to the page of this query that starts elsewhere. */
  Map<String, String> parametersAt(PageStart elsewhere) {
    Map<String, String> parameters = new LinkedHashMap<>(given);
    if (elsewhere instanceof PageStart.Jump jump) {
      parameters.put("page", Integer.toString(jump.page()));
    } else if (!(elsewhere instanceof PageStart.First)) {
      parameters.put(
          "cursor", Cursor.of(elsewhere, filterText().orElse(null), order().text()).text());
    }
    return parameters;
  }

  private static PageStart readStart(
      QueryParameters parameters, UsageSelection selection, int perPage) {
    if (parameters.has("page") && parameters.has("cursor")) {
      parameters.reject("page", "must not be given together with cursor");
      parameters.reject("cursor", "must not be given together with page");
      return new PageStart.First();
    }
    Optional<String> cursor = parameters.text("cursor");
    if (cursor.isPresent()) {
      return readCursor(cursor.get(), selection, parameters);
    }
    int page = parameters.number("page", 1, Integer.MAX_VALUE, 1);
    long rows = (page - 1L) * perPage;
    if (rows > MAX_JUMP) {
      parameters.reject(
          "page",
          "must not pass over more than "
              + MAX_JUMP
              + " aggregates; follow the next links to go further");
      return new PageStart.First();
    }
    return page == 1 ? new PageStart.First() : new PageStart.Jump(page, (int) rows);
  }

  private static PageStart readCursor(
      String cursor, UsageSelection selection, QueryParameters parameters) {
    UsageOrder order = selection.order();
    try {
      Cursor read = Cursor.parse(cursor);
      if (parameters.anyRejected("filter", "order_by")) {
        // What it should be held against is not known: it is not blamed for that.
        return new PageStart.First();
      }
      read.requireMadeFor(selection.filter().text().orElse(null), order.text());
      PageStart start = read.start();
      if (start instanceof PageStart.After after) {
        order.check(selection.granularity(), after.position());
      } else if (start instanceof PageStart.Before before) {
        order.check(selection.granularity(), before.position());
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
