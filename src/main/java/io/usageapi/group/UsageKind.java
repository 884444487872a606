package io.usageapi.group;

import io.usageapi.http.QueryParameters;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The parameter {@code kind}: consumption or top-ups, which are never added. */
public enum UsageKind {
  CONSUMPTION("type NOT IN ('CREDIT_COMMIT', 'RECHARGE')"),
  TOP_UP("type IN ('CREDIT_COMMIT', 'RECHARGE')");

  private final String condition;

  UsageKind(String condition) {
    this.condition = condition;
  }

  /** Reads the parameter, and collects errors. */
  public static UsageKind read(QueryParameters parameters) {
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
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The SQL condition of its aggregates. */
  public String condition() {
    return condition;
  }
}
