package io.usageapi.totals;

import com.fasterxml.jackson.annotation.JsonValue;
import io.usageapi.aggregate.Dimension;
import java.math.BigDecimal;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The sums of a group of aggregates.
 *
 * @param group the fields grouped by and their values, which may be null
 * @param numberOfUnits null for the unit {@code OTHER}, which is many units
 */
public record Total(
    Map<Dimension, Object> group, BigDecimal numberOfUnits, BigDecimal totalAmount) {
  public Total {
    group = Collections.unmodifiableMap(new EnumMap<>(group));
  }

  /** The JSON object, with only the fields grouped by. */
  @JsonValue
  Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    group.forEach((field, value) -> fields.put(field.column(), value));
    fields.put("number_of_units", numberOfUnits);
    fields.put("total_amount", totalAmount);
    return fields;
  }
}
