package io.usageapi.group;

import io.usageapi.aggregate.Dimension;
import io.usageapi.http.QueryParameters;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The parameter {@code group_by}: the fields that the aggregates of a group share. The currency is
 * always one of them.
 *
 * @param fields in their own order, whatever the order of the parameter
 */
public record Grouping(List<Dimension> fields) {
  /** The name of the parameter. */
  public static final String PARAMETER = "group_by";

  public Grouping {
    fields = List.copyOf(fields);
  }

  /** Reads the parameter, and collects errors. */
  public static Grouping read(QueryParameters parameters) {
    List<String> allowed =
        Dimension.filterable().stream()
            .filter(field -> !isAlways(field))
            .map(Dimension::column)
            .toList();
    Optional<String> text = parameters.text(PARAMETER);
    List<String> names = text.map(given -> List.of(given.split(",", -1))).orElse(List.of());
    Set<String> distinct = Set.copyOf(names);
    if (!allowed.containsAll(distinct) || distinct.size() < names.size()) {
      parameters.reject(
          PARAMETER,
          "must be some of "
              + String.join(", ", allowed)
              + ", each once, separated by commas; currency is part of every group");
    }
    return new Grouping(
        Dimension.all().stream()
            .filter(field -> isAlways(field) || distinct.contains(field.column()))
            .toList());
  }

  /** Whether it is part of every group, so that only like amounts are added. */
  private static boolean isAlways(Dimension field) {
    return field == Dimension.CURRENCY;
  }

  /** The same with more fields. */
  public Grouping with(Dimension... more) {
    return new Grouping(
        Dimension.all().stream()
            .filter(field -> fields.contains(field) || Arrays.asList(more).contains(field))
            .toList());
  }

  /** The groups by which unlike units are told apart. A missing word is one of its own. */
  public Grouping byUnit() {
    return with(Dimension.UNIT, Dimension.UNIT_WORD);
  }

  /** The fields that a row shows: those of the group, and the unit. */
  public Grouping shown() {
    return with(Dimension.UNIT);
  }

  /** Whether it is one of the fields. */
  public boolean has(Dimension field) {
    return fields.contains(field);
  }

  /** The field of a name, if it is one of the group. */
  public Optional<Dimension> named(String name) {
    return fields.stream().filter(field -> field.column().equals(name)).findFirst();
  }

  /** The names of the fields. */
  public List<String> names() {
    return fields.stream().map(Dimension::column).toList();
  }

  /** The columns as a list of SQL. */
  public String columns() {
    return columns(Dimension::column);
  }

  /** A list of SQL with a part for each field. */
  public String columns(Function<Dimension, String> part) {
    return fields.stream().map(part).collect(Collectors.joining(", "));
  }

  /** The fields with values: {@code value} is called for each, and may return null. */
  public Map<Dimension, Object> values(Function<Dimension, Object> value) {
    Map<Dimension, Object> values = new EnumMap<>(Dimension.class);
    fields.forEach(field -> values.put(field, value.apply(field)));
    return values;
  }
}
