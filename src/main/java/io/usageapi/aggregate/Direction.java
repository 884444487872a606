package io.usageapi.aggregate;

/** Which way a call or message went, where it has a direction. */
public enum Direction {
  INBOUND,
  OUTBOUND,
  OTHER
}
