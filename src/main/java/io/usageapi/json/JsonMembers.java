package io.usageapi.json;

import java.util.Map;

/**
 * The members of an object as they were sent.
 *
 * @param members the first {@link #MAX} of them
 * @param tooMany whether there were more, which were skipped
 */
public record JsonMembers(Map<String, JsonValue> members, boolean tooMany) {
  /** The most members of an object, known or not. */
  public static final int MAX = 64;

  /** What is wrong with an object that has more. */
  public static final String TOO_MANY = "has more than " + MAX + " members";
}
