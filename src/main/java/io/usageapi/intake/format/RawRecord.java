package io.usageapi.intake.format;

import java.util.Map;

/**
 * The members of a record as sent.
 *
 * @param members the first {@link #MAX_MEMBERS} of them
 * @param tooMany whether more were sent, which were skipped
 */
public record RawRecord(Map<String, RawValue> members, boolean tooMany) {
  /** The most members of a record, known or not. */
  static final int MAX_MEMBERS = 64;

  /** The error of a record with more members. */
  public static final String TOO_MANY = "has more than " + MAX_MEMBERS + " members";

  /** A record that does not have too many members. */
  static RawRecord of(Map<String, RawValue> members) {
    return new RawRecord(members, false);
  }
}
