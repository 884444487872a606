package io.usageapi.page;

import io.usageapi.error.ErrorCode;
import io.usageapi.http.QueryParameters;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads {@code per_page}, {@code page} and {@code cursor}. Errors are collected in the parameters.
 */
public final class PageReader {
  /** The most rows of a page. */
  public static final int MAX_PER_PAGE = 250;

  private static final int DEFAULT_PER_PAGE = 50;

  /** The most rows before a page that is asked for by number; the next links lead further. */
  private static final int MAX_JUMP = 100_000;

  private final QueryParameters parameters;
  private final int perPage;

  /** Reads {@code per_page}. */
  public PageReader(QueryParameters parameters) {
    this.parameters = parameters;
    this.perPage = parameters.number("per_page", 1, MAX_PER_PAGE, DEFAULT_PER_PAGE);
  }

  /** Refuses {@code per_page}, {@code page} and {@code cursor}: an export has no pages. */
  public static void refuse(QueryParameters parameters) {
    List.of("per_page", "page", "cursor").stream()
        .filter(parameters::has)
        .forEach(name -> parameters.reject(name, "must not be given: an export has no pages"));
  }

  /** The most rows of the page. */
  public int perPage() {
    return perPage;
  }

  /** The number of the page, from 1. */
  public int number() {
    return parameters.number("page", 1, Integer.MAX_VALUE, 1);
  }

  /** The parameters that links keep, as sent: those given, and {@code per_page}. */
  public Map<String, String> kept(Map<String, String> given) {
    Map<String, String> kept = new LinkedHashMap<>(given);
    parameters.text("per_page").ifPresent(text -> kept.put("per_page", text));
    return kept;
  }

  /**
   * The page by {@code cursor}, or the first.
   *
   * @param given the parameters that choose and order the rows, as sent
   * @param chosenBy the names of these parameters: if one of them is invalid, it is not checked
   *     whether the cursor was made for them
   */
  public <T> PageRequest<T> byCursor(
      Keyset<T> keyset, Map<String, String> given, String... chosenBy) {
    PageStart start =
        parameters
            .text("cursor")
            .map(text -> readCursor(text, keyset, chosenBy))
            .orElse(new PageStart.First());
    return new PageRequest<>(keyset, perPage, start, kept(given));
  }

  /**
   * The page by {@code page} or {@code cursor}, or the first. Beside a cursor page 1 is ignored:
   * generated clients send the default of themselves. Parameters as for a cursor.
   */
  public <T> PageRequest<T> byNumberOrCursor(
      Keyset<T> keyset, Map<String, String> given, String... chosenBy) {
    if (!parameters.has("cursor")) {
      return new PageRequest<>(keyset, perPage, readNumber(), kept(given));
    }
    if (number() > 1) {
      parameters.reject("page", "must be 1, or must not be given, together with cursor");
      parameters.reject("cursor", "must not be given together with another page than 1");
    }
    return byCursor(keyset, given, chosenBy);
  }

  private PageStart readNumber() {
    int page = number();
    long rows = (page - 1L) * perPage;
    if (rows > MAX_JUMP) {
      parameters.reject(
          "page",
          "must not pass over more than "
              + MAX_JUMP
              + " aggregates; follow the next links to go further");
    }
    return page == 1 || rows > MAX_JUMP
        ? new PageStart.First()
        : new PageStart.Jump(page, (int) rows);
  }

  private PageStart readCursor(String text, Keyset<?> keyset, String... chosenBy) {
    try {
      Cursor cursor = Cursor.parse(text);
      if (!parameters.anyRejected(chosenBy)) {
        cursor.requireMadeFor(keyset);
        Optional<Position> position = cursor.start().boundary();
        position.ifPresent(keyset.check());
        return cursor.start();
      }
    } catch (Cursor.MalformedCursorException e) {
      parameters.reject("cursor", ErrorCode.INVALID_CURSOR, e.getMessage());
    } catch (IllegalArgumentException e) {
      parameters.reject("cursor", ErrorCode.INVALID_CURSOR, "is not a cursor of this server");
    }
    return new PageStart.First();
  }
}
