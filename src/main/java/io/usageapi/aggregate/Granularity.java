package io.usageapi.aggregate;

/** What usage is added up by. */
public enum Granularity {
  /** By month. */
  MONTH("month"),

  /** By day: of an aggregate of a month, each day that something was used on. */
  DAY("day");

  private final String period;

  Granularity(String period) {
    this.period = period;
  }

  /** The name of the field that says what time an aggregate is of. */
  public String period() {
    return period;
  }
}
