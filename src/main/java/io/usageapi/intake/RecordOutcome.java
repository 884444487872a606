package io.usageapi.intake;

/** The outcome of writing a record. */
enum RecordOutcome {
  /** It counts from now on. */
  ACCEPTED,
  /** It was counted before, with the same content. */
  DUPLICATE,
  /** Another record with different content has its identity. */
  CONFLICT,
  /** Its month's records are no longer kept. */
  TOO_OLD,
  /** Its month is closed. */
  MONTH_CLOSED
}
