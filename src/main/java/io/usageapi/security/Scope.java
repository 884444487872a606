package io.usageapi.security;

/** The scopes a token may carry (contract, "Authentication and authorization"). */
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

  private Scope() {}
}
