package io.usageapi.totals;

import com.fasterxml.jackson.annotation.JsonValue;
import io.usageapi.aggregate.Dimension;
import java.math.BigDecimal;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The sums over a group of aggregates.
 *
 * @param group what they have in common: the fields grouped by, null where they have no value
 * @param numberOfUnits how many units; null where the unit is {@code OTHER}, which is many units
 * @param totalAmount the amount in the group's currency
 */
public record Total(
    Map<Dimension, Object> group, BigDecimal numberOfUnits, BigDecimal totalAmount) {
  public Total {
    group = Collections.unmodifiableMap(new EnumMap<>(group));
  }

  /** It as an object of JSON: a field that was not grouped by is absent. */
  @JsonValue
  Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    group.forEach((field, value) -> fields.put(field.column(), value));
    fields.put("number_of_units", numberOfUnits);
    fields.put("total_amount", totalAmount);
    return fields;
  }
}
