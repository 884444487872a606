package io.usageapi.intake.format;

import io.usageapi.account.NewAccount;
import io.usageapi.error.ErrorCode;
import io.usageapi.error.FieldError;
import io.usageapi.intake.UsageRecord;
import io.usageapi.security.OrganizationId;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A record of a body, either read or already rejected. */
public sealed interface Entry {
  /** Its position in the body. */
  Place place();

  /**
   * The position of a record.
   *
   * @param index its index among the records, from 0
   * @param line the line it starts on, from 1; 0 in formats without lines
   */
  record Place(long index, long line) {}

  /**
   * A record that was read.
   *
   * @param organization the organization the sender states, if any; the record is rejected if the
   *     account belongs to another one
   * @param account the account to create if it is missing; only FOCUS has one
   * @param organizationName the name of the organization, if known
   */
  record Read(
      Place place,
      UsageRecord record,
      Optional<OrganizationId> organization,
      Optional<NewAccount> account,
      Optional<String> organizationName)
      implements Entry {}

  /**
   * A record that was rejected.
   *
   * @param id its id, or null if it has none that can be shown
   */
  record Rejected(Place place, String id, ErrorCode code, List<FieldError> fields)
      implements Entry {
    /** The most fields in an error: a record may have any number of unknown ones. */
    public static final int MAX_FIELDS = 20;

    public Rejected {
      fields = List.copyOf(fields.subList(0, Math.min(fields.size(), MAX_FIELDS)));
    }

    /** A row with another number of cells than the header. */
    public static Rejected ofCells(Place place, int cells, int columns) {
      return new Rejected(
          place,
          null,
          ErrorCode.INVALID_RECORD,
          List.of(
              new FieldError(
                  "line " + place.line(), "has " + cells + " cells, the header has " + columns)));
    }

    /** Drops details that will not be reported: a body may have thousands of errors. */
    Rejected withoutDetails() {
      return new Rejected(place, null, code, List.of());
    }

    /** Renames the fields to the names the sender used. */
    Rejected withNames(Map<String, String> names) {
      return new Rejected(
          place,
          id,
          code,
          fields.stream()
              .map(
                  field ->
                      new FieldError(
                          names.getOrDefault(field.name(), field.name()), field.description()))
              .toList());
    }
  }
}
