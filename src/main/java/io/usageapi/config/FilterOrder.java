package io.usageapi.config;

/**
 * The order in which a request passes the filters of this server, and why. Every filter takes its
 * number from here.
 */
public final class FilterOrder {
  // The HTTP server's filters see every request. The greatest number comes first.

  /** First of all, so that every answer has them. */
  public static final int SECURITY_HEADERS = 10_001;

  /** So early that every answer and every line of the log has the id. */
  public static final int REQUEST_ID = 10_000;

  /** With the id, and before the framework's own handler of failures, which logs the query. */
  public static final int FAILURES = REQUEST_ID;

  /** Counts the bytes of each answer, so it comes before whatever may answer. */
  public static final int UNREAD_ANSWERS = 9_600;

  /** Sees to bodies that nobody reads, so it comes before whatever may answer without reading. */
  public static final int UNREAD_BODIES = 9_500;

  /** Refuses heads that no request may have, before anything else reads them. */
  public static final int REQUEST_HEAD = 9_000;

  /** After {@link #REQUEST_HEAD}: whether a refused head would write is unknown. */
  public static final int AUDIT = 8_999;

  /** Drops a header of the framework from answers to {@code HEAD}, those of the pages too. */
  public static final int HEAD_RESPONSES = 8_000;

  /** The pages for people, which no resource answers. */
  public static final int EXPLORER = 7_000;

  // Filters of the resources. The least number comes first.

  /** Path, {@code Accept} and {@code Content-Type}: before a resource is looked for. */
  public static final int REQUEST_CHECKS = 1;

  // Here the framework finds the resource, and checks the token and its scope.

  /** As soon as the organization is known, so that every line logged from here on has it. */
  public static final int LOG_FIELDS = 1;

  /** Counts a request before it may take a place; needs the organization. */
  public static final int RATE_LIMITS = 5_000;

  /** Takes a place last, as it is held until the answer has gone out. */
  public static final int CONCURRENCY = 5_001;

  // Filters of the resources' answers. Each changes what no other looks at.

  /** Any of them. */
  public static final int ANSWERS = 5_000;

  private FilterOrder() {}
}
