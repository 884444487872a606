package io.usageapi.totals;

import io.usageapi.http.QueryParameters;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The parameter {@code kind}: what was used up, or what was paid in. They are never added. */
enum UsageKind {
  CONSUMPTION("type NOT IN ('CREDIT_COMMIT', 'RECHARGE')"),
  TOP_UP("type IN ('CREDIT_COMMIT', 'RECHARGE')");

  private final String condition;

  UsageKind(String condition) {
    this.condition = condition;
  }

  /** Reads the parameter; what is at fault is noted. */
  static UsageKind read(QueryParameters parameters) {
    Optional<String> text = parameters.text("kind");
    if (text.isEmpty()) {
      return CONSUMPTION;
    }
    Optional<UsageKind> kind =
        Arrays.stream(values()).filter(each -> each.wireName().equals(text.get())).findFirst();
    if (kind.isEmpty()) {
      parameters.reject("kind", "must be consumption or top_up");
    }
    return kind.orElse(CONSUMPTION);
  }

  /** Its spelling in the parameter. */
  String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The condition of SQL that is true for aggregates of this kind. */
  String condition() {
    return condition;
  }
}
