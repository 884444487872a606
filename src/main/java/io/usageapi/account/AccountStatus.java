package io.usageapi.account;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/** The status of an account. */
public enum AccountStatus {
  ACTIVE,
  CHURNED,
  IN_TRIAL,
  INACTIVE,
  PROSPECT,
  TRIAL_LOST,
  OTHER;

  /** The names of all. */
  static Set<String> names() {
    return Arrays.stream(values()).map(Enum::name).collect(Collectors.toUnmodifiableSet());
  }
}
