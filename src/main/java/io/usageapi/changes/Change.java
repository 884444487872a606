package io.usageapi.changes;

import com.fasterxml.jackson.core.io.SerializedString;
import io.usageapi.aggregate.Dimension;
import io.usageapi.group.Grouped;
import io.usageapi.json.JsonFields;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * How the sums of a group changed from one month to another.
 *
 * @param previousAmount 0 for a group that is new
 * @param currentAmount 0 for a group that is gone
 * @param previousUnits null unless both months have one and the same unit
 * @param currentUnits null unless both months have one and the same unit
 */
public record Change(
    Map<Dimension, Object> group,
    BigDecimal previousAmount,
    BigDecimal currentAmount,
    BigDecimal previousUnits,
    BigDecimal currentUnits)
    implements JsonFields, Grouped {
  /** The places of a part after the point, unless the change has more. */
  private static final int PLACES = 10;

  private static final SerializedString PREVIOUS_AMOUNT = new SerializedString("previous_amount");
  private static final SerializedString CURRENT_AMOUNT = new SerializedString("current_amount");
  private static final SerializedString CHANGE = new SerializedString("change");
  private static final SerializedString PREVIOUS_UNITS = new SerializedString("previous_units");
  private static final SerializedString CURRENT_UNITS = new SerializedString("current_units");
  private static final SerializedString BY_QUANTITY = new SerializedString("by_quantity");
  private static final SerializedString BY_PRICE = new SerializedString("by_price");

  public Change {
    group = Collections.unmodifiableMap(new EnumMap<>(group));
  }

  /** A change without values. */
  static Change withoutValues(Map<Dimension, Object> group) {
    return new Change(group, BigDecimal.ZERO, BigDecimal.ZERO, null, null);
  }

  /** By how much the amount rose. */
  BigDecimal change() {
    return currentAmount.subtract(previousAmount);
  }

  /**
   * By how much it rose because the quantity did: the difference of the units, times the previous
   * amount per unit. At a constant price that is the whole change, to the last digit, as it is
   * rounded to no fewer places than the change has.
   *
   * @return null if there is no previous amount per unit
   */
  BigDecimal byQuantity() {
    if (previousUnits == null || previousUnits.signum() == 0) {
      return null;
    }
    return currentUnits
        .subtract(previousUnits)
        .multiply(previousAmount)
        .divide(previousUnits, Math.max(PLACES, change().scale()), RoundingMode.HALF_EVEN);
  }

  @Override
  public <E extends Exception> void fields(Sink<E> sink) throws E {
    for (Map.Entry<Dimension, Object> field : group.entrySet()) {
      sink.field(field.getKey().wireName(), field.getValue());
    }
    sink.field(PREVIOUS_AMOUNT, previousAmount);
    sink.field(CURRENT_AMOUNT, currentAmount);
    sink.field(CHANGE, change());
    sink.field(PREVIOUS_UNITS, previousUnits);
    sink.field(CURRENT_UNITS, currentUnits);
    BigDecimal byQuantity = byQuantity();
    sink.field(BY_QUANTITY, byQuantity);
    sink.field(BY_PRICE, byQuantity == null ? null : change().subtract(byQuantity));
  }
}
