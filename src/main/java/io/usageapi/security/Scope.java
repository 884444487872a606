package io.usageapi.security;

import java.util.List;

/** The scopes a token may carry (OpenAPI document, "Tokens"). */
public final class Scope {
  /** Read usage of the organization. */
  public static final String USAGE_READ = "express-accounts-usage:read";

  /** List accounts of the organization. */
  public static final String ACCOUNTS_READ = "express-accounts:read";

  /** Send usage records for the organization. */
  public static final String USAGE_WRITE = "express-accounts-usage:write";

  /** Create and update accounts of the organization. */
  public static final String ACCOUNTS_WRITE = "express-accounts:write";

  /**
   * With a write scope and without an organization claim: write for any organization. It never
   * extends reading.
   */
  public static final String OPERATOR = "express-operator";

  /** All scopes; others grant nothing. */
  static final List<String> ALL =
      List.of(USAGE_READ, ACCOUNTS_READ, USAGE_WRITE, ACCOUNTS_WRITE, OPERATOR);

  private Scope() {}
}
