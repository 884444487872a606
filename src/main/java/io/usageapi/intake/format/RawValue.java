package io.usageapi.intake.format;

/** A value of a record as it came, before it is known what it should be. */
public sealed interface RawValue {
  /** A text. */
  record Text(String text) implements RawValue {}

  /** A number of JSON, as it was spelled. */
  record Numeral(String spelling) implements RawValue {}

  /** A null. */
  record Null() implements RawValue {}

  /** Something no field of a record takes: a truth value, an array, an object. */
  record Unusable() implements RawValue {}

  /** A field that was given more than once. */
  record Repeated() implements RawValue {}
}
