package io.usageapi.json;

import java.util.Map;

/**
 * The members of an object as sent.
 *
 * @param members the first {@link #MAX} of them
 * @param tooMany whether more were skipped
 */
public record JsonMembers(Map<String, JsonValue> members, boolean tooMany) {
  /** The most members of an object, known or not. */
  public static final int MAX = 64;

  /** The error of an object with more. */
  public static final String TOO_MANY = "has more than " + MAX + " members";
}
