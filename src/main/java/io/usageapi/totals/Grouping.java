package io.usageapi.totals;

import io.usageapi.aggregate.Dimension;
import io.usageapi.http.QueryParameters;
import io.usageapi.usage.Include;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The parameters {@code group_by} and {@code include}: the fields that the aggregates of a total
 * share, always including currency and unit.
 *
 * @param fields in their own order, whatever the order of the parameters
 */
record Grouping(List<Dimension> fields) {
  private static final List<String> NAMES =
      Dimension.filterable().stream()
          .filter(field -> !isAlways(field))
          .map(Dimension::column)
          .toList();

  private static final Set<Include> WORD = Set.of(Include.UNIT_WORD);

  Grouping {
    fields = List.copyOf(fields);
  }

  /** Reads the parameters, and collects errors. */
  static Grouping read(QueryParameters parameters) {
    Optional<String> text = parameters.text("group_by");
    List<String> names = text.map(given -> List.of(given.split(",", -1))).orElse(List.of());
    Set<String> distinct = Set.copyOf(names);
    if (!NAMES.containsAll(distinct) || distinct.size() < names.size()) {
      parameters.reject(
          "group_by",
          "must be some of "
              + String.join(", ", NAMES)
              + ", each once, separated by commas; currency and unit are"
              + " part of every group");
    }
    boolean byWord = Include.read(parameters, WORD).contains(Include.UNIT_WORD);
    return new Grouping(
        Dimension.all().stream()
            .filter(
                field ->
                    isAlways(field)
                        || distinct.contains(field.column())
                        || (byWord && field == Dimension.UNIT_WORD))
            .toList());
  }

  /** Whether it is part of every group, so that only like amounts are added. */
  private static boolean isAlways(Dimension field) {
    return field == Dimension.CURRENCY || field == Dimension.UNIT;
  }

  /** The names of the fields. */
  List<String> names() {
    return fields.stream().map(Dimension::column).toList();
  }
}
