package io.usageapi.security;

import java.util.List;

/** The scopes a token may carry (OpenAPI document, "Tokens"). */
public final class Scope {
  /** Reading usage of the organization. */
  public static final String USAGE_READ = "express-accounts-usage:read";

  /** Listing the accounts of the organization. */
  public static final String ACCOUNTS_READ = "express-accounts:read";

  /** Sending usage records for the organization. */
  public static final String USAGE_WRITE = "express-accounts-usage:write";

  /** Provisioning accounts of the organization. */
  public static final String ACCOUNTS_WRITE = "express-accounts:write";

  /**
   * With a write scope and without an organization claim: writing for any organization. It never
   * widens reading.
   */
  public static final String OPERATOR = "express-operator";

  /** All of them; another one grants nothing here. */
  static final List<String> ALL =
      List.of(USAGE_READ, ACCOUNTS_READ, USAGE_WRITE, ACCOUNTS_WRITE, OPERATOR);

  private Scope() {}
}
