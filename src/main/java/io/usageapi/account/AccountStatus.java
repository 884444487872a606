package io.usageapi.account;

/** Where an account stands with the vendor. */
public enum AccountStatus {
  ACTIVE,
  CHURNED,
  IN_TRIAL,
  INACTIVE,
  PROSPECT,
  TRIAL_LOST,
  OTHER
}
