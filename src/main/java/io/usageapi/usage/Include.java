package io.usageapi.usage;

import io.usageapi.http.QueryParameters;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** A field that an aggregate has where the parameter {@code include} asks for it. */
public enum Include {
  /** When the aggregate last changed. */
  UPDATED_AT,
  /** Whether its month may still change. */
  MONTH_STATUS;

  /** The name of the parameter. */
  static final String PARAMETER = "include";

  /** What it is for, and the fields are, in words. */
  static final String DESCRIPTION =
      "Fields that an aggregate has in addition, behind the others; names between commas:"
          + " `updated_at`, when it last changed, and `month_status`, whether the amounts of its"
          + " month may still change. Without it there are none. Links keep it, and a cursor is good"
          + " with any.";

  static final int MAX_LENGTH = 80;

  /** The name of the field. */
  public String field() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Reads the parameter, names between commas; what is at fault is noted. */
  static Set<Include> read(QueryParameters parameters) {
    Set<Include> included = EnumSet.noneOf(Include.class);
    parameters
        .text(PARAMETER, MAX_LENGTH)
        .ifPresent(
            text -> {
              for (String name : text.split(",", -1)) {
                if (!named(name).map(included::add).orElse(false)) {
                  parameters.reject(
                      PARAMETER,
                      "must be one or more of "
                          + Arrays.stream(values())
                              .map(Include::field)
                              .collect(Collectors.joining(", "))
                          + ", each once, between commas");
                }
              }
            });
    return included;
  }

  private static Optional<Include> named(String name) {
    return Arrays.stream(values()).filter(each -> each.field().equals(name)).findFirst();
  }
}
