package io.usageapi.account;

/** The status of an account. */
public enum AccountStatus {
  ACTIVE,
  CHURNED,
  IN_TRIAL,
  INACTIVE,
  PROSPECT,
  TRIAL_LOST,
  OTHER
}
