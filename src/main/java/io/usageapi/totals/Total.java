package io.usageapi.totals;

import com.fasterxml.jackson.core.io.SerializedString;
import io.usageapi.aggregate.Dimension;
import io.usageapi.group.Grouped;
import io.usageapi.json.JsonFields;
import io.usageapi.usage.Include;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * The sums of a group of aggregates.
 *
 * @param numberOfUnits null if the group has several units
 * @param share the part of the currency's sum over the whole selection; null if that sum is not
 *     positive
 * @param included the additional fields that are no fields of the group
 */
public record Total(
    Map<Dimension, Object> group,
    BigDecimal numberOfUnits,
    BigDecimal totalAmount,
    BigDecimal share,
    Map<Include, Object> included)
    implements JsonFields, Grouped {
  private static final int SHARE_PLACES = 6;

  private static final SerializedString NUMBER_OF_UNITS = new SerializedString("number_of_units");
  private static final SerializedString TOTAL_AMOUNT = new SerializedString("total_amount");
  private static final SerializedString SHARE = new SerializedString("share");

  public Total {
    group = Collections.unmodifiableMap(new EnumMap<>(group));
    included = Collections.unmodifiableMap(included);
  }

  /** The part of a sum, or null if the sum is not positive. */
  static BigDecimal share(BigDecimal amount, BigDecimal sum) {
    return sum.signum() > 0 ? amount.divide(sum, SHARE_PLACES, RoundingMode.HALF_EVEN) : null;
  }

  @Override
  public <E extends Exception> void fields(Sink<E> sink) throws E {
    for (Map.Entry<Dimension, Object> field : group.entrySet()) {
      sink.field(field.getKey().wireName(), field.getValue());
    }
    sink.field(NUMBER_OF_UNITS, numberOfUnits);
    sink.field(TOTAL_AMOUNT, totalAmount);
    sink.field(SHARE, share);
    for (Map.Entry<Include, Object> field : included.entrySet()) {
      sink.field(field.getKey().wireName(), field.getValue());
    }
  }
}
