package io.usageapi.json;

/** The value of a member as it was sent, before it is known what it should be. */
public sealed interface JsonValue {
  /** A text. */
  record Text(String text) implements JsonValue {}

  /** A number, as it was spelled. */
  record Numeral(String spelling) implements JsonValue {}

  /** A null. */
  record Null() implements JsonValue {}

  /** A truth value, an array or an object: no field takes them. */
  record Unusable() implements JsonValue {}

  /** A member that was given more than once. */
  record Repeated() implements JsonValue {}
}
