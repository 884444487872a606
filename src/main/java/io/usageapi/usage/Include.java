package io.usageapi.usage;

import io.usageapi.http.QueryParameters;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** A field that an aggregate has when the parameter {@code include} names it. */
public enum Include {
  /** When the aggregate last changed. */
  UPDATED_AT,
  /** Whether its month may still change. */
  MONTH_STATUS;

  /** The name of the parameter. */
  static final String PARAMETER = "include";

  static final int MAX_LENGTH = 80;

  /** The name of the field. */
  public String field() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Reads the query of a request that has no other parameter.
   *
   * @param rawQuery the query as sent, or null
   * @throws io.usageapi.error.ApiException 400 that names every parameter at fault
   */
  static Set<Include> of(String rawQuery) {
    QueryParameters parameters = QueryParameters.of(rawQuery, Set.of(PARAMETER));
    Set<Include> included = read(parameters);
    parameters.check();
    return included;
  }

  /** Reads the parameter: names between commas. Errors are collected in the parameters. */
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
