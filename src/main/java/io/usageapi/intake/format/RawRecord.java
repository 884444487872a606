package io.usageapi.intake.format;

import java.util.Map;

/**
 * The members of a record as they came, or of what it comes in.
 *
 * @param members the first {@link #MAX_MEMBERS} of them
 * @param tooMany whether there were more, which were passed over
 */
public record RawRecord(Map<String, RawValue> members, boolean tooMany) {
  /** The most members a record has, whether they are its fields or not. */
  static final int MAX_MEMBERS = 64;

  /** What is wrong with one that has more. */
  public static final String TOO_MANY = "has more than " + MAX_MEMBERS + " members";

  /** One that is known not to have too many. */
  static RawRecord of(Map<String, RawValue> members) {
    return new RawRecord(members, false);
  }
}
