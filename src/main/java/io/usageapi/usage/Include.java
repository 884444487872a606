package io.usageapi.usage;

import com.fasterxml.jackson.core.io.SerializedString;
import io.usageapi.http.QueryParameters;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** A field that an aggregate or a total has if the parameter {@code include} names it. */
// SerializedString only caches.
@SuppressWarnings("ImmutableEnumChecker")
public enum Include {
  /** The one description of a total; an aggregate always has its own. */
  DESCRIPTION,
  /** When the aggregate last changed. */
  UPDATED_AT,
  /** Whether its month may still change. */
  MONTH_STATUS,
  /** The word that was sent for the unit {@code OTHER}. */
  UNIT_WORD;

  /** The name of the parameter. */
  public static final String PARAMETER = "include";

  static final int MAX_LENGTH = 80;

  private static final Set<Include> OF_AGGREGATES =
      Collections.unmodifiableSet(EnumSet.of(UPDATED_AT, MONTH_STATUS, UNIT_WORD));

  private final String field = name().toLowerCase(Locale.ROOT);
  private final SerializedString wireName = new SerializedString(field);

  /** The name of the field. */
  public String field() {
    return field;
  }

  /** The same name, encoded for JSON. */
  public SerializedString wireName() {
    return wireName;
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
    return read(parameters, OF_AGGREGATES);
  }

  /** Reads the parameter of a resource whose rows may have all of these fields. */
  public static Set<Include> readAll(QueryParameters parameters) {
    return read(parameters, EnumSet.allOf(Include.class));
  }

  private static Set<Include> read(QueryParameters parameters, Set<Include> allowed) {
    Set<Include> included = EnumSet.noneOf(Include.class);
    parameters
        .text(PARAMETER, MAX_LENGTH)
        .ifPresent(
            text -> {
              for (String name : text.split(",", -1)) {
                if (!named(name, allowed).map(included::add).orElse(false)) {
                  parameters.reject(PARAMETER, mustBe(allowed));
                }
              }
            });
    return included;
  }

  private static String mustBe(Set<Include> allowed) {
    return "must be one or more of "
        + allowed.stream().map(Include::field).collect(Collectors.joining(", "))
        + ", each once, between commas";
  }

  private static Optional<Include> named(String name, Set<Include> allowed) {
    return allowed.stream().filter(each -> each.field().equals(name)).findFirst();
  }
}
