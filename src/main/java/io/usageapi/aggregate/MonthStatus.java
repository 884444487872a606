package io.usageapi.aggregate;

/** Whether the amounts of a month may still change. */
public enum MonthStatus {
  /** Records are counted in it. */
  OPEN,
  /** It is final: no record is counted in it any more. */
  CLOSED
}
