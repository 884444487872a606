package io.usageapi.totals;

import com.fasterxml.jackson.core.io.SerializedString;
import io.usageapi.aggregate.Dimension;
import io.usageapi.json.JsonFields;
import java.math.BigDecimal;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * The sums of a group of aggregates.
 *
 * @param group the fields grouped by and their values, which may be null
 * @param numberOfUnits null for the unit {@code OTHER} without a word, which is many units
 */
public record Total(Map<Dimension, Object> group, BigDecimal numberOfUnits, BigDecimal totalAmount)
    implements JsonFields {
  private static final SerializedString NUMBER_OF_UNITS = new SerializedString("number_of_units");
  private static final SerializedString TOTAL_AMOUNT = new SerializedString("total_amount");

  public Total {
    group = Collections.unmodifiableMap(new EnumMap<>(group));
  }

  /** A field that was not grouped by is absent. */
  @Override
  public <E extends Exception> void fields(Sink<E> sink) throws E {
    for (Map.Entry<Dimension, Object> field : group.entrySet()) {
      sink.field(field.getKey().wireName(), field.getValue());
    }
    sink.field(NUMBER_OF_UNITS, numberOfUnits);
    sink.field(TOTAL_AMOUNT, totalAmount);
  }
}
