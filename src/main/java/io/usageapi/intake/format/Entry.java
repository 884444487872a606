package io.usageapi.intake.format;

import io.usageapi.account.NewAccount;
import io.usageapi.error.ErrorCode;
import io.usageapi.error.FieldError;
import io.usageapi.intake.UsageRecord;
import io.usageapi.security.OrganizationId;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A record of a body: read, or rejected already. */
public sealed interface Entry {
  /** Where it stands in the body. */
  Place place();

  /**
   * Where a record stands.
   *
   * @param index its number among the records, from 0
   * @param line the line it begins on, from 1; 0 in formats that have no lines
   */
  record Place(long index, long line) {}

  /**
   * A record that was read.
   *
   * @param organization whose account it is, where the sender says so: another's rejects it
   * @param account the account to be made for it when it is not there; only FOCUS has one
   * @param organizationName the name of its organization, where known
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
   * @param id its id where it has one that can be shown, or null
   */
  record Rejected(Place place, String id, ErrorCode code, List<FieldError> fields)
      implements Entry {
    /** No more fields are named than these: a record may have any number of unknown ones. */
    public static final int MAX_FIELDS = 20;

    public Rejected {
      fields = List.copyOf(fields.subList(0, Math.min(fields.size(), MAX_FIELDS)));
    }

    /** Without what is wrong with it, where nobody asks: a body may have thousands of them. */
    Rejected unnamed() {
      return new Rejected(place, null, code, List.of());
    }

    /** With the names the sender knows, where they are not the record's own. */
    Rejected named(Map<String, String> names) {
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
