package io.usageapi.record;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.usageapi.error.ApiException;
import io.usageapi.http.QueryParameters;
import io.usageapi.page.Cursor;
import io.usageapi.page.Keyset;
import io.usageapi.page.PageReader;
import io.usageapi.page.PageRequest;
import io.usageapi.page.Position;
import io.usageapi.security.OrganizationId;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A checked request for a page of an aggregate's records. */
public record StoredRecordQuery(OrganizationId organization, PageRequest<StoredRecord> page) {
  private static final Set<String> PARAMETERS = Set.of("per_page", "cursor");

  private static final int MAX_TIME_LENGTH = "2026-08-31T22:30:00.000001Z".length();

  /** The position of a record. */
  record Key(Instant occurredAt, String id) {
    static Position position(StoredRecord stored) {
      return new Position(List.of(stored.occurredAt().toString(), stored.id()));
    }

    /**
     * Reads a position.
     *
     * @throws IllegalArgumentException if it is not one of a record
     */
    @CanIgnoreReturnValue
    static Key of(Position position) {
      List<String> texts = position.values();
      if (texts.size() != 2 || texts.get(1).indexOf('\0') >= 0) {
        throw new IllegalArgumentException("not the position of a record");
      }
      String time = texts.get(0);
      try {
        Instant occurredAt = Instant.parse(time);
        // Only the spelling of this server, and only times the database can store.
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
   * @param aggregate the id of the aggregate as sent, valid or not
   * @param rawQuery may be null
   * @throws ApiException 400 that names every invalid parameter
   */
  static StoredRecordQuery of(OrganizationId organization, String aggregate, String rawQuery) {
    QueryParameters parameters = QueryParameters.of(rawQuery, PARAMETERS);
    Keyset<StoredRecord> keyset =
        new Keyset<>(
            "records",
            "aggregate or list",
            Cursor.Binding.of(aggregate, "occurred_at:asc"),
            Key::position,
            Key::of);
    PageRequest<StoredRecord> page = new PageReader(parameters).byCursor(keyset, Map.of());
    parameters.check();
    return new StoredRecordQuery(organization, page);
  }

  /**
   * Checks that an export has no parameters.
   *
   * @param rawQuery may be null
   * @throws ApiException 400 that names every parameter
   */
  static void checkWhole(String rawQuery) {
    QueryParameters parameters = QueryParameters.of(rawQuery, PARAMETERS);
    PageReader.refuse(parameters);
    parameters.check();
  }

  /** The record before the page, or after it if the page is read backward. */
  Optional<Key> key() {
    return page.start().boundary().map(Key::of);
  }
}
