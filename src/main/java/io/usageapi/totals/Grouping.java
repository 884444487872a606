package io.usageapi.totals;

import io.usageapi.http.QueryParameters;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The parameter {@code group_by}: what the aggregates of one total have in common. Currency and
 * unit always are.
 *
 * @param fields the fields, in their own order, whichever they were asked for in
 */
record Grouping(List<GroupField> fields) {
  private static final String NAMES =
      Arrays.stream(GroupField.values())
          .filter(field -> !field.always())
          .map(GroupField::wireName)
          .collect(Collectors.joining(", "));

  Grouping {
    fields = List.copyOf(fields);
  }

  /** Reads the parameter; what is at fault is noted. */
  static Grouping read(QueryParameters parameters) {
    Optional<String> text = parameters.text("group_by");
    List<String> names = text.map(given -> List.of(given.split(",", -1))).orElse(List.of());
    List<GroupField> fields =
        Arrays.stream(GroupField.values())
            .filter(field -> field.always() || names.contains(field.wireName()))
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

  private static boolean isAskedFor(GroupField field, String name) {
    return !field.always() && field.wireName().equals(name);
  }

  /** The names of the fields, in their order. */
  List<String> names() {
    return fields.stream().map(GroupField::wireName).toList();
  }
}
