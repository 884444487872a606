package io.usageapi.aggregate;

/** What is counted. */
public enum UsageUnit {
  CHARS,
  CONVERSATIONS,
  GB,
  MINUTES,
  NUMBERS,
  PAGES,
  REQUESTS,
  SECONDS,
  SEGMENTS,
  SESSIONS,
  OTHER
}
