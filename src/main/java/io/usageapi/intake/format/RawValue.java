package io.usageapi.intake.format;

/** A value of a record as sent, before it is interpreted. */
public sealed interface RawValue {
  /** A text. */
  record Text(String text) implements RawValue {}

  /** A JSON number as spelled. */
  record Numeral(String spelling) implements RawValue {}

  /** A null. */
  record Null() implements RawValue {}

  /** A value that no field accepts: a boolean, an array, an object. */
  record Unusable() implements RawValue {}

  /** A field that was sent more than once. */
  record Repeated() implements RawValue {}
}
