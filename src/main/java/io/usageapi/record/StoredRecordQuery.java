package io.usageapi.record;

import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import io.usageapi.http.QueryParameters;
import io.usageapi.page.Cursor;
import io.usageapi.page.PageStart;
import io.usageapi.page.Position;
import io.usageapi.security.OrganizationId;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What is asked of an aggregate's records, checked.
 *
 * @param organization whose aggregate
 * @param aggregate the aggregate's id as sent, which may be none
 * @param perPage how many records a page holds at most
 * @param start where the page starts; never a jump
 * @param key behind which record it starts, or before which it ends; none at either end
 * @param given the parameters that links keep, as sent
 */
public record StoredRecordQuery(
    OrganizationId organization,
    String aggregate,
    int perPage,
    PageStart start,
    Optional<Key> key,
    Map<String, String> given) {
  static final int MAX_PER_PAGE = 250;
  static final int DEFAULT_PER_PAGE = 50;

  private static final Set<String> PARAMETERS = Set.of("per_page", "cursor");
  private static final String ORDER = "occurred_at:asc";

  /** The longest spelling of a time that a position has. */
  private static final int MAX_TIME_LENGTH = "2026-08-31T22:30:00.000001Z".length();

  /**
   * Where a record stands in the order.
   *
   * @param occurredAt when it occurred, to the microsecond
   * @param id its id
   */
  record Key(Instant occurredAt, String id) {
    static Position position(StoredRecord charge) {
      return new Position(List.of(charge.occurredAt().toString(), charge.id()));
    }

    /**
     * What a position holds.
     *
     * @throws IllegalArgumentException when it is not one of a record
     */
    static Key of(Position position) {
      List<String> texts = position.values();
      if (texts.size() != 2 || texts.get(1).indexOf('\0') >= 0) {
        throw new IllegalArgumentException("not the position of a record");
      }
      String time = texts.get(0);
      try {
        Instant occurredAt = Instant.parse(time);
        // One spelling only, of a time that the database has, too.
        if (time.length() > MAX_TIME_LENGTH
            || !Character.isDigit(time.charAt(0))
            || !occurredAt.toString().equals(time)) {
          throw new IllegalArgumentException("not a time of a record");
        }
        return new Key(occurredAt, texts.get(1));
      } catch (DateTimeException e) {
        throw new IllegalArgumentException("not a time of a record", e);
      }
    }
  }

  /**
   * Reads the parameters of a request.
   *
   * @param organization the caller's
   * @param aggregate the id in the path
   * @param rawQuery the query of the request as sent, or null
   * @throws ApiException 400 that names every parameter at fault
   */
  static StoredRecordQuery of(OrganizationId organization, String aggregate, String rawQuery) {
    QueryParameters parameters = QueryParameters.of(rawQuery, PARAMETERS);
    int perPage = parameters.number("per_page", 1, MAX_PER_PAGE, DEFAULT_PER_PAGE);
    PageStart start = readStart(aggregate, parameters);
    Optional<Key> key = readKey(start, parameters);
    parameters.check();

    Map<String, String> given = new LinkedHashMap<>();
    parameters.text("per_page").ifPresent(text -> given.put("per_page", text));
    return new StoredRecordQuery(organization, aggregate, perPage, start, key, given);
  }

  /** The parameters of a link to the page of this query that starts elsewhere. */
  Map<String, String> parametersAt(PageStart elsewhere) {
    Map<String, String> parameters = new LinkedHashMap<>(given);
    if (!(elsewhere instanceof PageStart.First)) {
      parameters.put("cursor", Cursor.of(elsewhere, aggregate, ORDER).text());
    }
    return parameters;
  }

  private static PageStart readStart(String aggregate, QueryParameters parameters) {
    Optional<String> text = parameters.text("cursor");
    if (text.isEmpty()) {
      return new PageStart.First();
    }
    Cursor cursor;
    try {
      cursor = Cursor.parse(text.get());
    } catch (Cursor.MalformedCursorException e) {
      parameters.reject("cursor", ErrorCode.INVALID_CURSOR, e.getMessage());
      return new PageStart.First();
    }
    try {
      cursor.requireMadeFor(aggregate, ORDER);
    } catch (Cursor.MalformedCursorException e) {
      parameters.reject("cursor", ErrorCode.INVALID_CURSOR, "belongs to another aggregate or list");
    }
    return cursor.start();
  }

  private static Optional<Key> readKey(PageStart start, QueryParameters parameters) {
    try {
      if (start instanceof PageStart.After after) {
        return Optional.of(Key.of(after.position()));
      }
      return start instanceof PageStart.Before before
          ? Optional.of(Key.of(before.position()))
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      parameters.reject("cursor", ErrorCode.INVALID_CURSOR, "is not a cursor of this server");
      return Optional.empty();
    }
  }
}
