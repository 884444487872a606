package io.usageapi.config;

/** The order of the filters of a request, and why. Every filter takes its number from here. */
public final class FilterOrder {
  // The HTTP server's filters see every request. They run from the greatest number down.

  /** First, so that every answer has it. */
  public static final int DATE = 10_002;

  /** Early, so that every answer has them. */
  public static final int SECURITY_HEADERS = 10_001;

  /** Early, so that every answer and every log line has the id. */
  public static final int REQUEST_ID = 10_000;

  /** With the id, and before the framework's failure handler, which logs the query. */
  public static final int FAILURES = REQUEST_ID;

  /** Counts the bytes of each answer, so before every filter that may answer. */
  public static final int UNREAD_ANSWERS = 9_600;

  /** Drains unread bodies, so before every filter that may answer without reading. */
  public static final int UNREAD_BODIES = 9_500;

  /** Refuses invalid heads before anything else reads them. */
  public static final int REQUEST_HEAD = 9_000;

  /** After {@link #REQUEST_HEAD}: method and path of a refused head cannot be trusted. */
  public static final int AUDIT = 8_999;

  /** Drops a header of the framework from answers to {@code HEAD}, the explorer's too. */
  public static final int HEAD_RESPONSES = 8_000;

  /** The explorer, which no resource answers. */
  public static final int EXPLORER = 7_000;

  // Filters of the resources run from the smallest number up.

  /** Path, {@code Accept} and {@code Content-Type}: before a resource is looked for. */
  public static final int REQUEST_CHECKS = 1;

  // Here the framework finds the resource, and checks the token and its scope.

  /** As soon as the organization is known, so that later log lines have it. */
  public static final int LOG_FIELDS = 1;

  /** Counts a request before it takes a place; needs the organization. */
  public static final int RATE_LIMITS = 5_000;

  /** Last, because a place is held until the answer was sent. */
  public static final int CONCURRENCY = 5_001;

  // Filters of the resources' answers. Their order does not matter.

  public static final int ANSWERS = 5_000;

  private FilterOrder() {}
}
