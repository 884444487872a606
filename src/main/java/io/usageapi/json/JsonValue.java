package io.usageapi.json;

/** The value of a member as sent. */
public sealed interface JsonValue {
  record Text(String text) implements JsonValue {}

  /** A number as spelled. */
  record Numeral(String spelling) implements JsonValue {}

  record Null() implements JsonValue {}

  /** A boolean, an array or an object: no field takes them. */
  record Unusable() implements JsonValue {}

  /** A member given more than once. */
  record Repeated() implements JsonValue {}
}
