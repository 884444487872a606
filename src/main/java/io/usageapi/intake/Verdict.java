package io.usageapi.intake;

/** What became of a record that was written. */
enum Verdict {
  /** It counts from now on. */
  ACCEPTED,
  /** It counted before, with the same content. */
  DUPLICATE,
  /** Its identity is taken by a record of other content. */
  CONFLICT,
  /** Its month's records are no longer kept. */
  TOO_OLD,
  /** Its month is closed. */
  MONTH_CLOSED
}
