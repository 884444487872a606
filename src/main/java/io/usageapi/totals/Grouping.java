package io.usageapi.totals;

import io.usageapi.aggregate.Dimension;
import io.usageapi.http.QueryParameters;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The parameter {@code group_by}: the fields that the aggregates of a total share, always including
 * currency and unit.
 *
 * @param fields in their own order, whatever the order of the parameter
 */
record Grouping(List<Dimension> fields) {
  private static final String NAMES =
      Dimension.filterable().stream()
          .filter(field -> !isAlways(field))
          .map(Dimension::column)
          .collect(Collectors.joining(", "));

  Grouping {
    fields = List.copyOf(fields);
  }

  /** Reads the parameter, and collects errors. */
  static Grouping read(QueryParameters parameters) {
    Optional<String> text = parameters.text("group_by");
    List<String> names = text.map(given -> List.of(given.split(",", -1))).orElse(List.of());
    List<Dimension> fields =
        Dimension.filterable().stream()
            .filter(field -> isAlways(field) || names.contains(field.column()))
            .toList();
    boolean allKnown =
        names.stream().allMatch(name -> fields.stream().anyMatch(field -> isAskedFor(field, name)));
    if (!allKnown || Set.copyOf(names).size() < names.size()) {
      parameters.reject(
          "group_by",
          "must be some of "
              + NAMES
              + ", each once, separated by commas; currency and unit are"
              + " part of every group");
    }
    return new Grouping(fields);
  }

  private static boolean isAskedFor(Dimension field, String name) {
    return !isAlways(field) && field.column().equals(name);
  }

  /** Whether it is part of every group, so that only like amounts are added. */
  private static boolean isAlways(Dimension field) {
    return field == Dimension.CURRENCY || field == Dimension.UNIT;
  }

  List<String> names() {
    return fields.stream().map(Dimension::column).toList();
  }
}
